import { DECISION_KEYS, type DecisionConfig } from '#schemas/config.js'
import type { SignalLeg } from '#schemas/events/signal.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { costOf, mulDivFloor, price, PRICE_MAX, shares } from '#schemas/units.js'
import { execute, type BookView } from '#engine/book/view.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import { takerFee, venueNamed } from '#engine/venues/registry.js'
import { setIntent } from './sets.js'
import { NONE, strategy, type Context, type Intent, type Proposal } from './strategy.js'

type Params = DecisionConfig['conversion']
type Own = Context & { readonly params: Params; readonly memory: Map<string, string> }

/** With two outcomes a conversion gives what the other side of the market already is. */
const OUTCOMES_MIN = 3

/**
 * Conversion: a share of NO of one outcome of an event can be turned into one of YES of every other. Where those are bid higher together
 * than the NO is offered, it is bought, converted, and they are sold. Only over complete events, and priced from the bids that it will
 * sell into. Remembers the offer that it last took of each event.
 */
export const conversion = strategy<Params, Map<string, string>>({
  name: 'conversion',
  doc: 'buys NO of one outcome of an event and sells what it converts into: YES of every other',
  version: 1,
  params: DECISION_KEYS.conversion,
  subscribes: () => ({
    groups: ({ open, isComplete }) =>
      isComplete && open.length >= OUTCOMES_MIN
        ? { test: 'touched', limit: 0, tokens: open.flatMap(({ tokens }) => Object.values(tokens)) }
        : undefined,
  }),
  init: () => new Map(),
  on: (event, context) => (event.tag === 'group' ? best(event.group, context) : NONE),
})

/** The conversions of an event that earn most, the best first; of equal ones that of the older market. */
function best(event: GroupFacts, context: Own): readonly Intent[] {
  const { group, open, isComplete } = event
  const { memory, params } = context
  const found: Proposal[] = []
  if (isComplete && open.length >= OUTCOMES_MIN)
    for (const market of open) {
      const proposal = proposalOf(market, event, context)
      if (proposal) found.push(proposal)
    }
  found.sort((a, b) => b.edge - a.edge || a.market - b.market)
  const wanted = found.slice(0, params.candidates_max)
  const offer = wanted.map(({ legs, size }) => `${legs[0]?.token}:${legs[0]?.limit}/${size}`).join()
  if (offer === (memory.get(group) ?? '')) return NONE // still the same offer
  if (offer === '') memory.delete(group)
  else memory.set(group, offer)
  return wanted.flatMap(proposal => setIntent({ ...proposal, group }))
}

/** One side that is walked: levels flat and best first, and where in them. */
interface Ladder {
  readonly levels: number[]
  at: number
}

function proposalOf(no: MarketFacts, { open }: GroupFacts, context: Own): Proposal | undefined {
  const { book, params } = context
  const [, token] = no.tokens
  const others = open.flatMap(market => {
    const [yes] = market.tokens
    return market === no || yes === undefined ? [] : [{ token: yes, market }]
  })
  if (token === undefined || others.length !== open.length - 1) return undefined
  const size = worthwhile({ token, market: no }, others, context)
  const least = open.reduce((most, { minSize }) => Math.max(most, minSize), 1)
  if (size < least) return undefined
  const bought = walked(no, book(token), { side: BID, size })
  if (costOf(bought.worst, size) < venueNamed(no.rules).marketableBuyMin) return undefined
  const legs = [legOf(token, BID, bought.worst, size, book(token))]
  let [earned, fee] = [0, bought.fee]
  for (const { token: yes, market } of others) {
    const sold = walked(market, book(yes), { side: ASK, size })
    earned += sold.cash
    fee += sold.fee
    legs.push(legOf(yes, ASK, sold.worst, size, book(yes)))
  }
  const edge = mulDivFloor(earned - bought.cash - fee - params.gas_micro, 10_000, size)
  if (edge < params.min_edge_bps) return undefined
  return {
    ...{ market: no.market, size, cost: bought.cash, fee, edge, ttlMs: params.ttl_ms, legs },
    converts: true,
    used: [
      ['earned-micro', earned],
      ['gas-micro', params.gas_micro],
    ],
  }
}

/** Shares for which the next one still earns the least edge before gas, in whole size steps. */
function worthwhile(
  no: { token: number; market: MarketFacts },
  others: readonly { token: number; market: MarketFacts }[],
  { book, params }: Own,
): number {
  const { min_edge_bps: minEdge, size_max_micro: most } = params
  const buys = ladderOf(book(no.token), ASK, most)
  const sells = others.map(({ token }) => ladderOf(book(token), BID, most))
  const all = [buys, ...sells]
  let size = 0
  while (size < most && all.every(({ levels, at }) => at < levels.length)) {
    const net = sells.reduce((sum, { levels, at }) => sum + levels[at]!, -buys.levels[buys.at]!)
    if (net < minEdge) break
    const part = all.reduce((n, { levels, at }) => Math.min(n, levels[at + 1]!), most - size)
    size += part
    for (const ladder of all) {
      ladder.levels[ladder.at + 1] = ladder.levels[ladder.at + 1]! - part
      if (ladder.levels[ladder.at + 1] === 0) ladder.at += 2
    }
  }
  const step = others.reduce(
    (n, { market }) => Math.max(n, venueNamed(market.rules).sizeStep),
    venueNamed(no.market.rules).sizeStep,
  )
  return size - (size % step)
}

function ladderOf(book: BookView, side: Side, most: number): Ladder {
  const levels: number[] = []
  let depth = 0
  book.walk(side, (at, size) => {
    levels.push(at, size)
    depth += size
    return depth < most
  })
  return { levels, at: 0 }
}

const walked = (market: MarketFacts, book: BookView, of: { side: Side; size: number }) =>
  execute(book, { ...of, fee: (at, part) => takerFee(market, at, part) })

function legOf(token: number, side: Side, limit: number, size: number, book: BookView): SignalLeg {
  const [bid, ask] = [price(book.bestBid), price(Math.min(book.bestAsk, PRICE_MAX))]
  return { token, side, limit: price(limit), size: shares(size), bid, ask }
}
