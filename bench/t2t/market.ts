import { BookSnapshot } from '#schemas/events/feed.js'
import { MarketListed, TokenListed } from '#schemas/events/market.js'
import type { Event } from '#schemas/registry.js'
import { bps, price, shares } from '#schemas/units.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'

/** Binary markets whose frames arrive. Token 2m + 1 is YES of market m, 2m + 2 its NO. */
export const MARKETS = 50
/** One frame in so many offers both outcomes for less than a dollar. */
export const OFFER_EVERY = 20

const encoder = new TextEncoder()
const HUNDRED_SHARES = 100_000_000
/** Best bid and ask of YES and of NO, 1e-4 dollar: both asks together cost $1.01. */
const BEST = [
  [4_700, 5_000],
  [4_600, 5_100],
] as const
/** What NO is offered for where both together cost less than a dollar. */
const CHEAP = 4_700

/** One frame of the venue's market channel, as its bytes. */
export interface Frame {
  readonly bytes: Uint8Array
  /** It makes an offer that the rules are to take. */
  readonly isOffer: boolean
}

/** What lists the markets and states their books, before any frame. */
export function openings(): Event[] {
  const events: Event[] = []
  for (let market = 0; market < MARKETS; market++) {
    const facts = { venue: 'sim', key: `m${market}`, question: '', group: '' }
    const costs = { negRisk: false, minSize: shares(5_000_000), feeRate: bps(0), feeExponent: 1 }
    events.push(MarketListed.make({ market, ...facts, ...costs, inferred: false }))
    for (const index of [0, 1]) {
      const [token, outcome] = [2 * market + 1 + index, index === 0 ? 'Yes' : 'No']
      const of = { token, market, index, outcome, tick: price(100) }
      events.push(TokenListed.make({ ...of, key: assetOf(token) }))
      const levels = (from: number, by: number): number[] =>
        Array.from({ length: 20 }, (_, k) => [from + by * k, HUNDRED_SHARES]).flat()
      const [bid, ask] = BEST[index]!
      events.push(BookSnapshot.make({ token, bids: levels(bid, -100), asks: levels(ask, 100) }))
    }
  }
  return events
}

/** The venue's id of a token: 77 decimal digits. */
export const assetOf = (token: number): string =>
  `${(1e16 + token * 7_919).toString()}${'48291'.repeat(12)}`

/** Frames of two changes each: sizes that move at and near the touch, and now and then an offer that then goes again. */
export function* framesOf(count: number, seed: number): Generator<Frame> {
  const random = prng(seed, 't2t')
  let open: number | undefined
  for (let k = 0; k < count; k++) {
    const isOffer = k % OFFER_EVERY === OFFER_EVERY - 1
    if (isOffer) {
      open = Math.floor(k / OFFER_EVERY) % MARKETS
      yield { bytes: offer(open, 20 + random.below(50)), isOffer }
    } else if (open !== undefined) {
      yield { bytes: offer(open, 0), isOffer }
      open = undefined
    } else yield { bytes: quiet(random, k), isOffer }
  }
}

/** A new size at a level of each outcome, at the touch or near it. */
function quiet(random: Prng, k: number): Uint8Array {
  const market = random.below(MARKETS)
  const size = 50 + random.below(5_000) / 100
  const changes = [0, 1].map(index => {
    const isBid = random.oneIn(2)
    const [bid, ask] = BEST[index]!
    const depth = 100 * random.below(4)
    const at = isBid ? bid - depth : ask + depth
    return row(2 * market + 1 + index, isBid ? 'BUY' : 'SELL', { at, size, best: [bid, ask] })
  })
  return frame(k, changes)
}

/** An ask of NO of `size` shares that is too low, or its end where that is 0; and the size of YES's ask. */
function offer(market: number, size: number): Uint8Array {
  const [yes, no] = BEST
  const best = [no[0], size > 0 ? CHEAP : no[1]] as const
  return frame(size, [
    row(2 * market + 1, 'SELL', { at: yes[1], size: 100, best: yes }),
    row(2 * market + 2, 'SELL', { at: CHEAP, size, best }),
  ])
}

interface Row {
  readonly at: number
  readonly size: number
  readonly best: readonly [bid: number, ask: number]
}

function row(token: number, side: string, { at, size, best: [bid, ask] }: Row): string {
  const dollars = (n: number): string => (n / 10_000).toString()
  return `{"asset_id":"${assetOf(token)}","price":"${dollars(at)}","size":"${size.toFixed(2)}","side":"${side}","hash":"${HASH}","best_bid":"${dollars(bid)}","best_ask":"${dollars(ask)}"}`
}

function frame(k: number, rows: readonly string[]): Uint8Array {
  const text = `{"market":"0x${HASH}${HASH.slice(0, 24)}","price_changes":[${rows.join(',')}],"timestamp":"${1_780_796_251_000 + k}","event_type":"price_change"}`
  return encoder.encode(text)
}

const HASH = '8f2c1d0b5e7a9643b1c0d2e4f5a6978812345678'
