import { ASK, BID, UNSAID } from '#schemas/levels.js'
import type { FrameWalker } from '#engine/book/frame-walk.js'
import { BookChanged, BookIncomplete, BookSnapshot, TradePrinted } from '#schemas/events/feed.js'
import { MarketResolved, TickSizeChanged } from '#schemas/events/market.js'
import { wellFormed } from '#schemas/text.js'
import { price, shares } from '#schemas/units.js'
import { polymarket as venue } from '#engine/venues/polymarket/venue.js'
import { priceFrom } from '../../decimal.js'
import type { FeedEvent, FeedInput } from '../../feed.js'
import { HashCheck } from './hash-check.js'
import type { Tally } from '../../recorded/import-feed.js'
import { HashHandover } from './hash-handover.js'
import { bestAskIn, bestBidIn, flatLevels, levelOf, representable, textLevelsIn } from './levels.js'
import { KnownMarkets, metaOfNewMarket } from './markets.js'
import type { Meta } from '../../recorded/market-meta.js'
import { exactly, tickFrom } from '../../recorded/market-meta.js'
import { maybeTextIn, timeIn, objectsIn, textIn, textsIn, wordIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'
import type { ScanPlace } from '../../recorded/message-scan.js'
import { NO_SNAPSHOT, REPEATED, UsualChanges } from './usual-changes.js'
import type { UsualReader } from './usual-reader.js'

/**
 * Messages of Polymarket's market channel in, inputs out. Owned by one import. Source of the message kinds:
 * docs.polymarket.com, market channel, and recorded frames of 2024 to 2026.
 */
export class PolymarketDecoder {
  private readonly tally: Tally
  private readonly markets: KnownMarkets
  private readonly hashes: HashCheck
  private readonly usual: UsualChanges
  /** Takes what it can before this decoder is asked; absent where there is no walker. */
  readonly handover: HashHandover | undefined
  private readonly resolutions = new Map<number, string>()
  private inputs: FeedInput[] = []
  private tUs = 0

  /** `patienceMs`: how long a hash may wait for the print that it covers; for ever where nothing is said. */
  constructor(
    tally: Tally,
    meta: Meta,
    {
      walker,
      patienceMs,
      reader,
    }: { walker?: FrameWalker; patienceMs?: number; reader?: UsualReader } = {},
  ) {
    const say = (event: FeedEvent): void => this.say(event)
    this.tally = tally
    this.markets = new KnownMarkets(tally.listing, meta, say)
    this.hashes = new HashCheck(tally, say, patienceMs)
    this.usual = new UsualChanges(tally, this.hashes, reader)
    this.handover = walker && new HashHandover(walker, tally, this.hashes)
  }

  /**
   * Takes the message at `at` if it is a `price_change` in the form of today and of tokens seen before: says what `take`
   * would, without a string per field. The place behind it, −1 where it is none.
   */
  takeUsual(bytes: Buffer, at: number, where: ScanPlace): number {
    const { usual, tally } = this
    if (tally.times.isMillis !== true) return -1
    const behind = usual.read(bytes, at)
    if (behind < 0) return -1
    this.tally.read++
    this.tUs = usual.tUs
    this.say(BookChanged.make({ d: usual.changes(bytes, where) }))
    usual.check(bytes)
    return behind
  }

  /** Takes one message. Throws a `FeedFault` where a known kind lacks what it must have. */
  take(wire: Wire): void {
    this.tally.read++
    const type = wire.value['event_type']
    switch (type) {
      case 'book': {
        this.book(wire)
        return
      }
      case 'price_change': {
        this.priceChange(wire)
        return
      }
      case 'last_trade_price': {
        this.lastTrade(wire)
        return
      }
      case 'tick_size_change': {
        this.tickChange(wire)
        return
      }
      case 'market_resolved': {
        this.resolved(wire)
        return
      }
      case 'new_market': {
        this.newMarket(wire)
        return
      }
      case 'best_bid_ask': {
        this.tally.skip('best_bid_ask (the book says it)', wire.where)
        return
      }
      default: {
        this.tally.skip(
          typeof type === 'string' ? `event type ${type}` : 'no event type',
          wire.where,
        )
        return
      }
    }
  }

  /** Introduces markets that were described since it began; those that it knows stay as they are. */
  introduce(meta: Meta, tUs: number): void {
    this.tUs = tUs
    for (const market of meta) if (!this.tally.listing.market(market.key)) this.markets.list(market)
  }

  /** What was said of a token is lost in part: its hashes are not compared until its whole book is stated again. */
  forget(asset: string): void {
    this.hashes.forget(asset)
  }

  /** Whether a hash of this token has agreed since its book was last forgotten. */
  hasAgreed(asset: string): boolean {
    return this.hashes.hasAgreed(asset)
  }

  /** It is this time at the venue, µs: what waited too long for something is decided. */
  now(tUs: number): void {
    this.tUs = tUs
    this.hashes.now(tUs / 1_000)
  }

  /** The source is over. */
  end(): void {
    this.hashes.end()
  }

  drained(): readonly FeedInput[] {
    const { inputs } = this
    this.inputs = []
    return inputs
  }

  private book(wire: Wire): void {
    const timestamp = this.timeOf(wire)
    const tick = maybeTextIn(wire, 'tick_size') || undefined
    const lastTradePrice = maybeTextIn(wire, 'last_trade_price')
    const version = maybeTextIn(wire, 'version')
    const [bids, asks] = [textLevelsIn(wire, BID), textLevelsIn(wire, ASK)]
    const { tally } = this
    const { token, key, book } = this.tokenOf(wire, wire, tick)
    if (tick !== undefined) book.facts = { ...book.facts, tickSize: tick }
    if (lastTradePrice !== undefined) book.facts = { ...book.facts, lastTradePrice }
    if (version !== undefined) book.facts = { ...book.facts, version }
    book.restate(bids, asks)
    const at = { where: wire.where, tally }
    const [ofBids, ofAsks] = [flatLevels(bids, BID, at), flatLevels(asks, ASK, at)]
    const unfit = ofBids.unfit + ofAsks.unfit
    const facts = { token, bids: ofBids.levels, asks: ofAsks.levels }
    this.say(BookSnapshot.make({ ...facts, ...(unfit > 0 && { unfit }) }))
    const hash = maybeTextIn(wire, 'hash')
    if (hash) this.hashes.check(key, hash, timestamp, true)
    else tally.skip('book without a hash (not checked)', wire.where)
  }

  /** One frame, one event: `price_changes[]`; `changes[]` of one token or one flat change before September 2025. */
  private priceChange(wire: Wire): void {
    const timestamp = this.timeOf(wire)
    const isNow = wire.value['price_changes'] !== undefined
    const isList = wire.value['changes'] !== undefined
    const rows = isNow
      ? objectsIn(wire, 'price_changes')
      : isList
        ? objectsIn(wire, 'changes')
        : [wire]
    const d: number[] = []
    const hashes = new Map<string, string>()
    for (const row of rows) {
      const side = wordIn(row, 'side', ['BUY', 'SELL']) === 'BUY' ? BID : ASK
      const text = { price: textIn(row, 'price'), size: textIn(row, 'size') }
      const { token, key, book } = this.tokenOf(wire, isNow ? row : wire, undefined, text.price)
      book.change(side, text)
      const hash = isNow ? maybeTextIn(row, 'hash') : undefined
      if (hash && book.isKnown) {
        if (hashes.has(key)) this.tally.skip(REPEATED, wire.where)
        hashes.set(key, hash)
      } else this.unchecked(isNow, hash, wire.where)
      const level = levelOf(text, wire.where, this.tally)
      const at = level?.at ?? representable(text.price)
      if (!level) this.say(BookIncomplete.make({ token, why: 'a level does not fit our units' }))
      if (at === undefined) continue
      const [bid, ask] = [bestBidIn(row), bestAskIn(row)]
      const isSaid = bid !== undefined && ask !== undefined
      // Of a level that does not fit nothing is kept, but the venue's best behind it is compared all the same.
      const size = level?.size ?? 0
      d.push(token, side, at, size, isSaid ? bid : UNSAID, isSaid ? ask : UNSAID)
    }
    if (d.length > 0) this.say(BookChanged.make({ d }))
    for (const [key, hash] of hashes) this.hashes.check(key, hash, timestamp, false)
  }

  private unchecked(isNow: boolean, hash: string | undefined, where: string): void {
    if (!isNow) this.tally.skip('hash of the rule before September 2025 (not checked)', where)
    else if (hash) this.tally.skip(NO_SNAPSHOT, where)
    else this.tally.skip('change without a hash (not checked)', where)
  }

  private lastTrade(wire: Wire): void {
    this.timeOf(wire)
    const text = { price: textIn(wire, 'price'), size: textIn(wire, 'size') }
    const side = wordIn(wire, 'side', ['BUY', 'SELL']) === 'BUY' ? BID : ASK
    const id = wellFormed(maybeTextIn(wire, 'transaction_hash') ?? '')
    const { token, key } = this.tokenOf(wire, wire, undefined, text.price)
    const level = levelOf(text, wire.where, this.tally)
    if (level) {
      const at = { price: price(level.at), size: shares(level.size) }
      this.say(TradePrinted.make({ token, side, ...at, id }))
    }
    this.hashes.traded(key, text.price)
  }

  private tickChange(wire: Wire): void {
    this.timeOf(wire)
    const tickSize = textIn(wire, 'new_tick_size')
    const from = exactly(textIn(wire, 'old_tick_size'), priceFrom, wire.where) ?? 0
    const to = tickFrom(tickSize, wire.where) ?? 0
    const { token, book } = this.tokenOf(wire, wire, textIn(wire, 'old_tick_size'))
    book.facts = { ...book.facts, tickSize }
    book.forget()
    this.say(TickSizeChanged.make({ token, from: price(from), to: price(to) }))
  }

  private resolved(wire: Wire): void {
    this.timeOf(wire)
    const said = {
      winner: maybeTextIn(wire, 'winning_asset_id') ?? '',
      label: maybeTextIn(wire, 'winning_outcome') ?? '',
    }
    const stated = textsIn(wire, 'assets_ids') ?? []
    const market = this.markets.market(textIn(wire, 'market'), stated)
    const outcomes = this.tally.listing.outcomesOf(textIn(wire, 'market'))
    const paid = venue.payouts(said, outcomes)
    // Over it is in any case. What it pays is told again where that is not known yet.
    if (!paid) this.tally.skip('resolution that names no winner (payout unknown)', wire.where)
    if (this.isTold(market, paid)) {
      this.tally.skip('resolution told again', wire.where)
      return
    }
    const payouts = (paid ?? []).map((at, k) => [outcomes[k]?.token ?? 0, price(at)] as const)
    this.say(MarketResolved.make({ market, payouts }))
  }

  /** Whether this resolution, or one that knew more, was said of the market. */
  private isTold(market: number, paid: readonly number[] | undefined): boolean {
    const [known, now] = [this.resolutions.get(market), paid?.join() ?? '']
    if (known !== undefined && (now === '' || now === known)) return true
    this.resolutions.set(market, now)
    return false
  }

  private newMarket(wire: Wire): void {
    this.timeOf(wire)
    const meta = metaOfNewMarket(wire)
    if (this.tally.listing.market(meta.key)) this.tally.skip('market announced again', wire.where)
    else this.markets.list(meta)
  }

  /** The token that a message or a change speaks of, introduced at first sight. */
  private tokenOf(wire: Wire, row: Wire, tick?: string, sample?: string) {
    const [market, key] = [textIn(wire, 'market'), textIn(row, 'asset_id')]
    const token = this.markets.token({ market, key, tick, sample, where: wire.where })
    const facts = this.markets.factsOf(market)
    const book = this.hashes.book({ market, key, token }, facts)
    if (this.usual.know(key, token, book)) this.handover?.addToken(key, token, book)
    return { token, key, book }
  }

  /** Sets the time of what is said next; returns the venue's own text of it, which its hashes cover. */
  private timeOf(wire: Wire): string {
    this.tUs = timeIn(wire, 'timestamp', this.tally.times)
    return textIn(wire, 'timestamp')
  }

  private say(event: FeedEvent): void {
    this.inputs.push({ tUs: this.tUs, event })
  }
}
