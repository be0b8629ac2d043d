import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { BookChanged, BookSnapshot } from '#schemas/events/feed.js'
import { ASK, BID, UNSAID } from '#schemas/levels.js'
import { failuresOf } from '#schemas/failures.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom } from '../../decimal.js'
import { isoMicros } from '../../recorded/times.js'
import { FeedFault, type FeedEvent, type FeedInput } from '../../feed.js'
import {
  importFeed,
  type ImportFeed,
  type ImportOptions,
  type Tally,
} from '../../recorded/import-feed.js'
import { jsonObjects } from '../../recorded/json-objects.js'
import type { Guess } from '../../recorded/listing.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { filesOf, firstIn, inOrder } from '../../recorded/paths.js'
import type { Wire } from '../../recorded/wire.js'

const WANTED = {
  isWanted: (name: string) => /\.(jsonl|ndjson|json)(\.gz|\.zst)?$/.test(name),
  expected: 'a .jsonl file of polls (.gz or .zst too), or a folder of them',
}

/** Fee 0.07 × p × (1 − p), tick one cent. Source: Kalshi fee schedule, 2026. */
const GUESS: Guess = { venue: 'kalshi', feeRate: 700, tick: 100, minSize: 1_000_000 }
/** Polls say prices only: so many contracts stand at each, 1e-6. */
const ASSUMED_SIZE = 100_000_000

const PolledTop = t.type({ yes_bid: t.number, yes_ask: t.number, ticker: t.string })
const Poll = t.type({
  timestamp: t.string,
  event_ticker: t.string,
  markets: t.record(t.string, PolledTop),
})
type Poll = t.TypeOf<typeof Poll>

/** Best bid and ask of a token, 1e-4 dollar; 0 and 10,000 for none. */
interface Top {
  readonly bid: number
  readonly ask: number
}

/**
 * Polls of the best prices of all markets of Kalshi events: a line per event and poll. The markets of such an event are
 * thresholds ("above 60", "above 65"), so their outcomes overlap: several may pay, and no sum over them is an arbitrage. It
 * is listed as a group that is not exclusive.
 */
export function kalshiTops(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'kalshi-tops',
    async function* (tally, signal) {
      const reader = new Polls(tally, meta)
      const first = (wire: Wire): number | undefined => timeOf(pollOf(wire), wire)
      const files = await filesOf(paths, WANTED, tally)
      for (const file of await inOrder(files, one => firstIn(one, first), tally)) {
        tally.begin(file)
        for await (const wires of jsonObjects(file)) {
          if (signal.aborted) return
          yield wires.flatMap(wire => reader.take(wire))
        }
      }
    },
    undefined,
    options,
  )
}

class Polls {
  private readonly tally: Tally
  private readonly meta: ReadonlyMap<string, MarketMeta>
  /** Tickers of each event so far, in the order of their strikes when they appeared. */
  private readonly events = new Map<string, string[]>()
  /** The last poll of each ticker's YES. */
  private readonly tops = new Map<string, Top>()

  constructor(tally: Tally, meta: Meta) {
    this.tally = tally
    this.meta = new Map(meta.map(market => [market.key, market]))
  }

  take(wire: Wire): FeedInput[] {
    this.tally.read++
    const poll = pollOf(wire)
    const tUs = timeOf(poll, wire)
    const inputs: FeedInput[] = []
    const say = (event: FeedEvent): unknown => inputs.push({ tUs, event })
    const strikes = Object.keys(poll.markets).sort((a, b) => Number(a) - Number(b))
    const tops = strikes.flatMap(strike => poll.markets[strike] ?? [])
    this.introduce(
      poll.event_ticker,
      tops.map(({ ticker }) => ticker),
      say,
    )
    for (const top of tops) this.state(top, wire, say)
    this.tally.skip('size is not recorded (100 contracts assumed)', wire.where, tops.length)
    return inputs
  }

  private introduce(
    event: string,
    tickers: readonly string[],
    say: (event: FeedEvent) => unknown,
  ): void {
    const known = this.events.get(event) ?? []
    const fresh = tickers.filter(ticker => !known.includes(ticker))
    if (fresh.length === 0) return
    this.events.set(event, [...known, ...fresh])
    const { listing } = this.tally
    for (const key of fresh) {
      const tokens = [
        { key: `${key}-yes`, outcome: 'Yes' },
        { key: `${key}-no`, outcome: 'No' },
      ]
      const meta = { venue: 'kalshi', key, group: event, tokens, ...this.meta.get(key) }
      listing.introduce(meta, GUESS, say)
    }
    const markets = [...known, ...fresh]
    listing.group({ key: event, exclusive: false, growing: true, markets }, say)
  }

  private state(
    { yes_bid, yes_ask, ticker }: t.TypeOf<typeof PolledTop>,
    wire: Wire,
    say: (event: FeedEvent) => unknown,
  ): void {
    const [yes, no] = this.tally.listing.market(ticker)?.tokens ?? []
    if (yes === undefined || no === undefined) return
    const [bid, ask] = [inUnits(yes_bid, wire), inUnits(yes_ask, wire)]
    if (bid >= ask) {
      this.tally.skip('bid not below ask', wire.where)
      return
    }
    const was = this.tops.get(ticker)
    this.tops.set(ticker, { bid, ask })
    if (was) {
      const d = [
        ...changesOf(yes, was, { bid, ask }),
        ...changesOf(no, mirroredTop(was), mirroredTop({ bid, ask })),
      ]
      if (d.length > 0) say(BookChanged.make({ d }))
      return
    }
    for (const [token, top] of [
      [yes, { bid, ask }],
      [no, mirroredTop({ bid, ask })],
    ] as const)
      say(
        BookSnapshot.make({ token, bids: levelOf(top.bid, 0), asks: levelOf(top.ask, PRICE_MAX) }),
      )
  }
}

/** The same prices seen from the other outcome. */
const mirroredTop = ({ bid, ask }: Top): Top => ({ bid: PRICE_MAX - ask, ask: PRICE_MAX - bid })

const levelOf = (at: number, none: number): number[] => (at === none ? [] : [at, ASSUMED_SIZE])

/** From one poll to the next: what goes, then what stands; the last change carries the best prices. */
function changesOf(token: number, was: Top, now: Top): number[] {
  const levels: (readonly [side: number, at: number, size: number])[] = []
  if (was.bid > 0 && was.bid !== now.bid) levels.push([BID, was.bid, 0])
  if (was.ask < PRICE_MAX && was.ask !== now.ask) levels.push([ASK, was.ask, 0])
  if (now.bid > 0) levels.push([BID, now.bid, ASSUMED_SIZE])
  if (now.ask < PRICE_MAX) levels.push([ASK, now.ask, ASSUMED_SIZE])
  return levels.flatMap(([side, at, size], k) => {
    const isLast = k === levels.length - 1
    return [token, side, at, size, isLast ? now.bid : UNSAID, isLast ? now.ask : UNSAID]
  })
}

function pollOf({ value, where }: Wire): Poll {
  const poll = Poll.decode(value)
  if (E.isRight(poll)) return poll.right
  throw new FeedFault(failuresOf(poll.left), where, 'a poll: timestamp, event_ticker, markets')
}

function timeOf({ timestamp }: Poll, { where }: Wire): number {
  const tUs = isoMicros(timestamp)
  if (tUs !== undefined) return tUs
  throw new FeedFault(
    `timestamp is "${timestamp}"`,
    where,
    'an ISO time, in UTC where it has no zone',
  )
}

function inUnits(value: number, { where }: Wire): number {
  const at = priceFrom(String(value))
  if (typeof at === 'number' && at >= 0 && at <= PRICE_MAX) return at
  throw new FeedFault(`price ${value} is no price`, where, 'dollars from 0 to 1')
}
