import type { DecisionConfig } from '#schemas/config.js'
import { PRICE_MAX } from '#schemas/units.js'
import { completeSets, offerOf } from './sets.js'
import type { Strategy } from './strategy.js'

/**
 * Binary parity: when one share of each outcome together costs less than the dollar that one of them will pay, after fees,
 * buy equal shares of both.
 */
export function parity({
  parity: { min_edge_bps, size_max_micro, ttl_ms },
}: DecisionConfig): Strategy {
  const offered = new Map<number, string>()
  const wanted = { minEdge: min_edge_bps, most: size_max_micro, ttlMs: ttl_ms }
  return {
    name: 'parity',
    watch: ({ tokens }) => {
      const isWhole = tokens.length === 2 && tokens[0] !== undefined
      return isWhole ? { test: 'asks', limit: PRICE_MAX - min_edge_bps, tokens } : undefined
    },
    look: (market, world) => {
      const [yesToken, noToken] = market.tokens
      if (yesToken === undefined || noToken === undefined || market.tokens.length !== 2)
        return undefined
      const yes = world.book(yesToken)
      const no = world.book(noToken)
      if (yes.bestAsk + no.bestAsk > PRICE_MAX - min_edge_bps) {
        if (offered.size > 0) offered.delete(market.market)
        return undefined
      }
      const outcomes = [
        { token: yesToken, book: yes, market },
        { token: noToken, book: no, market },
      ]
      const proposal = completeSets(outcomes, wanted)
      if (!proposal) return undefined
      const offer = offerOf(proposal)
      if (offered.get(market.market) === offer) return undefined // still the same offer
      offered.set(market.market, offer)
      return proposal
    },
    save: () => offered,
    load: saved => {
      // What `save` above gave.
      for (const [market, offer] of saved as typeof offered) offered.set(market, offer)
    },
  }
}
