import { prng } from '#engine/feeds/simulator/prng.js'
import { marketFrames } from '#bench/market-frames.js'
import { hashedFrames } from '#bench/hashed-frames.js'

/**
 * A market's life in frames, some behind snapshots with their hashes, with what a recording may hold beside the usual: the
 * venue's best another than ours, times that step back, hashes that are wrong, prints, other grids, rare forms, blank lines.
 */
export function oddFrames(seed: number, frames: number): Buffer[] {
  const random = prng(seed, 'odd-frames')
  const { opening, live } = marketFrames(1 + random.below(4), frames, seed)
  const isHashed = random.oneIn(2)
  const base = isHashed ? hashedFrames({ opening, live }) : [...opening, ...live]
  const spoilt = (text: string): string => {
    switch (random.below(9)) {
      case 0:
        return text.replace(/"best_bid":"[^"]*"/, '"best_bid":"0.001"')
      case 1:
        return text.replace(/"best_ask":"[^"]*"/, '"best_ask":""')
      case 2:
        return text.replace(/"timestamp":"17/, '"timestamp":"16')
      case 3:
        return text.replace(/"hash":"[^"]{39}/, `"hash":"${'0'.repeat(39)}`)
      case 4:
        return text.replace(/"price":"([^"]*)"/, '"price":"$10"')
      case 5:
        return ` ${text}\n\r\n`
      case 6:
        return text.replace(/"size":"[^"]*"/, '"size":"-1"')
      case 7:
        return text.replace(',"event_type"', ', "event_type"')
      default:
        return text.replace(
          '{"asset_id"',
          '{"asset_id":"8","price":"0.5","size":"1","side":"BUY"},{"asset_id"',
        )
    }
  }
  const beside = (text: string): readonly string[] => {
    const [, market = '', asset = ''] = /"market":"(\w+)".*?"asset_id":"(\d+)"/.exec(text) ?? []
    const timestamp = /"timestamp":"(\d+)"/.exec(text)?.[1] ?? '1'
    const of = { market, asset_id: asset, timestamp }
    switch (random.below(5)) {
      case 0:
        return [
          JSON.stringify({
            ...of,
            price: '0.51',
            size: '3',
            side: 'BUY',
            event_type: 'last_trade_price',
          }),
        ]
      case 1:
        return [
          JSON.stringify({
            ...of,
            old_tick_size: '0.001',
            new_tick_size: '0.01',
            event_type: 'tick_size_change',
          }),
        ]
      case 2:
        return [JSON.stringify({ ...of, event_type: 'market_mood' })]
      case 3:
        return [
          JSON.stringify({
            ...of,
            hash: 'x',
            bids: [{ price: '0.30', size: '5' }],
            asks: [],
            event_type: 'book',
          }),
        ]
      default:
        return []
    }
  }
  return base.flatMap(frame => {
    if (!random.oneIn(25)) return [frame]
    const text = frame.toString()
    const rest = random.oneIn(3) ? beside(text) : []
    return [random.oneIn(2) ? spoilt(text) : text, ...rest].map(one => Buffer.from(one))
  })
}
