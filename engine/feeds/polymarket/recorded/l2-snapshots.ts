import { ASK, BID } from '#schemas/levels.js'
import { BookSnapshot, TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import type { FeedEvent, FeedInput } from '../../feed.js'
import { importFeed } from '../../recorded/import-feed.js'
import type { ImportFeed, ImportOptions, Tally } from '../../recorded/import-feed.js'
import { L2Cursor, isL2Name, l2Files, l2Markets, tradeOf } from './l2-files.js'
import type { Guess } from '../../recorded/listing.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { filesOf } from '../../recorded/paths.js'
import { flatLevels, levelOf, textLevelsIn } from '../decode/levels.js'
import { wordIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

/** Crypto markets were free of fees when these were recorded: the venue's fees came with 2026. */
const GUESS: Guess = { venue: 'polymarket', feeRate: 0, tick: 100 }
/** Inputs handed over at once. */
const PIECE = 1_024

const WANTED = {
  isWanted: isL2Name,
  expected:
    'files named <period>_<coin>_(orderbooks|trades)_<start>(up|down).json, or their folder',
}

/**
 * Whole books and prints of Up-or-Down markets, a file per token, merged by the time at which the recorder got them;
 * at one time by the venue's time (two books of one token in a millisecond would else stand before the other's first),
 * then by market, Up before Down, books before trades. Source of the format: the recording's README
 * (github.com/Caiooooo/polymarket-l2-collector).
 */
export function l2Snapshots(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'l2-snapshots',
    async function* (tally, signal) {
      const files = l2Files(await filesOf(paths, WANTED, tally))
      const described = new Set(meta.map(({ key }) => key))
      const implied = (await l2Markets(files)).filter(({ key }) => !described.has(key))
      const markets = new Map([...meta, ...implied].map(market => [market.key, market]))
      const cursors = files.map(file => new L2Cursor(file))
      for (const cursor of cursors) await cursor.load()
      let inputs: FeedInput[] = []
      for (let next = earliest(cursors); next; next = earliest(cursors)) {
        if (signal.aborted) return
        if (next.wire) take(next, next.wire, { tally, markets, inputs })
        if (!next.step()) await next.load()
        if (inputs.length < PIECE) continue
        yield inputs
        inputs = []
      }
      yield inputs
    },
    undefined,
    options,
  )
}

function earliest(cursors: readonly L2Cursor[]): L2Cursor | undefined {
  let first: L2Cursor | undefined
  for (const cursor of cursors)
    if (cursor.wire && (!first || isBefore(cursor, first))) first = cursor
  return first
}

const isBefore = (a: L2Cursor, b: L2Cursor): boolean =>
  a.tUs < b.tUs || (a.tUs === b.tUs && a.venueUs < b.venueUs)

interface Taking {
  readonly tally: Tally
  readonly markets: ReadonlyMap<string, MarketMeta>
  readonly inputs: FeedInput[]
}

function take(
  { file, tUs, venueUs }: L2Cursor,
  wire: Wire,
  { tally, markets, inputs }: Taking,
): void {
  tally.read++
  const say = (event: FeedEvent): unknown => inputs.push({ tUs, event })
  const { listing } = tally
  const market = markets.get(file.market)
  if (market) listing.introduce(market, GUESS, say)
  const token = listing.market(file.market)?.tokens[file.index]
  if (token === undefined) {
    tally.skip('token that --meta leaves out', wire.where)
    return
  }
  const lag = tUs - venueUs
  const at = { where: wire.where, tally }
  if (!file.isTrades) {
    const bids = flatLevels(textLevelsIn(wire, BID), BID, at)
    const asks = flatLevels(textLevelsIn(wire, ASK), ASK, at)
    const unfit = bids.unfit + asks.unfit
    const facts = { token, bids: bids.levels, asks: asks.levels, lag }
    say(BookSnapshot.make({ ...facts, ...(unfit > 0 && { unfit }) }))
    return
  }
  const side = wordIn(wire, 'side', ['BUY', 'SELL']) === 'BUY' ? BID : ASK
  const level = levelOf(tradeOf(wire), wire.where, tally)
  if (!level) return
  const print = { price: price(level.at), size: shares(level.size) }
  say(TradePrinted.make({ token, side, ...print, id: '', lag }))
}
