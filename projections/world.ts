import { completed, type DecisionConfig } from '#schemas/config.js'
import { ASK, BID } from '#schemas/levels.js'
import { mirrored, price } from '#schemas/units.js'
import { venueNamed } from '#engine/venues/registry.js'
import type { Mode } from '#schemas/reasons.js'
import type { Recorded } from '#schemas/recorded.js'
import { isInput, type EventOf } from '#schemas/registry.js'
import type { BookFold } from '#engine/book/fold.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { notionalOf, type BookView } from '#engine/book/view.js'
import { CompleteSets } from './complete-sets.js'
import { Owners } from './owners.js'

/** A market as views name it. */
export interface MarketFacts {
  readonly market: number
  readonly key: string
  readonly question: string
  readonly venue: string
  /** By outcome index. */
  readonly tokens: number[]
}

/** A token as views name it. */
export type TokenFacts = EventOf<'TokenListed'>['data']

/** A signal that has not ended, with the time it was raised at. */
export type SignalFacts = EventOf<'SignalRaised'>['data'] & { readonly tUs: number }

/** Ask levels that tell how thick a leg is. */
const DEPTH_LEVELS = 3

/**
 * What views look up, folded once for all of them: books, markets, tokens, signals in work. Owned by whoever folds; views
 * only read it. It takes a row of the log before the views do.
 */
export class World {
  readonly books: BookFold = tsFold()
  readonly markets = new Map<number, MarketFacts>()
  readonly tokens = new Map<number, TokenFacts>()
  readonly signals = new Map<string, SignalFacts>()
  readonly owners = new Owners()
  mode: Mode = 'import'
  /** What feeds the run, as it says of itself. */
  source = ''
  config: DecisionConfig | undefined
  tUs = 0
  readonly #sets = new CompleteSets()
  readonly #touched = untouched()
  readonly #ended: string[] = []

  /** Tokens whose levels the last row restated. */
  get touched(): readonly number[] {
    return this.#touched.tokens
  }

  take({ tUs, event }: Recorded): void {
    this.tUs = tUs
    if (event.type !== 'BookChanged') {
      this.#sets.take(event)
      this.owners.take(event)
    }
    clearTouched(this.#touched)
    if (isInput(event.type)) this.#forgetEnded()
    switch (event.type) {
      case 'RunStarted':
        this.mode = event.data.mode
        this.source = event.data.source
        this.config = completed(event.data.config)
        return
      case 'ConfigChanged':
        this.config = completed(event.data.config)
        return
      case 'MarketListed':
        this.markets.set(event.data.market, { ...event.data, tokens: [] })
        return
      case 'TokenListed':
        this.tokens.set(event.data.token, event.data)
        this.#tokensOf(event.data.market)[event.data.index] = event.data.token
        break
      case 'SignalRaised':
        this.signals.set(event.data.signal, { ...event.data, tUs })
        return
      case 'LegsSettled':
        // The orders of an unknown one may still fill.
        if (event.data.result !== 'unknown') this.#ended.push(event.data.signal)
        return
      case 'IntentRefused':
      case 'DedupSignal':
      case 'SignalDropped':
        this.#ended.push(event.data.signal)
        return
      case 'FeedLost':
      case 'BookHashDiffers':
      case 'BookHashAgrees':
      case 'BookIncomplete':
        // Distrust moves no level: nothing was touched that a view could show.
        foldEvent(this.books, event, tUs, this.#touched)
        clearTouched(this.#touched)
        return
      default:
    }
    foldEvent(this.books, event, tUs, this.#touched)
  }

  /** Takes the level changes of a frame without an event: what `take` does with a `BookChanged`. */
  changed(frame: Parameters<BookFold['change']>[0]): void {
    this.tUs = frame.tUs
    clearTouched(this.#touched)
    this.#forgetEnded()
    this.books.change(frame, this.#touched)
  }

  /** The venue's own id of a market; empty where it was never listed. */
  marketKey(market: number | undefined): string {
    return market === undefined ? '' : (this.markets.get(market)?.key ?? '')
  }

  /** The venue's own id of a token; empty where it was never listed. */
  tokenKey(token: number | undefined): string {
    return token === undefined ? '' : (this.tokens.get(token)?.key ?? '')
  }

  /** The market of a token. */
  marketOf(token: number): number | undefined {
    return this.tokens.get(token)?.market
  }

  /** A print, and the same seen from the other outcome where its venue has one book for both. */
  sidesOf(print: EventOf<'TradePrinted'>): readonly EventOf<'TradePrinted'>[] {
    const market = this.markets.get(this.marketOf(print.data.token) ?? -1)
    if (market?.tokens.length !== 2 || !venueNamed(market.venue).isOneBook) return [print]
    const token = market.tokens.find(one => one !== print.data.token)
    if (token === undefined) return [print]
    const { side, price: at } = print.data
    const other = { token, side: side === ASK ? BID : ASK, price: price(mirrored(at)) } as const
    return [print, { ...print, data: { ...print.data, ...other } }]
  }

  /** The complete sets that these tokens belong to. */
  setsAmong(tokens: Iterable<number>): number[][] {
    return this.#sets.among(tokens)
  }

  /** Whether the market of a token is over and nobody knows what it pays. */
  isUnknown(token: number): boolean {
    return this.#sets.isUnknown(token)
  }

  /** Best bid now, in 1e-4 dollar; 0 for none, and for what a market that is over may not pay. */
  bidOf(token: number): number {
    return this.isUnknown(token) ? 0 : (this.books.view(token)?.bestBid ?? 0)
  }

  /** What the first three asks hold, in 1e-6 dollar, rounded down. */
  depthOf(token: number): number {
    const book = this.books.view(token)
    return book ? this.depthIn(book) : 0
  }

  /** The same of a book that was looked up. */
  depthIn(book: BookView): number {
    return notionalOf(book, ASK, DEPTH_LEVELS)
  }

  #tokensOf(market: number): number[] {
    const facts = this.markets.get(market) ?? {
      market,
      key: '',
      question: '',
      venue: '',
      tokens: [],
    }
    this.markets.set(market, facts)
    return facts.tokens
  }

  /** Signals that ended are known to the end of their turn, so that what follows them there finds them. */
  #forgetEnded(): void {
    if (this.#ended.length === 0) return
    for (const signal of this.#ended) this.signals.delete(signal)
    this.#ended.length = 0
  }
}
