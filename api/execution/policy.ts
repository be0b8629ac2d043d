import { BID } from '#schemas/levels.js'
import { costOf, PRICE_MAX } from '#schemas/units.js'
import { GATES } from '#schemas/reasons.js'
import { refusals } from '#engine/risk/gate.js'
import { TRUST_BITS } from '#engine/book/book.js'
import type { Intent, Proposal } from '#projections/desk/intents.js'
import type { RunView } from '../run/run-view.js'

/** What an operator may confirm: the limits of semi-automatic orders, besides the engine's own. Cash in 1e-6 dollar. */
export interface Policy {
  readonly notionalMax: number
  readonly openMax: number
  readonly dailyMax: number
  readonly slippageBps: number
}

/** The limits that hold where nobody sets others. */
export const POLICY: Policy = {
  notionalMax: 200_000_000,
  openMax: 2,
  dailyMax: 1_000_000_000,
  slippageBps: 80,
}

/** Whether an intent may be confirmed now, every reason against it, and the figures that they rest on. */
export interface Verdict {
  readonly approved: boolean
  readonly reasons: readonly string[]
  readonly notional: number
  readonly openIntents: number
  readonly dayNotional: number
}

const DAY_US = 86_400_000_000
const OPEN: ReadonlySet<Intent['status']> = new Set(['suggested', 'sent'])
const SPENT: ReadonlySet<Intent['status']> = new Set(['sent', 'filled'])

/**
 * What speaks against an intent as the run stands: the policy's limits, its books, then the reasons of the engine's gate as far as the
 * log shows them. The gate itself has the last word when it is confirmed.
 */
export function verdictOn(
  view: RunView,
  { intent, legs }: Proposal,
  { policy, intents }: { policy: Policy; intents: readonly Intent[] },
): Verdict {
  const notional = notionalOf(legs)
  const others = intents.filter(one => one.intent !== intent)
  const openIntents = others.filter(({ status }) => OPEN.has(status)).length
  const today = Math.floor(view.moment.tUs / DAY_US)
  const dayNotional = others
    .filter(one => SPENT.has(one.status) && Math.floor(one.createdUs / DAY_US) === today)
    .reduce((sum, one) => sum + notionalOf(one.legs), 0)
  const reasons: string[] = []
  if (notional > policy.notionalMax) reasons.push('per-order notional exceeded')
  if (openIntents >= policy.openMax) reasons.push('max concurrent intents reached')
  if (dayNotional + notional > policy.dailyMax) reasons.push('daily notional cap reached')
  reasons.push(...bookReasons(view, legs, policy))
  reasons.push(...gateReasons(view, legs, notional))
  return { approved: reasons.length === 0, reasons, notional, openIntents, dayNotional }
}

/** What the legs cost at their limits; what is sold counts as much. */
export const notionalOf = (legs: Proposal['legs']): number =>
  legs.reduce((sum, [, , limit, size]) => sum + costOf(limit, size), 0)

/** The worst price within the policy's slippage of what the book asks or bids now; undefined where it says nothing. */
export function worstPrice(
  view: RunView,
  { token, side }: { token: number; side: number },
  { slippageBps }: Policy,
): number | undefined {
  const book = view.books.view(token)
  if (!book) return undefined
  const reference = side === BID ? book.bestAsk : book.bestBid
  if (reference <= 0 || reference >= PRICE_MAX) return undefined
  const { tick } = book
  // A buy rounds down and a sell up to the tick: the slippage is never exceeded.
  return side === BID
    ? Math.floor((reference * (10_000 + slippageBps)) / 10_000 / tick) * tick
    : Math.ceil((reference * (10_000 - slippageBps)) / 10_000 / tick) * tick
}

function bookReasons(view: RunView, legs: Proposal['legs'], policy: Policy): string[] {
  const found = new Set<string>()
  for (const [token, side, limit] of legs) {
    const worst = worstPrice(view, { token, side }, policy)
    if (worst === undefined) found.add('no market depth')
    else if (side === BID ? limit > worst : limit < worst) found.add('slippage too high')
    if (limit <= 0 || limit >= PRICE_MAX) found.add('invalid reference price')
  }
  return [...found]
}

function gateReasons(view: RunView, legs: Proposal['legs'], notional: number): string[] {
  const { moment, world, books } = view
  const reasons: string[] = []
  if (moment.isEnded) reasons.push('run-ended')
  if (moment.mode === 'shadow') reasons.push('shadow-mode')
  if (moment.mode === 'import') reasons.push('import-mode')
  const risk = world.config?.risk
  if (!risk) return reasons
  const { positions, orders } = moment.exposure
  const { realised } = moment.pnl(
    () => 0,
    () => [],
  )
  const buys = legs.some(([, side]) => side === BID)
  const closed = GATES.filter(gate => [...moment.gates.keys()].includes(gate))
  reasons.push(
    ...refusals(
      {
        ...{ isStopped: moment.hardStop !== undefined, isPaused: moment.paused.size > 0 },
        ...{ isShuttingDown: false, isRecovering: false },
        ...{ hasCondition: moment.conditions.size > 0, open: 0, closed },
        isResolved: legs.some(([token]) => isResolved(view, token)),
        free: risk.bankroll_micro + realised - positions - orders,
        ...{ exposure: positions + orders, globalExposure: positions + orders },
        globalMax: risk.global_exposure_max_micro,
        books: legs.map(([token]) => ({
          distrust: books.view(token) ? books.distrustOf(token) : TRUST_BITS['no-snapshot'],
          ageUs: moment.tUs - (books.view(token)?.updatedUs ?? 0),
        })),
        limits: risk,
      },
      buys ? notional : 0,
    ),
  )
  return reasons
}

function isResolved({ catalog }: RunView, token: number): boolean {
  const market = catalog.tokens.get(token)?.market
  return market !== undefined && catalog.markets.get(market)?.resolved !== undefined
}
