import { ASK, BID } from '#schemas/levels.js'
import {
  BookChanged,
  BookIncomplete,
  BookSnapshot,
  FeedLost,
  FeedResumed,
  TradePrinted,
} from '#schemas/events/feed.js'
import { MarketResolved } from '#schemas/events/market.js'
import { wellFormed } from '#schemas/text.js'
import { price, shares } from '#schemas/units.js'
import { kalshi } from '#engine/venues/kalshi/venue.js'
import { priceFrom, tickHolding } from '../../decimal.js'
import type { FeedEvent } from '../../feed.js'
import type { Tally } from '../../recorded/import-feed.js'
import { KalshiBook, mirroredChanges } from './book.js'
import { deltaIn, levelsIn, printIn, tickerOf } from './envelope.js'
import type { Guess } from '../../recorded/listing.js'
import type { Meta } from '../../recorded/market-meta.js'
import { maybeTextIn, objectIn, wordIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

/**
 * Kalshi's taker fee is 0.07 × C × p(1−p), rounded up to the cent; the general schedule of 2025 and 2026, some series
 * differ. Orders are whole contracts or hundredths; 1 contract is taken as the smallest.
 */
const GUESS: Guess = { venue: 'kalshi', feeRate: 700, tick: 100, minSize: 1_000_000 }
const FEED = 'kalshi'
const FRESH = { isStated: false, sid: '', paid: undefined }

interface Known {
  readonly book: KalshiBook
  readonly market: number
  readonly tokens: readonly [number, number]
  /** Whether its book follows a snapshot, and of which subscription. */
  isStated: boolean
  sid: string
  /** What it pays, once it was said to be over: empty where that is unknown. */
  paid: string | undefined
}

/** Messages of Kalshi's socket in, events out. Owned by one import. */
export class KalshiDecoder {
  private readonly tally: Tally
  private readonly meta: Meta
  private readonly say: (event: FeedEvent, lag?: number) => void
  private readonly markets = new Map<string, Known>()
  private readonly sequences = new Map<string, number>()

  constructor(tally: Tally, meta: Meta, say: (event: FeedEvent) => void) {
    this.tally = tally
    this.meta = meta
    this.say = say
  }

  /** Takes one message. `lag`: receive time minus venue time in µs, where both are known. */
  take(wire: Wire, lag: number | undefined): void {
    const type = maybeTextIn(wire, 'type')
    const sid = maybeTextIn(wire, 'sid') ?? ''
    if (type === 'subscribed') {
      this.over(maybeTextIn(objectIn(wire, 'msg'), 'sid') ?? sid)
      this.tally.skip('acknowledgement: subscribed', wire.where)
      return
    }
    if (type === 'unsubscribed') this.over(sid)
    if (!this.isNext(wire, sid, type === 'orderbook_snapshot')) return
    switch (type) {
      case 'orderbook_snapshot': {
        this.snapshot(objectIn(wire, 'msg'), sid, lag)
        return
      }
      case 'orderbook_delta': {
        this.delta(objectIn(wire, 'msg'), sid, lag)
        return
      }
      case 'trade': {
        this.trade(objectIn(wire, 'msg'), lag)
        return
      }
      case 'market_lifecycle_v2':
      case 'market_lifecycle': {
        this.lifecycle(objectIn(wire, 'msg'), lag)
        return
      }
      case 'fill': {
        this.tally.skip("fill of the recorder's own order", wire.where)
        return
      }
      case 'ok':
      case 'unsubscribed': {
        this.tally.skip(`acknowledgement: ${type}`, wire.where)
        return
      }
      default: {
        this.tally.skip(type === undefined ? 'no type' : `type ${type}`, wire.where)
        return
      }
    }
  }

  /**
   * Follows the sequence of a subscription. A message told twice is not taken, a gap loses the feed. A sequence that begins
   * anew, or a whole book with an earlier number, is another session: nothing of the one before it holds.
   */
  private isNext(wire: Wire, sid: string, isWhole: boolean): boolean {
    const text = maybeTextIn(wire, 'seq')
    if (text === undefined) return true
    const [seq, last] = [Number(text), this.sequences.get(sid)]
    const isNew = last !== undefined && seq < last && (seq === 1 || isWhole)
    if (last !== undefined && seq <= last && !isNew) {
      this.tally.skip('message told twice', wire.where)
      return false
    }
    if (isNew) this.over(sid)
    this.sequences.set(sid, seq)
    if (isNew || last === undefined || seq === last + 1) return true
    this.tally.skip('gap in the sequence', wire.where)
    this.lose(`gap: seq ${seq} after ${last} on sid ${sid}`)
    return true
  }

  /** A subscription ended, or another session has begun under its number: its books wait for theirs. */
  private over(sid: string): void {
    this.sequences.delete(sid)
    for (const known of this.markets.values())
      if (known.isStated && known.sid === sid) this.incomplete(known, 'its subscription is over')
  }

  private snapshot(msg: Wire, sid: string, lag: number | undefined): void {
    const [yes, no] = [levelsIn(msg, 'yes'), levelsIn(msg, 'no')]
    const unfit = yes.unfit + no.unfit
    if (unfit > 0) this.tally.skip('level that does not fit the units', msg.where, unfit)
    const all = [...yes.levels, ...no.levels]
    const tick = all.reduce((grid, [at]) => tickHolding(grid, at), GUESS.tick)
    const known = this.known(tickerOf(msg), tick)
    known.isStated = true
    known.sid = sid
    known.book.restate(yes.levels, no.levels)
    for (const [i, side] of [
      [0, 'yes'],
      [1, 'no'],
    ] as const) {
      const [bids, asks] = [known.book.bidsOf(side), known.book.asksOf(side)]
      const facts = { token: known.tokens[i], bids, asks, ...lagged(lag) }
      this.say(BookSnapshot.make({ ...facts, ...(unfit > 0 && { unfit }) }))
    }
  }

  private delta(msg: Wire, sid: string, lag: number | undefined): void {
    const ticker = tickerOf(msg)
    const known = this.markets.get(ticker)
    const side = wordIn(msg, 'side', ['yes', 'no'])
    const delta = deltaIn(msg)
    if (!known?.isStated) {
      this.tally.skip('delta before its snapshot', msg.where)
      return
    }
    if (known.sid !== sid) {
      this.tally.skip('delta of another subscription than the one of its snapshot', msg.where)
      return
    }
    const total = delta && known.book.change(side, delta.at, delta.change)
    if (!delta || !Number.isSafeInteger(total)) {
      this.tally.skip('level that does not fit the units', msg.where)
      this.incomplete(known, 'a level does not fit our units')
      return
    }
    const d = mirroredChanges(known.tokens, { side, at: delta.at, size: Math.max(0, total ?? 0) })
    this.say(BookChanged.make({ d, ...(lag === undefined ? {} : { l: lag }) }))
    if (total === undefined || total >= 0) return
    this.tally.skip('negative level', msg.where)
    this.lose(`gap: a level of ${ticker} fell below zero`)
  }

  /** What comes of a book until its next snapshot is built on nothing. */
  private incomplete(known: Known, why: string): void {
    known.isStated = false
    for (const token of known.tokens) this.say(BookIncomplete.make({ token, why }))
  }

  /** Prints stand on YES: who takes NO at p sells YES at 1 − p, as both are one book. */
  private trade(msg: Wire, lag: number | undefined): void {
    const taker = wordIn(msg, 'taker_side', ['yes', 'no'])
    const print = printIn(msg)
    if (!print) {
      this.tally.skip('print that does not fit the units', msg.where)
      return
    }
    const { at, size } = print
    const known = this.known(tickerOf(msg), tickHolding(GUESS.tick, at))
    const facts = {
      price: price(at),
      size: shares(size),
      id: wellFormed(maybeTextIn(msg, 'trade_id') ?? ''),
    }
    const side = taker === 'yes' ? BID : ASK
    this.say(TradePrinted.make({ token: known.tokens[0], side, ...facts, ...lagged(lag) }))
  }

  /** A market is decided, or void: it is over, and pays what the venue says, as soon as it says so. */
  private lifecycle(msg: Wire, lag: number | undefined): void {
    const what = maybeTextIn(msg, 'event_type') ?? ''
    if (what !== 'determined' && what !== 'settled') {
      this.tally.skip(`market lifecycle: ${what}`, msg.where)
      return
    }
    const known = this.known(tickerOf(msg), GUESS.tick)
    const value = maybeTextIn(msg, 'settlement_value_dollars')
    const settles = value === undefined ? undefined : priceFrom(value)
    const said = {
      winner: maybeTextIn(msg, 'result') ?? '',
      ...(typeof settles === 'number' && { settles }),
    }
    const outcomes = this.tally.listing.outcomesOf(tickerOf(msg))
    const paid = kalshi.payouts(said, outcomes)
    if (!paid) this.tally.skip('resolution that names no winner (payout unknown)', msg.where)
    const now = paid?.join() ?? ''
    if (known.paid !== undefined && (now === '' || now === known.paid)) {
      this.tally.skip('resolution told again', msg.where)
      return
    }
    known.paid = now
    const payouts = (paid ?? []).map((at, k) => [outcomes[k]?.token ?? 0, price(at)] as const)
    this.say(MarketResolved.make({ market: known.market, payouts, ...lagged(lag) }))
  }

  private lose(why: string): void {
    const feed = this.tally.listing.named(FEED)
    this.say(FeedLost.make({ feed, why }))
    this.say(FeedResumed.make({ feed }))
  }

  /** A market by ticker, introduced at first sight. Its event is the ticker without the last part. */
  private known(ticker: string, tick: number): Known {
    const known = this.markets.get(ticker)
    if (known) return known
    const { listing } = this.tally
    const [yesKey, noKey] = [`${ticker}:yes`, `${ticker}:no`]
    const tokens = [
      { key: yesKey, outcome: 'Yes' },
      { key: noKey, outcome: 'No' },
    ]
    const group = ticker.includes('-') ? ticker.slice(0, ticker.lastIndexOf('-')) : ''
    const meta = this.meta.find(({ key }) => key === ticker)
    const whole = meta?.tokens.length === 2 ? meta : { group, ...meta, key: ticker, tokens }
    listing.introduce(whole, { ...GUESS, tick }, this.say)
    const [yes = 0, no = 0] = listing.market(ticker)?.tokens ?? []
    const market = listing.market(ticker)?.id ?? 0
    const fresh: Known = { book: new KalshiBook(), market, tokens: [yes, no], ...FRESH }
    this.markets.set(ticker, fresh)
    return fresh
  }
}

const lagged = (lag: number | undefined): { lag?: number } => (lag === undefined ? {} : { lag })
