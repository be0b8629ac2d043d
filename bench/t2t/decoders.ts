import { ASK, BID } from '#schemas/levels.js'
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
  return [['JSON.parse', parsed()]]
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
