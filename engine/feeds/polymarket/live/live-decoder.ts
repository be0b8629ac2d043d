import { createHash } from 'node:crypto'
import { BookIncomplete } from '#schemas/events/feed.js'
import { CHANGE } from '#schemas/levels.js'
import { wellFormed } from '#schemas/text.js'
import type { Numbering } from '#engine/core/instruments.js'
import { FeedFault, type FeedEvent, type FeedInput } from '../../feed.js'
import { lagging } from '../../lag.js'
import { Tally, type ImportReport } from '../../recorded/import-feed.js'
import type { Meta } from '../../recorded/market-meta.js'
import { FileTimes } from '../../recorded/times.js'
import { MessageScan } from '../../recorded/message-scan.js'
import type { Wire } from '../../recorded/wire.js'
import { PolymarketDecoder } from '../decode/messages.js'
import type { UsualReader } from '../decode/usual-reader.js'
import { Refusals } from './refusals.js'
import { assetsIn, narrowed, RestFloors } from './rest-floors.js'

/** Message kinds that the decoder takes; of others the venue may add some at any time. */
const KNOWN = new Set([
  ...['book', 'price_change', 'last_trade_price', 'tick_size_change', 'best_bid_ask'],
  ...['new_market', 'market_resolved'],
])
/** A venue's time that is further ahead of ours is none, µs. */
const AHEAD_MAX_US = 60_000_000
/** Most characters of why something is lost. */
const WHY_MAX = 200
/** Bytes of a frame that a sample of it is made of. */
const SAMPLE_BYTES = 800
/** A hash covers the last trade, which the venue prints up to 0.1 s later. Reported of the venue, 2026; with room, ms. */
const PATIENCE_MS = 400

/** What became of a frame. */
export interface Decoded {
  readonly inputs: readonly FeedInput[]
  /** Why the frame could not be read: what it was about is not known. */
  readonly fault?: string
  /** Assets whose books are in doubt: of messages that were refused, or that came late. */
  readonly doubted?: readonly string[]
  /** Assets whose hash at the venue is not ours. */
  readonly differing?: readonly string[]
}

/** Frames of the market channel as they are received: inputs with the time of receipt and how far the venue's lies behind. */
export class LiveDecoder {
  readonly #tally: Tally
  readonly #decoder: PolymarketDecoder
  readonly #name: string
  readonly #refusals: Refusals
  /** The venue's time of what was last said of each token's book, µs. */
  readonly #saidUs: number[] = []
  readonly #floors = new RestFloors()
  /** Tokens of which something was lost since their book was last stated. */
  readonly #dark = new Set<number>()
  readonly #assetOf: string[] = []
  #surprises: FeedInput[] = []
  #doubted = new Set<string>()
  #differing = new Set<string>()

  /** `reader`: who reads the usual messages out of their bytes; TypeScript where nothing is said. */
  constructor(instruments: Numbering, name: string, reader?: UsualReader) {
    this.#tally = new Tally(instruments)
    this.#tally.begin(name)
    // The channel speaks of milliseconds: no message of another unit tells how the next ones are read.
    this.#tally.times = new FileTimes('milliseconds')
    this.#name = instruments.feed === '' ? name : instruments.feed
    this.#refusals = new Refusals(this.#tally, this.#name)
    this.#decoder = new PolymarketDecoder(this.#tally, [], {
      patienceMs: PATIENCE_MS,
      ...(reader && { reader }),
    })
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

  /** Whether something of a token's book was lost and it was not stated since. */
  isDark(token: number): boolean {
    return this.#dark.has(token)
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
    const { isEmpty: hasNoFloors } = this.#floors
    const scan = new MessageScan(this.#name, {
      bytes: (frame, at, place) => (!hasNoFloors ? -1 : this.#decoder.takeUsual(frame, at, place)),
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
      const sample = bytes.toString('utf8', 0, SAMPLE_BYTES)
      const refused = this.refuse(error.message, sample, nowUs)
      const decoded = this.#decoded(nowUs)
      return { ...decoded, inputs: [...decoded.inputs, ...refused], fault: error.message }
    }
  }

  /** Level changes of one token that were kept while its whole book was fetched. */
  changes(wires: readonly Wire[], nowUs: number): Decoded {
    for (const wire of wires) this.#message(wire, nowUs)
    return this.#decoded(nowUs)
  }

  /** A book that REST answered, as it was written; its hash has to be right. */
  restBook(text: string, nowUs: number): Decoded {
    const stated = /"hash":"([0-9a-f]{40})"/.exec(text)
    const ours = createHash('sha1')
      .update(text.replace(/"hash":"[0-9a-f]{40}"/, '"hash":""'))
      .digest('hex')
    if (stated && stated[1] !== ours) {
      const fault = 'the hash of a REST book is not ours'
      return { inputs: this.refuse(fault, text, nowUs), fault }
    }
    try {
      const value = JSON.parse(text) as Wire['value'] // an object: it begins with a brace
      const wire = { value: { ...value, event_type: 'book' }, text, where: 'REST book' }
      this.#decoder.take(wire)
      const bookUs = Number(value['timestamp']) * 1_000
      for (const asset of assetsIn(wire)) this.#floors.set(asset, possible(bookUs, nowUs))
      return { inputs: this.#drained(nowUs) }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const fault = error instanceof SyntaxError ? 'a REST book is not JSON' : why
      return { inputs: [...this.#drained(nowUs), ...this.refuse(fault, text, nowUs)], fault }
    }
  }

  /** What was said of these assets is lost in part: their books are not traded until they are stated anew. */
  lose(assets: Iterable<string>, why: string, nowUs: number): FeedInput[] {
    const inputs: FeedInput[] = []
    for (const asset of assets) {
      const token = this.token(asset)
      if (token === undefined) continue
      this.#decoder.forget(asset)
      this.#dark.add(token)
      const said = wellFormed(why.slice(0, WHY_MAX))
      inputs.push({ tUs: nowUs, event: BookIncomplete.make({ token, why: said }) })
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
    return this.#refusals.add({ why, sample, tUs: nowUs })
  }

  /** The source is over. */
  end(nowUs: number): readonly FeedInput[] {
    this.#decoder.end()
    return this.#drained(nowUs)
  }

  #message(wire: Wire, nowUs: number): void {
    const type = wire.value['event_type']
    if (typeof type !== 'string' || !KNOWN.has(type)) {
      this.#surprises.push(...this.refuse(`event type ${String(type)}`, wire.text, nowUs))
      return
    }
    // Announcements come for every market of the venue: those of others are no part of this run.
    const isAnnounced = type === 'new_market' || type === 'market_resolved'
    const market = wire.value['market']
    if (isAnnounced && !(typeof market === 'string' && this.hasMarket(market))) {
      this.#tally.skip(`${type} of a market that is not recorded`, wire.where)
      return
    }
    const known = narrowed(wire, asset => this.token(asset) !== undefined)
    if (known !== wire) this.#tally.skip(`${type} of a token that is not recorded`, wire.where)
    if (known) this.#known(known, nowUs)
  }

  /** A message of tokens that were introduced. */
  #known(wire: Wire, nowUs: number): void {
    const type = wire.value['event_type']
    const isOfBooks = type === 'book' || type === 'price_change'
    const saidUs = Number(wire.value['timestamp']) * 1_000
    try {
      const fresh =
        isOfBooks && !this.#floors.isEmpty
          ? narrowed(wire, asset => !this.#floors.holds(asset, saidUs))
          : wire
      if (fresh) this.#decoder.take(fresh)
    } catch (error) {
      if (!(error instanceof FeedFault)) throw error
      this.#surprises.push(...this.refuse(error.message, wire.text, nowUs))
      for (const asset of assetsIn(wire)) this.#doubted.add(asset)
    }
  }

  #decoded(nowUs: number): Decoded {
    const inputs = this.#drained(nowUs)
    const [doubted, differing] = [[...this.#doubted], [...this.#differing]]
    this.#doubted.clear()
    this.#differing.clear()
    return { inputs, doubted, differing }
  }

  #drained(nowUs: number): readonly FeedInput[] {
    const dated = this.#decoder.drained().map(({ tUs: saidUs, event }) => {
      this.#noted(event, possible(saidUs, nowUs))
      return { tUs: nowUs, event: datedEvent(event, saidUs, nowUs) }
    })
    const surprises = this.#surprises
    if (surprises.length === 0) return dated
    this.#surprises = []
    return [...dated, ...surprises]
  }

  #noted(event: FeedEvent, saidUs: number): void {
    if (event.type === 'TokenListed') this.#assetOf[event.data.token] = event.data.key
    if (event.type === 'BookSnapshot') this.#stated(event.data.token, saidUs)
    if (event.type === 'BookHashDiffers') this.#mark(this.#differing, event.data.token)
    if (event.type !== 'BookChanged') return
    const { d } = event.data
    for (let i = 0; i < d.length; i += CHANGE) {
      const token = d[i]!
      // Sizes are totals: what is older than the last change takes that back.
      if (saidUs < this.saidUs(token)) this.#mark(this.#doubted, token)
      else this.#saidUs[token] = saidUs
    }
  }

  /** A whole book: one that is older than the last change takes that back, unless that change is lost anyway. */
  #stated(token: number, saidUs: number): void {
    if (!this.#dark.delete(token) && saidUs < this.saidUs(token)) this.#mark(this.#doubted, token)
    else this.#saidUs[token] = saidUs
  }

  #mark(assets: Set<string>, token: number): void {
    const asset = this.#assetOf[token]
    if (asset !== undefined) assets.add(asset)
  }
}

/** A time of the venue as far as it may be one: from the future nothing is older, and all would be refused as late. */
const possible = (saidUs: number, nowUs: number): number =>
  saidUs - nowUs > AHEAD_MAX_US ? nowUs : saidUs

/** The event with how far the venue's own time lies behind the time of receipt, unless that cannot be. */
const datedEvent = (event: FeedEvent, saidUs: number, nowUs: number): FeedEvent =>
  saidUs - nowUs > AHEAD_MAX_US ? event : lagging(event, nowUs - saidUs)
