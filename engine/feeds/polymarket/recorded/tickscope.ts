import { BookChanged, BookIncomplete, TradePrinted } from '#schemas/events/feed.js'
import { price, shares } from '#schemas/units.js'
import type { FeedEvent, FeedInput } from '../../feed.js'
import { importFeed } from '../../recorded/import-feed.js'
import type { ImportFeed, ImportOptions, Tally } from '../../recorded/import-feed.js'
import type { Guess } from '../../recorded/listing.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { filesOf, inOrder } from '../../recorded/paths.js'
import { areMirrored, rowAt } from './tickscope-decode.js'
import type { OddRow, Row } from './tickscope-decode.js'
import { tickscopeRows } from './tickscope-rows.js'
import { impliedMarkets } from './tickscope-twins.js'

/** Polymarket's schedule for sports until the summer of 2026 (0.03, exponent 1): the recordings are of June 2026. */
const GUESS: Guess = { venue: 'polymarket', feeRate: 300, tick: 100 }

const WANTED = {
  isWanted: (name: string) => name.endsWith('.parquet'),
  expected: 'a .parquet file of the tickscope harvester, or a folder of them',
}

/**
 * Level changes and prints of Polymarket as the tickscope harvester writes them: Parquet, one row per changed level or
 * trade, no snapshots, so books start empty and fill. Two neighbouring rows that mirror each other at one time are one
 * frame. Source of the format: the recording's own README (github.com/SobhiSandakli/Polymarket-Tickscope).
 */
export function tickscope(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'tickscope',
    async function* (tally, signal) {
      const files = await inOrder(await filesOf(paths, WANTED, tally), firstRow, tally)
      const reading = new Reading(tally, [...meta, ...(await unknownOf(files, meta))])
      for (const file of files) {
        tally.begin(file)
        for await (const rows of tickscopeRows(file)) {
          if (signal.aborted) return
          for (let i = 0; i < rows.count; i++) {
            tally.read++
            const row = rowAt(rows, i)
            if ('odd' in row) reading.odd(row)
            else reading.take(row)
          }
          yield reading.drained()
        }
        reading.flush()
        yield reading.drained()
      }
    },
    undefined,
    options,
  )
}

/** When a file begins; undefined where it holds no row that says so. */
async function firstRow(file: string): Promise<number | undefined> {
  for await (const rows of tickscopeRows(file))
    for (let i = 0; i < rows.count; i++) {
      const row = rowAt(rows, i)
      if (!('odd' in row)) return row.tUs
    }
  return undefined
}

/** The implied markets of those tokens that the metadata leaves out. */
async function unknownOf(files: readonly string[], meta: Meta): Promise<Meta> {
  const known = new Set(meta.flatMap(({ tokens }) => tokens.map(({ key }) => key)))
  const implied = await impliedMarkets(files)
  return implied.filter(({ tokens }) => !tokens.some(({ key }) => known.has(key)))
}

/** Rows in, inputs out; holds one row back until it is known whether the next one is its mirror. */
class Reading {
  private readonly tally: Tally
  private readonly markets = new Map<string, MarketMeta>()
  private held: Row | undefined
  private inputs: FeedInput[] = []

  constructor(tally: Tally, markets: Meta) {
    this.tally = tally
    for (const market of markets) for (const { key } of market.tokens) this.markets.set(key, market)
  }

  take(row: Row): void {
    const { held } = this
    if (held && areMirrored(held, row) && this.areTwins(held, row)) {
      this.held = undefined
      this.frame(held, row)
      return
    }
    this.flush()
    if (!row.isTrade) this.held = row
    else if (row.price > 0 && row.size > 0) this.print(row)
    else this.tally.skip('print without size', row.where)
  }

  /** Counts a row that says nothing we can use; a level that does not fit leaves its book incomplete. */
  odd({ odd, where, key, tUs }: OddRow): void {
    this.tally.skip(odd, where)
    const token = this.tally.listing.token(key ?? '')
    if (token === undefined || tUs === undefined) return
    this.flush()
    this.say(tUs, BookIncomplete.make({ token, why: 'a level does not fit our units' }))
  }

  /** Says what was held back. */
  flush(): void {
    if (this.held) this.frame(this.held)
    this.held = undefined
  }

  drained(): readonly FeedInput[] {
    const { inputs } = this
    this.inputs = []
    return inputs
  }

  private areTwins(a: Row, b: Row): boolean {
    return this.markets.get(a.key) === this.markets.get(b.key)
  }

  private frame(...rows: readonly Row[]): void {
    const d: number[] = []
    for (const row of rows)
      d.push(this.tokenOf(row), row.side, row.price, row.size, row.bid, row.ask)
    if (rows[0]) this.say(rows[0].tUs, BookChanged.make({ d }))
  }

  private print(row: Row): void {
    const token = this.tokenOf(row)
    const { side, tUs } = row
    this.say(
      tUs,
      TradePrinted.make({ token, side, price: price(row.price), size: shares(row.size), id: '' }),
    )
  }

  /** The small id of a row's token; introduces its market at first sight. */
  private tokenOf({ key, tUs }: Row): number {
    const { listing } = this.tally
    const known = listing.token(key)
    if (known !== undefined) return known
    const market = this.markets.get(key) ?? { key: `market of ${key}`, tokens: [{ key }] }
    const isImplied = market.key.startsWith('market of ')
    // A market that only the recording implies is never whole: without minSize it is listed as inferred.
    const say = (event: FeedEvent): void => this.say(tUs, event)
    listing.introduce(isImplied ? { ...market, minSize: undefined } : market, GUESS, say)
    return listing.token(key) ?? 0
  }

  private say(tUs: number, event: FeedEvent): void {
    this.inputs.push({ tUs, event })
  }
}
