import { createHash } from 'node:crypto'
import { BookIncomplete, MessageRefused } from '#schemas/events/feed.js'
import { CHANGE } from '#schemas/levels.js'
import { typeOf } from '#schemas/registry.js'
import { wellFormed } from '#schemas/text.js'
import type { Numbering } from '#engine/core/instruments.js'
import { FeedFault, type FeedEvent, type FeedInput } from '../../feed.js'
import { Tally, type ImportReport } from '../../recorded/import-feed.js'
import type { Meta } from '../../recorded/market-meta.js'
import { MessageScan } from '../../recorded/message-scan.js'
import type { Wire } from '../../recorded/wire.js'
import { PolymarketDecoder } from '../decode/messages.js'

/** Message kinds that the decoder takes; of others the venue may add some at any time. */
const KNOWN = new Set([
  ...['book', 'price_change', 'last_trade_price', 'tick_size_change', 'best_bid_ask'],
  ...['new_market', 'market_resolved'],
])
/** A venue's time beyond this far ahead of ours is none, µs. */
const AHEAD_MAX_US = 60_000_000
const SAMPLE_MAX = 200
/** A hash covers the last trade, which the venue prints up to 0.1 s later. Reported of the venue, 2026; with room, ms. */
const PATIENCE_MS = 400

/** What became of a frame. */
export interface Decoded {
  readonly inputs: readonly FeedInput[]
  /** Why the frame could not be read: what it was about is not known. */
  readonly fault?: string
  /** Assets whose books are in doubt: of messages that were refused, that came late, or whose hash is not ours. */
  readonly doubted?: readonly string[]
}

/** Frames of the market channel as they are received: inputs with the time of receipt and how far the venue's lies behind. */
export class LiveDecoder {
  readonly #tally: Tally
  readonly #decoder: PolymarketDecoder
  readonly #name: string
  readonly #refused = new Map<string, number>()
  /** The venue's time of what was last said of each token's book, µs. */
  readonly #saidUs: number[] = []
  /** Books that REST gave, with the venue's time of each: what the channel says of a time before is in them, µs. */
  readonly #floors = new Map<string, number>()
  readonly #assetOf: string[] = []
  #surprises: FeedInput[] = []
  #doubted: string[] = []

  constructor(instruments: Numbering, name: string) {
    this.#tally = new Tally(instruments)
    this.#tally.begin(name)
    this.#name = instruments.feed === '' ? name : instruments.feed
    this.#decoder = new PolymarketDecoder(this.#tally, [], { patienceMs: PATIENCE_MS })
  }

  /** The run's number of a token; undefined where it was not introduced. */
  token(asset: string): number | undefined {
    return this.#tally.listing.token(asset)
  }

  /** Whether a market was introduced. */
  hasMarket(key: string): boolean {
    return this.#tally.listing.market(key) !== undefined
  }

  /** The venue's time of what was last said of a token's book, µs; 0 for nothing. */
  saidUs(token: number): number {
    return this.#saidUs[token] ?? 0
  }

  report(): ImportReport {
    return this.#tally.report()
  }

  /** Introduces markets. */
  introduce(meta: Meta, nowUs: number): readonly FeedInput[] {
    this.#decoder.introduce(meta, nowUs)
    return this.#drained(nowUs)
  }

  /** A frame as it came, at this time of receipt. */
  frame(bytes: Buffer, nowUs: number): Decoded {
    const hasFloors = this.#floors.size > 0
    const scan = new MessageScan(this.#name, {
      bytes: (frame, at, place) => (hasFloors ? -1 : this.#decoder.takeUsual(frame, at, place)),
      wire: wire => {
        this.#message(wire, nowUs)
      },
    })
    try {
      scan.push(bytes)
      scan.end()
      return this.#decoded(nowUs)
    } catch (error) {
      if (!(error instanceof FeedFault)) throw error
      const refused = this.#refusal(error.message, bytes.toString('utf8', 0, SAMPLE_MAX), nowUs)
      return { inputs: [...this.#drained(nowUs), ...refused], fault: error.message }
    }
  }

  /** Level changes of one token that were kept while its whole book was fetched. */
  changes(wires: readonly Wire[], nowUs: number): readonly FeedInput[] {
    for (const wire of wires) this.#decoder.take(wire)
    return this.#drained(nowUs)
  }

  /** A book that REST answered, as it was written; its hash has to be right. */
  restBook(text: string, nowUs: number): Decoded {
    const stated = /"hash":"([0-9a-f]{40})"/.exec(text)
    const ours = createHash('sha1')
      .update(text.replace(/"hash":"[0-9a-f]{40}"/, '"hash":""'))
      .digest('hex')
    if (stated && stated[1] !== ours) {
      const fault = 'the hash of a REST book is not ours'
      return { inputs: this.#refusal(fault, text, nowUs), fault }
    }
    try {
      const value = JSON.parse(text) as Wire['value'] // an object: it begins with a brace
      const wire = { value: { ...value, event_type: 'book' }, text, where: 'REST book' }
      this.#decoder.take(wire)
      for (const asset of assetsIn(wire))
        this.#floors.set(asset, Number(value['timestamp']) * 1_000)
      return { inputs: this.#drained(nowUs) }
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      return { inputs: [...this.#drained(nowUs), ...this.#refusal(fault, text, nowUs)], fault }
    }
  }

  /** What was said of these assets is lost in part: their books are not traded until they are stated anew. */
  lose(assets: Iterable<string>, why: string, nowUs: number): FeedInput[] {
    const inputs: FeedInput[] = []
    for (const asset of assets) {
      const token = this.token(asset)
      if (token === undefined) continue
      this.#decoder.forget(asset)
      inputs.push({ tUs: nowUs, event: BookIncomplete.make({ token, why }) })
    }
    return inputs
  }

  /** Whether a hash of this asset has agreed since its book was last in doubt. */
  hasAgreed(asset: string): boolean {
    return this.#decoder.hasAgreed(asset)
  }

  /** Time goes on although nothing is said: what waited too long for something is decided. */
  tick(nowUs: number): Decoded {
    this.#decoder.now(nowUs)
    return this.#decoded(nowUs)
  }

  /** What the venue says that nobody expected: counted, and told now and then. */
  refuse(why: string, sample: string, nowUs: number): readonly FeedInput[] {
    return this.#refusal(why, sample, nowUs)
  }

  /** The source is over. */
  end(nowUs: number): readonly FeedInput[] {
    this.#decoder.end()
    return this.#drained(nowUs)
  }

  #message(wire: Wire, nowUs: number): void {
    const type = wire.value['event_type']
    if (typeof type !== 'string' || !KNOWN.has(type)) {
      this.#surprises.push(...this.#refusal(`event type ${String(type)}`, wire.text, nowUs))
      return
    }
    // Announcements come for every market of the venue: those of others are no part of this run.
    const isAnnounced = type === 'new_market' || type === 'market_resolved'
    const market = wire.value['market']
    if (isAnnounced && !(typeof market === 'string' && this.hasMarket(market))) {
      this.#tally.skip(`${type} of a market that is not recorded`, wire.where)
      return
    }
    try {
      const fresh = this.#floors.size > 0 ? this.#aboveFloors(wire) : wire
      if (fresh) this.#decoder.take(fresh)
    } catch (error) {
      if (!(error instanceof FeedFault)) throw error
      this.#surprises.push(...this.#refusal(error.message, wire.text, nowUs))
      this.#doubted.push(...assetsIn(wire))
    }
  }

  /** The message without what books of REST already hold; undefined where nothing is left. */
  #aboveFloors(wire: Wire): Wire | undefined {
    const { value } = wire
    const saidUs = Number(value['timestamp']) * 1_000
    const isOld = (asset: unknown): boolean => {
      const floor = typeof asset === 'string' ? this.#floors.get(asset) : undefined
      if (floor === undefined) return false
      if (saidUs < floor) return true
      this.#floors.delete(String(asset)) // the channel has caught up
      return false
    }
    if (value['event_type'] === 'book') return isOld(value['asset_id']) ? undefined : wire
    const rows = value['price_changes']
    if (value['event_type'] !== 'price_change' || !Array.isArray(rows)) return wire
    const fresh = (rows as readonly Wire['value'][]).filter(row => !isOld(row['asset_id']))
    if (fresh.length === rows.length) return wire
    return fresh.length === 0 ? undefined : { ...wire, value: { ...value, price_changes: fresh } }
  }

  #decoded(nowUs: number): Decoded {
    const inputs = this.#drained(nowUs)
    const doubted = this.#doubted
    this.#doubted = []
    return { inputs, doubted }
  }

  #refusal(why: string, sample: string, tUs: number): readonly FeedInput[] {
    const count = (this.#refused.get(why) ?? 0) + 1
    this.#refused.set(why, count)
    this.#tally.skip(why, this.#name)
    if (!/^10*$/.test(String(count))) return []
    const text = wellFormed(sample.slice(0, SAMPLE_MAX))
    const of = { feed: this.#name, why: wellFormed(why), count, sample: text }
    return [{ tUs, event: MessageRefused.make(of) }]
  }

  #drained(nowUs: number): readonly FeedInput[] {
    const dated = this.#decoder.drained().map(({ tUs: saidUs, event }) => {
      this.#noted(event, saidUs)
      return { tUs: nowUs, event: this.#dated(event, saidUs, nowUs) }
    })
    const surprises = this.#surprises
    if (surprises.length === 0) return dated
    this.#surprises = []
    return [...dated, ...surprises]
  }

  #noted(event: FeedEvent, saidUs: number): void {
    if (event.type === 'TokenListed') this.#assetOf[event.data.token] = event.data.key
    if (event.type === 'BookSnapshot') this.#saidUs[event.data.token] = saidUs
    if (event.type === 'BookHashDiffers') this.#doubt(event.data.token)
    if (event.type !== 'BookChanged') return
    const { d } = event.data
    for (let i = 0; i < d.length; i += CHANGE) {
      const token = d[i]!
      // Sizes are totals: what is older than the last change takes that back.
      if (saidUs < this.saidUs(token)) this.#doubt(token)
      else this.#saidUs[token] = saidUs
    }
  }

  #doubt(token: number): void {
    const asset = this.#assetOf[token]
    if (asset !== undefined) this.#doubted.push(asset)
  }

  /** The event with how far the venue's own time lies behind the time of receipt, where it has a field for it. */
  #dated(event: FeedEvent, saidUs: number, nowUs: number): FeedEvent {
    const { optional } = typeOf(event.type)
    const key = 'lag' in optional ? 'lag' : 'l' in optional ? 'l' : undefined
    if (key === undefined || saidUs - nowUs > AHEAD_MAX_US) return event
    // The field is the event's own, with the number that it is for.
    return { ...event, data: { ...event.data, [key]: nowUs - saidUs } } as FeedEvent
  }
}

/** The assets that a message names, as far as it names any. */
function assetsIn({ value }: Wire): string[] {
  const rows: unknown = value['price_changes'] ?? value['changes']
  const named = [value, ...(Array.isArray(rows) ? (rows as readonly unknown[]) : [])]
  return named.flatMap(row => {
    const of = row as Readonly<Record<string, unknown>> | null
    const asset = of?.['asset_id']
    return typeof asset === 'string' ? [asset] : []
  })
}
