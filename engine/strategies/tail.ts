import { DECISION_KEYS, type DecisionConfig } from '#schemas/config.js'
import { BID } from '#schemas/levels.js'
import { mulDivFloor, PRICE_MAX } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import { exitsAfter, isFree, noPositions, type Positions } from './exits.js'
import { addTrade, flowOf, type Flow } from './flow.js'
import { outright } from './outright.js'
import { setIntent } from './sets.js'
import { NONE, strategy, type Context, type Intent, type StrategyEvent } from './strategy.js'

type Params = DecisionConfig['tail']

interface Vote {
  /** Probability of the first outcome, bps. */
  readonly bps: number
  readonly tUs: number
}

/** Positions; trades by market, as those of its first outcome; votes by the venue's id of the market. */
interface Memory {
  readonly positions: Positions
  readonly flow: Flow
  readonly votes: Map<string, Vote>
}

type Own = Context & { readonly params: Params; readonly memory: Memory }

/** Who votes: references of this source, named by the venue's id of the market, in bps of probability of its first outcome. */
export const VOTES = 'votes'

/**
 * Tail convergence: near its end a market's leading outcome is bought where more than its price speaks for it. A price alone is no
 * evidence against itself, so one of two things must be there that the price does not contain: which way others trade, or a vote from
 * outside. Time that has run down adds to them, and never suffices.
 */
export const tail = strategy<Params, Memory>({
  name: 'tail',
  doc: 'buys the leading outcome of a market near its end where trades or votes speak for it',
  version: 1,
  isDirectional: true,
  params: DECISION_KEYS.tail,
  subscribes: () => ({
    books: ({ tokens, endsUs }) =>
      tokens.length === 2 && endsUs !== undefined
        ? { test: 'touched', limit: 0, tokens: Object.values(tokens) }
        : undefined,
    trades: ({ tokens, endsUs }) => tokens.length === 2 && endsUs !== undefined,
    orders: true,
    fills: true,
    refusals: true,
    positions: true,
    references: true,
  }),
  init: () => ({ positions: noPositions(), flow: new Map(), votes: new Map() }),
  on: (event, context) => {
    const { memory, params } = context
    const exits = exitsAfter(event, memory.positions, params, context)
    if (exits.length > 0) return exits
    if (event.tag === 'trade') return traded(event, context)
    if (event.tag === 'reference') return voted(event, context)
    return event.tag === 'book' ? entry(event.market, context) : NONE
  },
})

function traded(
  { token, side, size }: Extract<StrategyEvent, { readonly tag: 'trade' }>,
  { marketOf, market: factsOf, memory, params, tUs }: Own,
): readonly Intent[] {
  const market = marketOf(token)
  const facts = market === undefined ? undefined : factsOf(market)
  if (market === undefined || !facts) return NONE
  // Who buys the second outcome sells the first.
  const isFor = (side === BID) === (facts.tokens[0] === token)
  addTrade(memory.flow, market, { tUs, size: isFor ? size : -size }, params.flow_window_ms)
  return NONE
}

function voted(
  { source, name, value: bps }: Extract<StrategyEvent, { readonly tag: 'reference' }>,
  { memory, tUs }: Own,
): readonly Intent[] {
  if (source === VOTES && bps >= 0 && bps <= 10_000) memory.votes.set(name, { bps, tUs })
  return NONE
}

function entry(market: MarketFacts, context: Own): readonly Intent[] {
  const { tUs, book, params, memory } = context
  const { tokens, endsUs } = market
  if (tokens.length !== 2 || endsUs === undefined) return NONE
  const leftMs = Math.floor((endsUs - tUs) / 1_000)
  if (leftMs <= 0 || leftMs > params.horizon_max_ms) return NONE
  const [lead, other] = leading(tokens, book)
  if (lead === undefined || other === undefined) return NONE
  const { positions } = memory
  const holdsSome = positions.held.has(lead) || positions.held.has(other)
  const isOpen = isFree(positions, lead, { tUs, most: params.positions_max })
  const view = book(lead)
  const { bestBid, bestAsk } = view
  if (holdsSome || !isOpen || bestBid <= 0 || bestAsk > params.price_max) return NONE
  const judged = judge(market, { lead, leftMs, mid: Math.floor((bestBid + bestAsk) / 2) }, context)
  if (!judged || judged.confidence < params.confidence_min_bps) return NONE
  // No level above what the confidence is worth after the least edge; the fee is seen below.
  const limit = Math.min(params.price_max, judged.confidence - params.min_edge_bps)
  const bought = outright(market, lead, { book: view, limit, most: params.size_max_micro })
  if (!bought) return NONE
  const { size, cost, fee, leg } = bought
  const worth = mulDivFloor(size, judged.confidence, PRICE_MAX)
  const edge = mulDivFloor(worth - cost - fee, 10_000, size)
  if (edge < params.min_edge_bps) return NONE
  positions.wanted.set(lead, tUs + params.ttl_ms * 1_000)
  return setIntent({
    ...{ market: market.market, size, cost, fee, edge, ttlMs: params.ttl_ms, legs: [leg] },
    used: judged.used,
  })
}

/** The outcome with the higher ask, and the other; none where one of them has no ask. */
function leading([first, second]: readonly number[], book: Own['book']): readonly number[] {
  if (first === undefined || second === undefined) return []
  const [one, two] = [book(first).bestAsk, book(second).bestAsk]
  if (one >= PRICE_MAX || two >= PRICE_MAX) return []
  return one >= two ? [first, second] : [second, first]
}

interface Judged {
  /** Probability of the leading outcome, bps. */
  readonly confidence: number
  readonly used: readonly (readonly [string, number])[]
}

/**
 * What speaks for the leading outcome besides its price (`mid`, bps): doubt is what the mid leaves to certainty; time that has run down
 * and trades on its side take parts of it away, trades on the other side add to it, and a vote moves what is left towards itself.
 * Nothing where neither trades nor a vote say anything.
 */
function judge(
  { key, market, tokens }: MarketFacts,
  { lead, leftMs, mid }: { lead: number; leftMs: number; mid: number },
  { params, memory, tUs }: Own,
): Judged | undefined {
  const isFirst = tokens[0] === lead
  const { total, net } = flowOf(memory.flow, market, tUs, params.flow_window_ms)
  const hasFlow = total >= params.flow_min_micro
  const vote = memory.votes.get(key)
  const hasVote = vote !== undefined && tUs - vote.tUs <= params.votes_ttl_ms * 1_000
  if (!hasFlow && !hasVote) return undefined
  const run = Math.max(0, params.horizon_max_ms - leftMs)
  const time = mulDivFloor(params.decay_bps, run, params.horizon_max_ms)
  const sided = hasFlow ? mulDivFloor(10_000, isFirst ? net : -net, total) : 0
  const flow = mulDivFloor(params.flow_bps, sided, 10_000)
  const doubt = PRICE_MAX - mid
  let confidence = mid + mulDivFloor(doubt, Math.min(10_000, time + flow), 10_000)
  const said = hasVote ? (isFirst ? vote.bps : 10_000 - vote.bps) : 0
  if (hasVote) confidence += mulDivFloor(params.votes_bps, said - confidence, 10_000)
  confidence = Math.max(0, Math.min(CERTAINTY, confidence))
  const used: [string, number][] = [
    ['mid-bps', mid],
    ['left-ms', leftMs],
    ['time-bps', time],
  ]
  if (hasFlow) used.push(['flow-bps', sided], ['flow-micro', total])
  if (hasVote) used.push(['vote-bps', said])
  used.push(['confidence-bps', confidence])
  return { confidence, used }
}

/** Nothing is more certain than this before it is decided, bps. */
const CERTAINTY = 9_990
