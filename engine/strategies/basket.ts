import type { DecisionConfig } from '#schemas/config.js'
import { PRICE_MAX } from '#schemas/units.js'
import { completeSets, offerOf } from './sets.js'
import type { Strategy } from './strategy.js'

/** Fewer outcomes than this are a matter for parity. */
const OUTCOMES_MIN = 2

/**
 * Negative-risk basket: one YES of every outcome of an event of which exactly one pays. Only over a complete set: with an
 * outcome missing, or one that may still be added or split, the whole basket can be worth nothing, and is no arbitrage.
 */
export function basket({
  basket: { min_edge_bps, size_max_micro, ttl_ms },
}: DecisionConfig): Strategy {
  const offered = new Map<string, string>()
  const wanted = { minEdge: min_edge_bps, most: size_max_micro, ttlMs: ttl_ms }
  return {
    name: 'basket',
    watchGroup: ({ open, isComplete }) => {
      const tokens = open.flatMap(({ tokens: [first] }) => (first === undefined ? [] : [first]))
      const isWhole = isComplete && open.length >= OUTCOMES_MIN && tokens.length === open.length
      return isWhole ? { test: 'asks', limit: PRICE_MAX - min_edge_bps, tokens } : undefined
    },
    lookAtGroup: ({ group, open, isComplete }, world) => {
      if (!isComplete || open.length < OUTCOMES_MIN) return undefined
      const outcomes = open.flatMap(market => {
        const [token] = market.tokens
        return token === undefined ? [] : [{ token, book: world.book(token), market }]
      })
      const proposal = outcomes.length === open.length ? completeSets(outcomes, wanted) : undefined
      if (!proposal) {
        if (offered.size > 0) offered.delete(group)
        return undefined
      }
      const offer = offerOf(proposal)
      if (offered.get(group) === offer) return undefined // still the same offer
      offered.set(group, offer)
      return { ...proposal, group }
    },
    save: () => offered,
    load: saved => {
      // What `save` above gave.
      for (const [key, offer] of saved as typeof offered) offered.set(key, offer)
    },
  }
}
