import { ASK, BID } from '#schemas/levels.js'
import { costOf, mulDivFloor } from '#schemas/units.js'
import { execute, type BookView } from '#engine/book/view.js'
import type { MarketFacts } from '#engine/core/market.js'
import { takerFee, venueNamed } from '#engine/venues/registry.js'
import type { Context, Intent, StrategyEvent } from './strategy.js'

/** When a position is sold before its market is decided. Gains in bps of its cost, 0 for a rule that is off. */
export interface ExitRules {
  readonly take_profit_bps: number
  readonly stop_bps: number
  /** A trailing stop begins at this gain … */
  readonly trail_from_bps: number
  /** … and sells once the gain has fallen this far below its highest. */
  readonly trail_bps: number
  /** Least and most time that it is held, ms. */
  readonly hold_min_ms: number
  readonly hold_max_ms: number
  /** How often it is looked at while its book does not move, ms. */
  readonly check_ms: number
  /** A token is not bought again for so long after it was sold, ms. */
  readonly rest_ms: number
}

/** What an instance bought of one token, and holds. Sizes in 1e-6 share, money in 1e-6 dollar. */
interface Held {
  readonly token: number
  readonly market: number
  size: number
  /** What it cost, fees included. */
  cost: number
  sinceUs: number
  /** Highest gain seen, bps of cost. */
  peak: number
  /** Whether an order to sell it is on its way. */
  isLeaving: boolean
}

/** What an instance remembers of its positions, by token. */
export interface Positions {
  readonly held: Map<number, Held>
  /** Until when a token that was sold is not bought again, µs. */
  readonly resting: Map<number, number>
  /** Until when a signal that wants a token may still buy it, µs. */
  readonly wanted: Map<number, number>
}

/** The memory of an instance that holds nothing yet. */
export const noPositions = (): Positions => ({
  held: new Map(),
  resting: new Map(),
  wanted: new Map(),
})

/** Whether a token may be bought: it is neither held nor wanted already, does not rest, and with it there are no more than so many. */
export function isFree(
  { held, resting, wanted }: Positions,
  token: number,
  { tUs, most }: { readonly tUs: number; readonly most: number },
): boolean {
  for (const [one, untilUs] of wanted) if (tUs >= untilUs) wanted.delete(one)
  const isTaken = held.has(token) || wanted.has(token) || tUs < (resting.get(token) ?? 0)
  return !isTaken && held.size + wanted.size < most
}

/** Timers of exits, by token. */
const PREFIX = 'exit '

/** What follows for positions from anything that an instance is told. */
export function exitsAfter(
  event: StrategyEvent,
  positions: Positions,
  rules: ExitRules,
  context: Context,
): readonly Intent[] {
  const { held } = positions
  switch (event.tag) {
    case 'fill':
      return filled(event, positions, rules, context)
    case 'order': {
      const of = held.get(event.token)
      if (of && event.side === ASK && event.state !== 'resting') {
        of.isLeaving = false
        return [timerOf(of, rules, context)]
      }
      return []
    }
    case 'refused': {
      const of = held.get(event.token)
      if (!of || event.side !== ASK) return []
      of.isLeaving = false
      return [timerOf(of, rules, context)]
    }
    case 'position':
      // Sold by somebody else of the purse, or paid: there is nothing left to sell.
      if (event.size === 0) held.delete(event.token)
      return []
    case 'book':
      return event.market.tokens.flatMap(token => looked(token, positions, rules, context, false))
    case 'timer': {
      const token = Number(event.key.slice(PREFIX.length))
      return looked(token, positions, rules, context, true)
    }
    case 'group':
    case 'trade':
    case 'reference':
      return []
  }
}

function filled(
  { token, side, price, size }: Extract<StrategyEvent, { readonly tag: 'fill' }>,
  { held, resting, wanted }: Positions,
  rules: ExitRules,
  context: Context,
): readonly Intent[] {
  const market = context.marketOf(token)
  const facts = market === undefined ? undefined : context.market(market)
  if (market === undefined || !facts) return []
  const of = held.get(token)
  if (side === BID) {
    const cost = costOf(price, size) + takerFee(facts, price, size)
    if (of) {
      of.size += size
      of.cost += cost
      return []
    }
    wanted.delete(token)
    const fresh = { token, market, size, cost, sinceUs: context.tUs, peak: 0, isLeaving: false }
    held.set(token, fresh)
    return [timerOf(fresh, rules, context)]
  }
  if (!of) return []
  const sold = Math.min(size, of.size)
  of.cost -= mulDivFloor(of.cost, sold, of.size)
  of.size -= sold
  if (of.size > 0) return []
  held.delete(token)
  resting.set(token, context.tUs + rules.rest_ms * 1_000)
  return []
}

/** The order that sells a position, where one of the rules says so; a timer where its time came and none did. */
function looked(
  token: number,
  { held }: Positions,
  rules: ExitRules,
  context: Context,
  isTimer: boolean,
): readonly Intent[] {
  const of = held.get(token)
  const facts = of && context.market(of.market)
  if (!of || !facts || facts.isResolved || of.isLeaving) return []
  const again = isTimer ? [timerOf(of, rules, context)] : []
  const sale = saleOf(of.size, context.book(token), facts)
  if (!sale) return again
  const gain = mulDivFloor(
    sale.proceeds - costOfPart(of, sale.size),
    10_000,
    costOfPart(of, sale.size),
  )
  of.peak = Math.max(of.peak, gain)
  const purpose = reasonFor(gain, context.tUs - of.sinceUs, of, rules)
  if (purpose === undefined) return again
  of.isLeaving = true
  const { limit, size } = sale
  return [{ tag: 'order', token, side: ASK, limit, size, tif: 'FAK', purpose }]
}

const costOfPart = ({ size, cost }: Held, part: number): number =>
  Math.max(1, mulDivFloor(cost, part, size))

/** What selling now would bring: as much as the bids take, in whole size steps; undefined where that is less than an order may be. */
function saleOf(
  held: number,
  book: BookView,
  market: MarketFacts,
): { readonly size: number; readonly limit: number; readonly proceeds: number } | undefined {
  const { sizeStep } = venueNamed(market.rules)
  const fee = (at: number, part: number): number => takerFee(market, at, part)
  const { filled: most } = execute(book, { side: ASK, size: held - (held % sizeStep) })
  const size = most - (most % sizeStep)
  if (size < Math.max(market.minSize, sizeStep)) return undefined
  const { worst: limit, cash, fee: fees } = execute(book, { side: ASK, size, fee })
  return { size, limit, proceeds: cash - fees }
}

function reasonFor(
  gain: number,
  heldUs: number,
  { peak }: Held,
  rules: ExitRules,
): string | undefined {
  if (heldUs < rules.hold_min_ms * 1_000) return undefined
  if (rules.stop_bps > 0 && gain <= -rules.stop_bps) return 'stop'
  if (rules.take_profit_bps > 0 && gain >= rules.take_profit_bps) return 'take-profit'
  const isTrailing = rules.trail_bps > 0 && peak >= rules.trail_from_bps
  if (isTrailing && gain <= peak - rules.trail_bps) return 'trailing-stop'
  if (rules.hold_max_ms > 0 && heldUs >= rules.hold_max_ms * 1_000) return 'time'
  return undefined
}

const timerOf = ({ token }: Held, { check_ms }: ExitRules, { tUs }: Context): Intent => ({
  tag: 'timer',
  key: `${PREFIX}${token}`,
  atUs: tUs + check_ms * 1_000,
})
