import { DECISION_KEYS, type DecisionConfig } from '#schemas/config.js'
import { PRICE_MAX } from '#schemas/units.js'
import { completeSets, offerOf, setIntent } from './sets.js'
import { NONE, strategy } from './strategy.js'

/**
 * Binary parity: when one share of each outcome together costs less than the dollar that one of them will pay, after fees,
 * buy equal shares of both. Remembers the offer that it last took of each market, so that one offer is one signal.
 */
export const parity = strategy<DecisionConfig['parity'], Map<number, string>>({
  name: 'parity',
  doc: 'buys both outcomes of a market when they cost less than the dollar that they will pay',
  version: 1,
  params: DECISION_KEYS.parity,
  subscribes: ({ min_edge_bps }) => ({
    books: ({ tokens }) => {
      const isWhole = tokens.length === 2 && tokens[0] !== undefined
      return isWhole ? { test: 'asks', limit: PRICE_MAX - min_edge_bps, tokens } : undefined
    },
  }),
  init: () => new Map(),
  on: (event, { book, params, memory: offered }) => {
    if (event.tag !== 'book') return NONE
    const { market } = event
    const [yesToken, noToken] = market.tokens
    if (yesToken === undefined || noToken === undefined || market.tokens.length !== 2) return NONE
    const yes = book(yesToken)
    const no = book(noToken)
    const { min_edge_bps: minEdge, size_max_micro: most, ttl_ms: ttlMs } = params
    if (yes.bestAsk + no.bestAsk > PRICE_MAX - minEdge) {
      if (offered.size > 0) offered.delete(market.market)
      return NONE
    }
    const outcomes = [
      { token: yesToken, book: yes, market },
      { token: noToken, book: no, market },
    ]
    const proposal = completeSets(outcomes, { minEdge, most, ttlMs })
    if (!proposal) return NONE
    const offer = offerOf(proposal)
    if (offered.get(market.market) === offer) return NONE // still the same offer
    offered.set(market.market, offer)
    return setIntent(proposal)
  },
})
