import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom } from '../../decimal.js'
import type { FeedInput } from '../../feed.js'
import type { Wire } from '../../recorded/wire.js'
import type { Decoded, LiveDecoder } from './live-decoder.js'
import { MissingBooks } from './missing-books.js'
import { objectsIn, type Bests, type MarketRest } from './rest.js'

/** A REST book that is newer than ours by this much says that a connection is silent although there is news, µs. */
const STALLED_US = 1_000_000
/** Doubts about the hashes of one token, none of them ever right in between, after which no more books are fetched for it. */
const DOUBTS_MAX = 3

/** What the books of REST are handed to. */
export interface BookUser {
  readonly nowUs: () => number
  readonly say: (inputs: readonly FeedInput[]) => void
  /** REST does not have the book of an asset: nobody waits for it. */
  readonly gaveUp: (asset: string) => void
  /** Work that goes on by itself: a failure of it is a bug, and has to be heard of. */
  readonly meanwhile: (work: Promise<void>) => void
}

/** Whole books by REST: for what the market channel never said, lost, or has not spoken of for long. */
export class RestBooks {
  readonly #rest: MarketRest
  readonly #decoder: LiveDecoder
  readonly #user: BookUser
  readonly #missing = new MissingBooks()
  readonly #doubts = new Map<string, number>()
  /** When something was last said of an asset, or it was compared, ms. */
  readonly heardMs = new Map<string, number>()
  readonly counts = { restBooks: 0, staleBooks: 0, ghostBooks: 0, agreed: 0 }

  constructor(of: { rest: MarketRest; decoder: LiveDecoder; user: BookUser }) {
    this.#rest = of.rest
    this.#decoder = of.decoder
    this.#user = of.user
  }

  /** A frame of the channel, before it is read: changes of books that are being fetched are kept, to be told behind them. */
  keep(bytes: Buffer): void {
    if (this.#missing.isEmpty) return
    for (const text of objectsIn(bytes.toString('utf8'))) {
      try {
        const value = JSON.parse(text) as Wire['value'] // an object: it begins with a brace
        this.#missing.heard({ value, text, where: 'channel' })
      } catch {
        return // the decoder says what is wrong with it
      }
    }
  }

  /** What is known of these assets is not whole: they are not traded until they are stated anew. */
  doubt(assets: readonly string[], why: string): void {
    this.#user.say(this.#decoder.lose(assets, why, this.#user.nowUs()))
    for (const asset of assets) this.want(asset)
    this.#user.meanwhile(this.fetch())
  }

  /** Does about what was decoded all that there is to do. */
  judge({ doubted = [], differing = [] }: Decoded): void {
    if (doubted.length > 0) this.doubt(doubted, 'a message was refused, or came late')
    if (differing.length > 0) this.#differs(differing)
  }

  /** Assets of which nothing was heard since then, ms. */
  olderThan(sinceMs: number): string[] {
    return [...this.heardMs].flatMap(([asset, heardMs]) => (heardMs <= sinceMs ? [asset] : []))
  }

  /** Nothing of this asset matters any more. */
  retire(asset: string): void {
    this.heardMs.delete(asset)
    this.#missing.settled(asset)
    this.#doubts.delete(asset)
  }

  /** The whole book of an asset is wanted, with the next fetch. */
  want(asset: string): void {
    const token = this.#decoder.token(asset)
    if (token !== undefined && this.heardMs.has(asset))
      this.#missing.want(asset, this.#decoder.saidUs(token))
  }

  /** Fetches what is wanted. */
  async fetch(): Promise<void> {
    const due = this.#missing.due(this.#nowMs)
    if (due.length === 0) return
    const answered = new Set<string>()
    const [texts, bests] = await Promise.all([this.#rest.books(due), this.#rest.bests(due)])
    for (const text of texts) {
      const asset = assetOf(text)
      if (asset === undefined) continue
      // A book that the venue itself quotes otherwise is not the one that is traded: it is asked for again.
      if (isGhost(text, bests.get(asset))) {
        this.counts.ghostBooks++
        this.#user.say(
          this.#decoder.refuse('a REST book that is not what is quoted', text, this.#user.nowUs()),
        )
        continue
      }
      answered.add(asset)
      this.#take(asset, text)
    }
    for (const asset of due)
      if (!answered.has(asset) && !this.#missing.failed(asset, this.#nowMs)) this.#giveUp(asset)
  }

  /**
   * Compares books with what REST says of them, and fetches those of which it knows more. Whether it knows of something that
   * happened well after `sinceUs`, and not just now.
   */
  async compare(assets: readonly string[], sinceUs = Number.POSITIVE_INFINITY): Promise<boolean> {
    let hasNews = false
    const askedUs = this.#user.nowUs()
    // Whatever comes of it: what REST does not answer for is not asked again at once.
    for (const asset of assets) if (this.heardMs.has(asset)) this.heardMs.set(asset, this.#nowMs)
    for (const text of await this.#rest.books(assets)) {
      const asset = assetOf(text)
      const token = asset === undefined ? undefined : this.#decoder.token(asset)
      if (asset === undefined || token === undefined) continue
      const bookUs = timeOf(text)
      // What was given up, and never stated since, is wanted however old it is.
      if (bookUs <= this.#decoder.saidUs(token) && !this.#decoder.isDark(token)) {
        this.counts.agreed++
        continue
      }
      // News of the moment may still be on its way to us.
      hasNews ||= bookUs > sinceUs + STALLED_US && bookUs < askedUs - STALLED_US
      this.want(asset)
    }
    await this.fetch()
    return hasNews
  }

  get #nowMs(): number {
    return Math.floor(this.#user.nowUs() / 1_000)
  }

  /** As `doubt`, where the venue's hash is not ours: that may be so for ever where it hashes what we do not know. */
  #differs(assets: readonly string[]): void {
    const some = assets.filter(asset => {
      const before = this.#decoder.hasAgreed(asset) ? 0 : (this.#doubts.get(asset) ?? 0)
      const count = before + 1
      this.#doubts.set(asset, count)
      return count <= DOUBTS_MAX
    })
    if (some.length > 0) this.doubt(some, 'its hash is not the venue’s')
  }

  /** A book that was wanted has come. */
  #take(asset: string, text: string): void {
    const nowUs = this.#user.nowUs()
    const judged = this.#missing.answered(asset, timeOf(text), this.#nowMs)
    if (judged.tag === 'stale') this.counts.staleBooks++
    if (judged.tag !== 'taken') return
    const { inputs, fault } = this.#decoder.restBook(text, nowUs)
    this.#user.say(inputs)
    if (fault !== undefined) {
      if (!this.#missing.failed(asset, this.#nowMs)) this.#giveUp(asset)
      return
    }
    this.#missing.settled(asset)
    this.counts.restBooks++
    this.heardMs.set(asset, this.#nowMs)
    const since = this.#decoder.changes(judged.changes, nowUs)
    this.#user.say(since.inputs)
    this.judge(since)
  }

  /** REST does not give this book: it stays in the dark, and is asked for again when its age says so. */
  #giveUp(asset: string): void {
    this.#user.say(this.#decoder.refuse('REST gives no book', asset, this.#user.nowUs()))
    this.#user.gaveUp(asset)
    this.heardMs.set(asset, this.#nowMs)
  }
}

/** So far both sides of a book may lie from what is quoted, 1e-4 dollar: it changes between two requests. */
const GHOST_MIN = 500

/**
 * Whether a book is another one than what the venue quotes: both its best bid and its best ask are far from that. REST is reported to have
 * stuck on books of 0.01 and 0.99 while prices moved (py-clob-client, issue 180).
 */
function isGhost(text: string, quoted: Bests | undefined): boolean {
  if (!quoted || quoted.bid === 0 || quoted.ask === 0) return false
  const [bid, ask] = [bestIn(text, 'bids', Math.max), bestIn(text, 'asks', Math.min)]
  return Math.abs(bid - quoted.bid) > GHOST_MIN && Math.abs(ask - quoted.ask) > GHOST_MIN
}

/** The best price of a side, 1e-4 dollar: an empty side is as far away as can be. */
function bestIn(text: string, side: 'bids' | 'asks', best: (...of: number[]) => number): number {
  const [, levels = ''] = new RegExp(`"${side}":\\[(.*?)\\]`).exec(text) ?? []
  const prices = [...levels.matchAll(/"price":"([^"]*)"/g)].map(([, price = '']) =>
    priceFrom(price),
  )
  const known = prices.filter(price => typeof price === 'number')
  return known.length > 0 ? best(...known) : side === 'bids' ? 0 : PRICE_MAX
}

const assetOf = (book: string): string | undefined => /"asset_id":"(\d+)"/.exec(book)?.[1]

/** The venue's time of a book, µs; 0 where it states none. */
const timeOf = (book: string): number =>
  Number(/"timestamp":"(\d{1,16})"/.exec(book)?.[1] ?? 0) * 1_000
