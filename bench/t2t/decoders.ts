import { ASK, BID, CHANGE } from '#schemas/levels.js'
import { readFrame } from '#engine/feeds/polymarket/decode/frame-reader.js'
import { Frame } from '#engine/feeds/polymarket/decode/frame.js'
import { TokenIds } from '#engine/feeds/polymarket/decode/token-ids.js'
import { priceFrom, sizeFrom, type Unfit } from '#engine/feeds/decimal.js'
import { assetOf, MARKETS } from './market.js'
import type { Decode } from './path.js'

interface PriceChanges {
  readonly price_changes: readonly {
    readonly asset_id: string
    readonly price: string
    readonly size: string
    readonly side: string
    readonly best_bid: string
    readonly best_ask: string
  }[]
}

/** Ways from the bytes of a frame to level changes, the fastest first. */
export function decoders(): readonly (readonly [name: string, decode: Decode])[] {
  return [
    ['bytes', read()],
    ['JSON.parse', parsed()],
  ]
}

function read(): Decode {
  const ids = new TokenIds()
  for (let token = 1; token <= 2 * MARKETS; token++) ids.register(assetOf(token), token)
  const frame = new Frame()
  return bytes => {
    if (!readFrame(bytes, ids, frame)) throw new Error(`a frame of the bench at ${frame.faultAt}`)
    return Array.from(frame.rows.subarray(0, frame.rowCount * CHANGE))
  }
}

function parsed(): Decode {
  const tokens = new Map<string, number>()
  for (let token = 1; token <= 2 * MARKETS; token++) tokens.set(assetOf(token), token)
  const text = new TextDecoder()
  return bytes => {
    const { price_changes: rows } = JSON.parse(text.decode(bytes)) as PriceChanges
    const d: number[] = []
    for (const { asset_id, price, size, side, best_bid, best_ask } of rows) {
      d.push(tokens.get(asset_id)!, side === 'BUY' ? BID : ASK, whole(priceFrom(price)))
      d.push(whole(sizeFrom(size)), whole(priceFrom(best_bid)), whole(priceFrom(best_ask)))
    }
    return d
  }
}

function whole(n: number | Unfit): number {
  if (typeof n === 'string') throw new Error(`the frames of the bench hold exact decimals: ${n}`)
  return n
}
