import { DECISION_KEYS, type DecisionConfig } from '#schemas/config.js'
import { ASK, BID } from '#schemas/levels.js'
import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import { venueNamed } from '#engine/venues/registry.js'
import { NONE, strategy, type Context, type Intent } from './strategy.js'

type Params = DecisionConfig['quoting']

/** Markets that it quotes, by the timer that refreshes each. */
type Memory = Map<string, number>

/**
 * A plain market maker on YES of each binary market: a bid and an ask around the mid, both lower the more it holds, no bid
 * beyond the inventory cap, no ask for shares that it does not hold. It shows how a strategy quotes; it is no business.
 */
export const quoting = strategy<Params, Memory>({
  name: 'quoting',
  doc: 'quotes both sides of each market around its mid, within an inventory cap',
  version: 1,
  params: DECISION_KEYS.quoting,
  subscribes: () => ({
    // Both tokens: a market is shown when either is touched, and each look sets the timer anew.
    books: ({ tokens }) =>
      tokens[0] === undefined
        ? undefined
        : { test: 'touched', limit: 0, tokens: Object.values(tokens) },
    fills: true,
    positions: true,
  }),
  init: () => new Map(),
  on: (event, context) => {
    switch (event.tag) {
      case 'book':
        return quotesOf(event.market, context)
      case 'fill':
      case 'position': {
        const id = context.marketOf(event.token)
        const market = id === undefined ? undefined : context.market(id)
        return market ? quotesOf(market, context) : NONE
      }
      case 'timer': {
        const id = context.memory.get(event.key)
        const market = id === undefined ? undefined : context.market(id)
        return market ? quotesOf(market, context) : NONE
      }
      case 'group':
      case 'trade':
      case 'order':
      case 'refused':
      case 'reference':
        return NONE
    }
  },
})

/** Both targets for YES of a market as its book stands, and when to look again. */
function quotesOf(
  { market, rules, tokens: [yes], minSize }: MarketFacts,
  { book, position, tUs, params, memory }: Context & { params: Params; memory: Memory },
): readonly Intent[] {
  if (yes === undefined) return NONE
  const { bestBid, bestAsk, tick } = book(yes)
  if (bestBid <= 0 || bestAsk >= PRICE_MAX) return both(yes, undefined, undefined)
  const { half_spread_bps, size_micro, inventory_max_micro: most, lean_bps, refresh_ms } = params
  const held = position(yes)
  const lean = mulDivFloor(lean_bps, Math.min(held, most), most)
  const mid = (bestBid + bestAsk) / 2 - lean
  // Away from the mid, to the tick: a bid rounds down and an ask up. Neither would match at once.
  const bid = Math.min(Math.floor((mid - half_spread_bps) / tick) * tick, bestAsk - tick)
  const ask = Math.max(Math.ceil((mid + half_spread_bps) / tick) * tick, bestBid + tick)
  const { sizeStep } = venueNamed(rules)
  const least = Math.max(minSize, sizeStep)
  const buys = stepped(Math.min(size_micro, most - held), { sizeStep, least })
  const sells = stepped(Math.min(size_micro, held), { sizeStep, least })
  const key = `refresh ${market}`
  memory.set(key, market)
  return [
    ...both(
      yes,
      bid >= tick ? { price: bid, size: buys } : undefined,
      ask <= PRICE_MAX - tick ? { price: ask, size: sells } : undefined,
    ),
    { tag: 'timer', key, atUs: tUs + refresh_ms * 1_000 },
  ]
}

interface Side {
  readonly price: number
  readonly size: number
}
const PULLED: Side = { price: 0, size: 0 }

function both(token: number, bid: Side | undefined, ask: Side | undefined): Intent[] {
  return [
    { tag: 'quote', token, side: BID, ...(bid && bid.size > 0 ? bid : PULLED) },
    { tag: 'quote', token, side: ASK, ...(ask && ask.size > 0 ? ask : PULLED) },
  ]
}

/** Whole size steps; nothing where that is below the market's least. */
function stepped(size: number, { sizeStep, least }: { sizeStep: number; least: number }): number {
  const whole = size - (size % sizeStep)
  return whole < least ? 0 : whole
}
