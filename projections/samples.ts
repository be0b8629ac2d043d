import { ASK, BID, type Side } from '#schemas/levels.js'
import type { Bucket } from '#schemas/reasons.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { sumOf } from '#schemas/units.js'
import { couldFill, WINDOW } from './print-window.js'
import type { World } from './world.js'

/** What an order asked for and got, and what could have filled it. Sizes in 1e-6 share. */
export interface Sample {
  readonly tUs: number
  readonly order: string
  readonly mode: 'live' | 'sim'
  readonly bucket: Bucket | ''
  readonly market: string
  readonly token: number
  readonly tokenKey: string
  readonly side: Side
  readonly limit: number
  readonly size: number
  /** At the touch when the order left. */
  readonly askSize: number
  readonly bidSize: number
  /** Part of the touch that the exchange in the box gives; undefined where it is not asked or walks the book. */
  readonly shareBps: number | undefined
  filled: number
  /** Prints in the window after the order that could have filled it. */
  volume: number
  isClosed: boolean
  /** Whether the order is over and its window too. */
  isDone: boolean
}

/** One sample for each order, in the order in which they left; also of those that nothing filled. */
export class Samples {
  readonly rows: Sample[] = []
  readonly #open = new Map<string, Sample>()

  take({ tUs, event }: Recorded, world: World): void {
    if (this.#open.size > 0) this.#closeBefore(tUs)
    switch (event.type) {
      case 'OrderPlaced': {
        const sample = sampleOf(event, tUs, world)
        this.rows.push(sample)
        this.#open.set(sample.order, sample)
        return
      }
      case 'OrderFilled': {
        const sample = this.#open.get(event.data.order)
        if (sample) sample.filled += event.data.size
        return
      }
      case 'OrderClosed': {
        const sample = this.#open.get(event.data.order)
        if (sample) sample.isClosed = true
        return
      }
      case 'TradePrinted':
        if (this.#open.size > 0) this.#count(event, tUs, world)
        return
      default:
    }
  }

  #count(print: EventOf<'TradePrinted'>, tUs: number, world: World): void {
    const sides = world.sidesOf(print)
    for (const sample of this.#open.values())
      if (isIn(sample, tUs) && sides.some(side => couldFill(sample, side)))
        sample.volume = sumOf(sample.volume, print.data.size)
  }

  #closeBefore(tUs: number): void {
    for (const [id, sample] of this.#open) {
      if (!sample.isClosed || tUs <= sample.tUs + WINDOW.toUs) continue
      sample.isDone = true
      this.#open.delete(id)
    }
  }
}

const isIn = (sample: Sample, tUs: number): boolean =>
  tUs >= sample.tUs + WINDOW.fromUs && tUs <= sample.tUs + WINDOW.toUs

function sampleOf({ data }: EventOf<'OrderPlaced'>, tUs: number, world: World): Sample {
  const { order, token, side, limit, size } = data
  const signal = world.signals.get(data.signal)
  const book = world.books.view(token)
  const bucket = signal?.bucket ?? ''
  const isLive = world.mode === 'live'
  const sim = world.config?.sim
  const shareBps = bucket === 'liquid' ? sim?.fill_share_liquid_bps : sim?.fill_share_thin_bps
  return {
    ...{ tUs, order, token, side, limit, size, bucket },
    mode: isLive ? 'live' : 'sim',
    market: world.marketKey(world.marketOf(token)),
    tokenKey: world.tokenKey(token),
    askSize: book?.sizeAt(ASK, book.bestAsk) ?? 0,
    bidSize: book?.sizeAt(BID, book.bestBid) ?? 0,
    shareBps: isLive || sim?.fill_model === 'walk' ? undefined : shareBps,
    filled: 0,
    volume: 0,
    isClosed: false,
    isDone: false,
  }
}
