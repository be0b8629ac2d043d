import { DECISION_KEYS, type DecisionConfig } from '#schemas/config.js'
import { PRICE_MAX } from '#schemas/units.js'
import { completeSets, offerOf, setIntent } from './sets.js'
import { NONE, strategy } from './strategy.js'

/** Fewer outcomes than this are a matter for parity. */
const OUTCOMES_MIN = 2

/**
 * Negative-risk basket: one YES of every outcome of an event of which exactly one pays. Only over a complete set: with an
 * outcome missing, or one that may still be added or split, the whole basket can be worth nothing, and is no arbitrage.
 */
export const basket = strategy<DecisionConfig['basket'], Map<string, string>>({
  name: 'basket',
  doc: 'buys every outcome of an event when they cost less than the dollar that one of them will pay',
  version: 1,
  params: DECISION_KEYS.basket,
  subscribes: ({ min_edge_bps }) => ({
    groups: ({ open, isComplete }) => {
      const tokens = open.flatMap(({ tokens: [first] }) => (first === undefined ? [] : [first]))
      const isWhole = isComplete && open.length >= OUTCOMES_MIN && tokens.length === open.length
      return isWhole ? { test: 'asks', limit: PRICE_MAX - min_edge_bps, tokens } : undefined
    },
  }),
  init: () => new Map(),
  on: (event, { book, params, memory: offered }) => {
    if (event.tag !== 'group') return NONE
    const { group, open, isComplete } = event.group
    if (!isComplete || open.length < OUTCOMES_MIN) return NONE
    const outcomes = open.flatMap(market => {
      const [token] = market.tokens
      return token === undefined ? [] : [{ token, book: book(token), market }]
    })
    const { min_edge_bps: minEdge, size_max_micro: most, ttl_ms: ttlMs } = params
    const isWhole = outcomes.length === open.length
    const proposal = isWhole ? completeSets(outcomes, { minEdge, most, ttlMs }) : undefined
    if (!proposal) {
      if (offered.size > 0) offered.delete(group)
      return NONE
    }
    const offer = offerOf(proposal)
    if (offered.get(group) === offer) return NONE // still the same offer
    offered.set(group, offer)
    return setIntent({ ...proposal, group })
  },
})
