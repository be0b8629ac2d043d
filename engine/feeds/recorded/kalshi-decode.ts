import { BID } from '#schemas/levels.js'
import {
  BookChanged,
  BookSnapshot,
  FeedLost,
  FeedResumed,
  TradePrinted,
} from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import { tickHolding } from '../decimal.js'
import type { FeedEvent } from '../feed.js'
import type { Tally } from './import-feed.js'
import { KalshiBook, mirroredChanges } from './kalshi-book.js'
import { deltaIn, levelsIn, printIn, tickerOf } from './kalshi-wire.js'
import type { Guess } from './listing.js'
import type { Meta } from './market-meta.js'
import { maybeTextIn, objectIn, wordIn } from './wire.js'
import type { Wire } from './wire.js'

/**
 * Kalshi's taker fee is 0.07 × C × p(1−p), rounded up to the cent; the general schedule of 2025 and 2026, some series
 * differ. Orders are whole contracts or hundredths; 1 contract is taken as the smallest.
 */
const GUESS: Guess = { venue: 'kalshi', feeRate: 700, tick: 100, minSize: 1_000_000 }
const FEED = 'kalshi'

interface Known {
  readonly book: KalshiBook
  readonly tokens: readonly [number, number]
  isStated: boolean
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
    if (type === 'subscribed') {
      const sid = maybeTextIn(objectIn(wire, 'msg'), 'sid')
      if (sid !== undefined) this.sequences.delete(sid) // a new subscription counts from the start
      this.tally.skip('acknowledgement: subscribed', wire.where)
      return
    }
    if (!this.isNext(wire)) return
    switch (type) {
      case 'orderbook_snapshot': {
        this.snapshot(objectIn(wire, 'msg'), lag)
        return
      }
      case 'orderbook_delta': {
        this.delta(objectIn(wire, 'msg'), lag)
        return
      }
      case 'trade': {
        this.trade(objectIn(wire, 'msg'), lag)
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

  /** Follows the sequence of a subscription; a message told twice is not taken, a gap loses the feed. */
  private isNext(wire: Wire): boolean {
    const [sid, text] = [maybeTextIn(wire, 'sid') ?? '', maybeTextIn(wire, 'seq')]
    if (text === undefined) return true
    const [seq, last] = [Number(text), this.sequences.get(sid)]
    if (last !== undefined && seq <= last && seq !== 1) {
      this.tally.skip('message told twice', wire.where)
      return false
    }
    this.sequences.set(sid, seq)
    if (last === undefined || seq === last + 1) return true
    this.tally.skip('gap in the sequence', wire.where)
    this.lose(`gap: seq ${seq} after ${last} on sid ${sid}`)
    return true
  }

  private snapshot(msg: Wire, lag: number | undefined): void {
    const [yes, no] = [levelsIn(msg, 'yes'), levelsIn(msg, 'no')]
    const tick = [...yes, ...no].reduce((grid, [at]) => tickHolding(grid, at), GUESS.tick)
    const known = this.known(tickerOf(msg), tick)
    known.isStated = true
    known.book.restate(yes, no)
    for (const [i, side] of [
      [0, 'yes'],
      [1, 'no'],
    ] as const) {
      const [bids, asks] = [known.book.bidsOf(side), known.book.asksOf(side)]
      this.say(BookSnapshot.make({ token: known.tokens[i], bids, asks, ...lagged(lag) }))
    }
  }

  private delta(msg: Wire, lag: number | undefined): void {
    const ticker = tickerOf(msg)
    const known = this.markets.get(ticker)
    const side = wordIn(msg, 'side', ['yes', 'no'])
    const { at, change } = deltaIn(msg)
    if (!known?.isStated) {
      this.tally.skip('delta before its snapshot', msg.where)
      return
    }
    const total = known.book.change(side, at, change)
    const d = mirroredChanges(known.tokens, { side, at, size: Math.max(0, total) })
    this.say(BookChanged.make({ d, ...(lag === undefined ? {} : { l: lag }) }))
    if (total >= 0) return
    this.tally.skip('negative level', msg.where)
    this.lose(`gap: a level of ${ticker} fell below zero`)
  }

  private trade(msg: Wire, lag: number | undefined): void {
    const side = wordIn(msg, 'taker_side', ['yes', 'no'])
    const { at, size } = printIn(msg, side)
    const known = this.known(tickerOf(msg), tickHolding(GUESS.tick, at))
    const print = { price: price(at), size: shares(size), id: maybeTextIn(msg, 'trade_id') ?? '' }
    const token = known.tokens[side === 'yes' ? 0 : 1]
    this.say(TradePrinted.make({ token, side: BID, ...print, ...lagged(lag) }))
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
    const fresh: Known = { book: new KalshiBook(), tokens: [yes, no], isStated: false }
    this.markets.set(ticker, fresh)
    return fresh
  }
}

const lagged = (lag: number | undefined): { lag?: number } => (lag === undefined ? {} : { lag })
