import { ASK, BID, type Side } from '#schemas/levels.js'
import { priceText, sizeText } from './texts.js'
import type { TokenBook } from './token-book.js'

/** A frame of the market channel: its text, and of which assets it speaks; all of them where nobody is named. */
export interface TwinFrame {
  readonly text: string
  readonly assets: readonly string[]
  /** Only who asked for custom features hears it. */
  readonly isCustom?: boolean
}

/** The level changes of one moment, as `price_change` tells them: one frame for each market. */
export class LevelChanges {
  readonly #nowMs: number
  readonly #rows = new Map<string, { texts: string[]; assets: string[] }>()

  constructor(nowMs: number) {
    this.#nowMs = nowMs
  }

  /** Tells a level as it now is: call it right after it changed, since the row has the hash of the whole book. */
  add(book: TokenBook, side: Side, price: number): void {
    book.changedMs = this.#nowMs
    const { market, assetId } = book.facts
    const row = this.#rows.get(market) ?? { texts: [], assets: [] }
    this.#rows.set(market, row)
    if (!row.assets.includes(assetId)) row.assets.push(assetId)
    row.texts.push(
      `{"asset_id":"${assetId}","price":"${priceText(price)}","size":"${sizeText(book.sizeAt(side, price))}",` +
        `"side":"${side === BID ? 'BUY' : 'SELL'}","hash":"${book.hash()}",` +
        `"best_bid":"${book.best(BID)}","best_ask":"${book.best(ASK)}"}`,
    )
  }

  /** The frames of all that was told. */
  frames(): TwinFrame[] {
    return [...this.#rows].map(([market, { texts, assets }]) => ({
      text: `{"market":"${market}","price_changes":[${texts.join()}],"timestamp":"${this.#nowMs}","event_type":"price_change"}`,
      assets,
    }))
  }
}
