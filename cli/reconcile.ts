import { BID } from '#schemas/levels.js'
import type { EngineState } from '#engine/run/state.js'
import { Refusal } from './command.js'
import { replayRun } from './replay-run.js'
import { rowsOf, startOf } from './runs.js'
import type { OpenOrder, VenueAccount } from './venue-account.js'

/** A size or an amount here and at the venue; what is in flight explains anything in `least … most`. 1e-6. */
export interface Compared {
  readonly here: number
  readonly there: number
  readonly least: number
  readonly most: number
  readonly isSame: boolean
}

/** One token. */
export interface TokenCompared extends Compared {
  readonly token: number
  /** The venue's id. */
  readonly key: string
}

/** An order that only one of the two has open. */
export interface OrderDifference {
  /** Ours; empty where the run does not know it. */
  readonly order: string
  /** The venue's id. */
  readonly venueOrder: string
  readonly what: 'only here' | 'only at the venue' | 'over here, open at the venue'
  /** Whether it is on its way, or one of which nobody knows. */
  readonly isExplained: boolean
}

/** A run's state against the account at the venue. */
export interface Reconciled {
  readonly lastSeq: number
  readonly tokens: readonly TokenCompared[]
  readonly orders: readonly OrderDifference[]
  /** What the account's cash should be by the log; undefined where the venue never told the run. */
  readonly cash: Compared | undefined
  /** Tokens that the account holds and the run never listed, by the venue's id, 1e-6 share. */
  readonly elsewhere: ReadonlyMap<string, number>
}

/** Compares a run of real orders, as its log has it, with the account. Reads only. */
export async function reconciled(dir: string, account: VenueAccount): Promise<Reconciled> {
  const { data } = await startOf(dir)
  if (data.exchange !== 'venue')
    throw new Refusal(
      'not-live',
      `the run is of mode ${data.mode}: its exchange was simulated`,
      dir,
      'a run of mode live',
    )
  const { result, replay } = await replayRun(dir, { fromCheckpoint: true })
  if (!replay.loop || !result.identical)
    throw new Refusal(
      'diverged',
      'the log is not what its own inputs give: its state proves nothing',
      dir,
      `see 'polaris replay ${dir} --verify'`,
    )
  const { state } = replay.loop
  const [open, listed] = await Promise.all([account.openOrders(), account.listed()])
  const tokens = await tokensOf(state, listed, account)
  const known = new Set(tokens.map(({ key }) => key))
  return {
    ...{ lastSeq: result.lastSeq, tokens, orders: ordersOf(state, open) },
    cash: await cashOf(dir, state, account),
    elsewhere: new Map([...listed].filter(([key, size]) => size > 0 && !known.has(key))),
  }
}

/** Every token that the run holds, has in flight, or listed and the account holds. */
async function tokensOf(
  state: EngineState,
  listed: ReadonlyMap<string, number>,
  account: VenueAccount,
): Promise<TokenCompared[]> {
  const { purses, instruments, holdings } = state
  const ranges = holdings.ranges()
  const all = new Set<number>()
  for (const [token, { held, buys, sells }] of ranges)
    if (held !== 0 || buys + sells > 0) all.add(token)
  for (const key of listed.keys()) {
    const token = instruments.tokenOf('polymarket', key)
    if (token !== undefined) all.add(token)
  }
  const compared: TokenCompared[] = []
  for (const token of [...all].sort((a, b) => a - b)) {
    const key = instruments.native(token)?.token ?? ''
    const here = purses.held(token)
    const { buys, sells } = ranges.get(token) ?? { buys: 0, sells: 0 }
    const { balance: there } = await account.balance(key)
    compared.push({ token, key, ...against(here, there, here - sells, here + buys) })
  }
  return compared
}

function ordersOf({ oms }: EngineState, open: readonly OpenOrder[]): OrderDifference[] {
  const theirs = new Set(open.map(({ hash }) => hash))
  const ours = new Map([...oms.orders.values()].map(one => [one.venueOrder.toLowerCase(), one]))
  const found: OrderDifference[] = []
  for (const { id: order, venueOrder, result, acknowledged, queries, cancels } of ours.values()) {
    const isOpen = result === undefined || result === 'unknown'
    if (!isOpen || theirs.has(venueOrder.toLowerCase())) continue
    // One that was never answered may be on its way; one that is to be cancelled may be gone already.
    const isExplained = acknowledged === undefined || queries > 0 || cancels > 0
    found.push({ order, venueOrder, what: 'only here', isExplained })
  }
  for (const { hash } of open) {
    const known = ours.get(hash)
    if (!known) {
      const what = 'only at the venue' as const
      found.push({ order: '', venueOrder: hash, what, isExplained: false })
    } else if (known.result !== undefined && known.result !== 'unknown') {
      const what = 'over here, open at the venue' as const
      found.push({ order: known.id, venueOrder: hash, what, isExplained: false })
    }
  }
  return found
}

/** The first cash that the venue told the run, and everything that the run booked since; against what there is now. */
async function cashOf(
  dir: string,
  state: EngineState,
  account: VenueAccount,
): Promise<Compared | undefined> {
  let here: number | undefined
  let [payouts, fills] = [0, 0]
  for await (const rows of rowsOf(dir))
    for (const { event } of rows) {
      if (event.type === 'HoldingsReported') here ??= event.data.cash
      if (here === undefined) continue
      if (event.type === 'OrderFilled') fills++
      if (event.type === 'OrderFilled') here += event.data.cash - event.data.fee
      if (event.type === 'FillVoided') here -= event.data.cash - event.data.fee
      if (event.type === 'PositionSettled') payouts += event.data.payout
    }
  if (here === undefined) return undefined
  // Each fill is rounded against us by less than 1e-6 dollar; a payout comes when it is redeemed.
  let [least, most] = [here - fills, here + fills + payouts]
  const flight = (cash: number): void => {
    if (cash < 0) least += cash
    else most += cash
  }
  for (const { cash, fee } of state.oms.book.settlements.open.values()) flight(fee - cash)
  for (const { side, limit, size, filled, result } of state.oms.orders.values()) {
    if (result !== undefined && result !== 'unknown') continue
    const worth = Math.ceil(((size - filled) * (side === BID ? limit : 10_000)) / 10_000)
    flight(side === BID ? -2 * worth : worth) // with room for its fee
  }
  const { balance: there } = await account.balance()
  return against(here, there, least, most)
}

const against = (here: number, there: number, least: number, most: number): Compared => ({
  ...{ here, there, least, most, isSame: there >= least && there <= most },
})
