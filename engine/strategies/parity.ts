import type { SignalLeg } from '#schemas/events/signal.js'
import { ASK, BID } from '#schemas/levels.js'
import type { DecisionConfig } from '#schemas/config.js'
import { mulDivFloor, price, PRICE_MAX, shares, type FeeSchedule } from '#schemas/units.js'
import { execute, type BookView } from '#engine/book/view.js'
import type { MarketFacts } from '#engine/core/market.js'
import type { Proposal, Strategy } from './strategy.js'

/** The venue takes sizes of two decimals: 0.01 share. Source: Polymarket order rules, seen 2026-10. */
const SIZE_STEP = 10_000

/**
 * Binary parity: when one share of each outcome together costs less than the dollar that one of them will pay, after fees,
 * buy equal shares of both. It takes levels as long as the next share still earns the least edge, and its limits are the
 * worst levels touched, so that all it counted on can fill.
 */
export function parity({
  parity: { min_edge_bps, size_max_micro, ttl_ms },
}: DecisionConfig): Strategy {
  const offered = new Map<number, string>()
  return {
    name: 'parity',
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
      const size = worthwhile(yes, no, market, min_edge_bps, size_max_micro)
      if (size < market.minSize) return undefined
      const proposal = propose({ market, yesToken, noToken, yes, no, size, ttlMs: ttl_ms })
      if (proposal.edge < min_edge_bps) return undefined
      const [a, b] = proposal.legs
      const offer = `${a?.limit}/${b?.limit}/${size}`
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

/** Shares for which the next pair still earns at least the least edge, in whole size steps. */
function worthwhile(
  yes: BookView,
  no: BookView,
  fees: FeeSchedule,
  minEdge: number,
  most: number,
): number {
  const a = levelsOf(yes, most)
  const b = levelsOf(no, most)
  let [size, i, j] = [0, 0, 0]
  while (i < a.length && j < b.length && size < most) {
    const [ask, left] = [a[i]!, a[i + 1]!]
    const [otherAsk, otherLeft] = [b[j]!, b[j + 1]!]
    const edge = PRICE_MAX - ask - otherAsk - feePerShare(ask, fees) - feePerShare(otherAsk, fees)
    if (edge < minEdge) break
    const part = Math.min(left, otherLeft, most - size)
    size += part
    if (part === left) i += 2
    else a[i + 1] = left - part
    if (part === otherLeft) j += 2
    else b[j + 1] = otherLeft - part
  }
  return size - (size % SIZE_STEP)
}

function propose(of: {
  market: MarketFacts
  yesToken: number
  noToken: number
  yes: BookView
  no: BookView
  size: number
  ttlMs: number
}): Proposal {
  const { market, yes, no, size } = of
  const first = execute(yes, { side: BID, size, fees: market })
  const second = execute(no, { side: BID, size, fees: market })
  const cost = first.cash + second.cash
  const fee = first.fee + second.fee
  // One share of the pair pays one dollar, so `size` in 1e-6 share is the payout in 1e-6 dollar.
  const edge = mulDivFloor(size - cost - fee, 10_000, size)
  const leg = (token: number, book: BookView, worst: number): SignalLeg => ({
    token,
    side: BID,
    limit: price(worst),
    size: shares(size),
    bid: price(book.bestBid),
    ask: price(book.bestAsk),
  })
  const legs = [leg(of.yesToken, yes, first.worst), leg(of.noToken, no, second.worst)] as const
  return { market: market.market, size, cost, fee, edge, ttlMs: of.ttlMs, legs }
}

/** Ask levels, flat and best first, until `most` shares are covered. */
function levelsOf(book: BookView, most: number): number[] {
  const levels: number[] = []
  let depth = 0
  book.walk(ASK, (at, size) => {
    levels.push(at, size)
    depth += size
    return depth < most
  })
  return levels
}

/** Fee of one share in 1e-4 dollar, a real number made of × and ÷ alone. */
function feePerShare(at: number, { feeRate, feeExponent }: FeeSchedule): number {
  let fee = feeRate
  for (let k = 0; k < feeExponent; k++) fee = (fee * at * (PRICE_MAX - at)) / 100_000_000
  return fee
}
