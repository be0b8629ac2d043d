import type { BookSimRequest, Level, Snapshot } from './request.js'

/** One side of a token's book, from which the intents of one request take in turn. */
interface PaperSide {
  /** The touch that the snapshot states; what is left decides once something was taken. */
  readonly stated: number | undefined
  readonly levels: Level[]
  isTaken: boolean
}

/** What an intent could take: per level price and size, best first. */
export type Take = readonly (readonly [price: number, size: number])[]

/** The books of one request. What an intent takes is gone for those after it. */
export class PaperBooks {
  readonly #books = new Map<string, { readonly bids: PaperSide; readonly asks: PaperSide }>()

  constructor({ snapshots }: BookSimRequest) {
    for (const [token, { bids, asks, bestBid, bestAsk }] of snapshots)
      this.#books.set(token, { bids: sideOf(bids, bestBid), asks: sideOf(asks, bestAsk) })
  }

  /** Best price of a side, 1e-4 dollar; undefined for none. */
  touch(token: string, side: keyof Pick<Snapshot, 'bids' | 'asks'>): number | undefined {
    const of = this.#books.get(token)?.[side]
    if (!of) return undefined
    const left = of.levels[0]?.price
    return of.isTaken ? left : (of.stated ?? left)
  }

  /** Up to `size` from the levels within the limit. */
  within(token: string, of: { side: 'BUY' | 'SELL'; limit: number; size: number }): Take {
    const found: [number, number][] = []
    let wanted = of.size
    for (const { price, size } of this.#facing(token, of.side)?.levels ?? []) {
      if (wanted === 0 || (of.side === 'BUY' ? price > of.limit : price < of.limit)) break
      const part = Math.min(wanted, size)
      found.push([price, part])
      wanted -= part
    }
    return found
  }

  /** Takes what `within` found just before. */
  take(token: string, side: 'BUY' | 'SELL', found: Take): void {
    const of = this.#facing(token, side)
    if (!of) return
    of.isTaken ||= found.length > 0
    for (const [, size] of found) {
      const [level] = of.levels
      if (level?.size === size) of.levels.shift()
      else if (level) level.size -= size
    }
  }

  #facing(token: string, side: 'BUY' | 'SELL'): PaperSide | undefined {
    return this.#books.get(token)?.[side === 'BUY' ? 'asks' : 'bids']
  }
}

function sideOf(levels: readonly Level[], stated: number | undefined): PaperSide {
  return { stated, levels: levels.map(level => ({ ...level })), isTaken: false }
}
