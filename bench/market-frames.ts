import { BID, CHANGE } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { levelChanges } from './level-changes.js'

/** Frames as the venue's market channel sends them, and the tokens that they speak of. */
export interface MarketFrames {
  /** Asset id of token 1, 2 … */
  readonly assets: readonly string[]
  /** Frames that fill the books, then those of their life: each states one level on both outcomes of its market. */
  readonly opening: readonly Buffer[]
  readonly live: readonly Buffer[]
}

/** Seeded life of so many markets in frames of two changes, about 600 bytes each: a price of one outcome is the rest of the other's. */
export function marketFrames(markets: number, frames: number, seed: number): MarketFrames {
  const random = prng(seed, 'market-frames')
  const digits = (count: number, base: string): string =>
    Array.from({ length: count }, () => base[random.below(base.length)]!).join('')
  const assets = Array.from({ length: 2 * markets }, () => `4${digits(76, '0123456789')}`)
  const conditions = Array.from({ length: markets }, () => `0x${digits(64, HEX)}`)
  const hashes = Array.from({ length: 256 }, () => digits(40, HEX))
  const plan = { books: markets, tick: 10, changes: frames, seed, isStated: true }
  const { opening, live } = levelChanges(plan)
  let tMs = 1_786_728_438_403
  const frame = (flat: Float64Array, at: number): Buffer => {
    const [market, side, price, size, bid, ask] = flat.subarray(at, at + CHANGE) as unknown as Row
    const hash = (): string => hashes[random.below(hashes.length)]!
    const row = (asset: string, [of, at, best, worst]: readonly number[]): string =>
      `{"asset_id":"${asset}","price":"${at! / 1e4}","size":"${size / 1e6}","side":"${of === BID ? 'BUY' : 'SELL'}",` +
      `"hash":"${hash()}","best_bid":"${best! / 1e4}","best_ask":"${worst! / 1e4}"}`
    const rows = [
      row(assets[2 * market]!, [side, price, bid, ask]),
      row(assets[2 * market + 1]!, [1 - side, PRICE_MAX - price, PRICE_MAX - ask, PRICE_MAX - bid]),
    ]
    tMs += random.below(20)
    return Buffer.from(
      `{"market":"${conditions[market]!}","price_changes":[${rows.join(',')}],"timestamp":"${tMs}","event_type":"price_change"}`,
    )
  }
  const all = (flat: Float64Array): Buffer[] =>
    Array.from({ length: flat.length / CHANGE }, (_, k) => frame(flat, k * CHANGE))
  return { assets, opening: all(opening), live: all(live) }
}

const HEX = '0123456789abcdef'
type Row = [market: number, side: number, price: number, size: number, bid: number, ask: number]
