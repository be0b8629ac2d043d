import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MarketDescribed, QuotesSampled } from '#schemas/events/harvest.js'
import { NOT_SAID, QUOTE_ROW } from '#schemas/harvest.js'
import { PRICE_MAX } from '#schemas/units.js'
import { FeedFault, type FeedInput } from '../../feed.js'
import {
  importFeed,
  type ImportFeed,
  type ImportOptions,
  type Tally,
} from '../../recorded/import-feed.js'
import { parquetRows } from '../../recorded/parquet-rows.js'
import { filesOf, inOrder } from '../../recorded/paths.js'
import type { Meta } from '../../recorded/market-meta.js'

const COLUMNS = ['ts', 'slug', 'category', 'bid', 'ask'] as const
const WANTED = {
  isWanted: (name: string) => /^quotes.*\.parquet$/.test(name),
  expected: 'a quotes….parquet file with ts, slug, category, bid and ask, or a folder of them',
}
/** Rows of one event: a line of a log stays far below what a commit may hold. */
const ROWS_MAX = 1_000

/**
 * Best bid and ask of many markets at intervals of minutes, as Parquet: a row for each market and poll, in the order of the markets. They are samples of a slow
 * collector, not a book: nobody trades on them. A file is taken poll by poll. Source of the form: the recording's own README
 * (github.com/DineshKumar8399/polymarket-orderbook-dataset).
 */
export function polymarketQuotes(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'polymarket-quotes',
    async function* (tally, signal) {
      const files = await filesOf(paths, WANTED, tally)
      const described = new Described(await questionsOf(files, meta))
      for (const file of await inOrder(files, earliest, tally)) {
        tally.begin(file)
        const polls = await readPolls(file, tally, described)
        for (const [tUs, rows] of polls) {
          if (signal.aborted) return
          yield [...described.fresh(rows, tUs), ...samples(tUs, rows)]
        }
      }
    },
    undefined,
    options,
  )
}

/** What markets ask: as the metadata says, else as `markets.parquet` beside a file does, where it is there. */
async function questionsOf(
  files: readonly string[],
  meta: Meta,
): Promise<ReadonlyMap<string, string>> {
  const questions = new Map<string, string>()
  for (const folder of new Set(files.map(file => dirname(file)))) {
    const path = join(folder, 'markets.parquet')
    if (!existsSync(path)) continue
    for await (const { columns, count } of parquetRows(path, ['slug', 'question']))
      for (let i = 0; i < count; i++)
        questions.set(textOf(columns.slug[i]), textOf(columns.question[i]))
  }
  for (const { key, question } of meta) if (question !== undefined) questions.set(key, question)
  return questions
}

/** When a file begins: its rows are not in the order of their times, and a row of the first market is taken for it. */
async function earliest(file: string): Promise<number | undefined> {
  for await (const { columns, count } of parquetRows(file, ['ts']))
    for (let i = 0; i < count; i++) {
      const tUs = timeOf(columns.ts[i])
      if (tUs !== undefined) return tUs
    }
  return undefined
}

const timeOf = (value: unknown): number | undefined => {
  if (!(value instanceof Date)) return undefined
  const ms = value.getTime()
  return Number.isSafeInteger(ms) && ms > 0 ? ms * 1_000 : undefined
}

/** Markets that are there, each with the small number by which samples name it; described before the first of these. */
class Described {
  readonly #questions: ReadonlyMap<string, string>
  readonly #refs = new Map<string, number>()
  readonly #all: { readonly slug: string; readonly category: string }[] = []
  /** The markets up to this number are described. */
  readonly #said = new Set<number>()

  constructor(questions: ReadonlyMap<string, string>) {
    this.#questions = questions
  }

  refOf(slug: string, category: string): number {
    const known = this.#refs.get(slug)
    if (known !== undefined) return known
    this.#all.push({ slug, category })
    this.#refs.set(slug, this.#all.length)
    return this.#all.length
  }

  fresh(rows: readonly number[], tUs: number): readonly FeedInput[] {
    const inputs: FeedInput[] = []
    for (let i = 0; i < rows.length; i += QUOTE_ROW) {
      const ref = rows[i] ?? 0
      const market = this.#all[ref - 1]
      if (this.#said.has(ref) || !market) continue
      this.#said.add(ref)
      const { slug, category } = market
      const token = { id: slug, outcome: 'Yes', index: 0, other: false, placeholder: false }
      const event = MarketDescribed.make({
        ...{ ref, id: slug, condition: '', question: this.#questions.get(slug) ?? '', slug },
        ...{ groupSlug: '', groupId: '', category, starts: 0, ends: 0 },
        ...{ negRisk: false, augmented: false, resolution: '', updated: 0 },
        tokens: [{ ...token, ref, tick: NOT_SAID, minSize: NOT_SAID }],
      })
      inputs.push({ tUs, event })
    }
    return inputs
  }
}

/** All rows of a file by the time of their poll, the earliest first. */
async function readPolls(
  file: string,
  tally: Tally,
  described: Described,
): Promise<readonly (readonly [tUs: number, rows: readonly number[]])[]> {
  const polls = new Map<number, number[]>()
  for await (const { columns, count, from, file: name } of parquetRows(file, COLUMNS)) {
    for (let i = 0; i < count; i++) {
      tally.read++
      const tUs = timeOf(columns.ts[i])
      const slug = columns.slug[i]
      const where = { toString: (): string => `${name}: row ${from + i + 1}` }
      if (tUs === undefined || typeof slug !== 'string' || slug === '') {
        tally.skip('row without a time or a market', where)
        continue
      }
      const bid = priceOf(columns.bid[i], 0)
      const ask = priceOf(columns.ask[i], PRICE_MAX)
      if (bid === undefined || ask === undefined) {
        tally.skip('price that is none, or finer than 1e-4 dollar', where)
        continue
      }
      if (bid >= ask) {
        tally.skip('bid that is not below the ask', where)
        continue
      }
      const ref = described.refOf(slug, textOf(columns.category[i]))
      const rows = polls.get(tUs)
      if (rows) rows.push(ref, bid, ask, NOT_SAID, 0)
      else polls.set(tUs, [ref, bid, ask, NOT_SAID, 0])
    }
  }
  if (polls.size === 0) throw new FeedFault('no row of it can be used', file, WANTED.expected)
  return [...polls].sort(([a], [b]) => a - b)
}

/** A price in 1e-4 dollar; where there is none, what stands for that. */
function priceOf(value: unknown, none: number): number | undefined {
  if (value === null || value === undefined) return none
  if (typeof value !== 'number') return undefined
  const at = Math.round(value * PRICE_MAX)
  // What was written in decimals is a rounding error of doubles away.
  const isWhole = Math.abs(value * PRICE_MAX - at) < 1e-6
  return isWhole && at > 0 && at < PRICE_MAX ? at : undefined
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function samples(tUs: number, rows: readonly number[]): readonly FeedInput[] {
  const inputs: FeedInput[] = []
  const width = ROWS_MAX * QUOTE_ROW
  for (let at = 0; at < rows.length; at += width)
    inputs.push({
      tUs,
      event: QuotesSampled.make({ from: 'rest', rows: rows.slice(at, at + width) }),
    })
  return inputs
}
