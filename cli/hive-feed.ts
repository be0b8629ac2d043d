import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { LineReader, BAD } from '#schemas/line/reader.js'
import { TYPES, typeOf, type TypeName } from '#schemas/registry.js'
import { BATCH_MAX, FeedFault, type FeedEvent, type FeedInput } from '#engine/feeds/feed.js'
import type { ImportFeed, ImportReport } from '#engine/feeds/recorded/import-feed.js'
import { Dataset, filesOf } from './export/dataset.js'
import { datasetFacts } from './export/hive.js'
import { Renumbering } from './renumbering.js'

/** An input with its place in the log that it was exported from. */
interface Placed extends FeedInput {
  readonly seq: number
}

/**
 * The inputs of a dataset that `export --format hive` wrote, in the order of its log. One of an imported run is the same source again, so that
 * its import has the head of the original; of any other run, and of one by the machine's clock, it is `import:hive`. What does not fit is a fault that names table and sequence.
 */
export function hiveFeed(path: string): ImportFeed {
  const dir = resolve(path)
  const facts = datasetFacts(dir)
  let report: ImportReport = EMPTY
  return {
    source: facts.mode === 'import' && facts.clock === 'event' ? facts.source : 'import:hive',
    report: () => report,
    open: async function* ({ signal, instruments }) {
      const temporary = mkdtempSync(join(tmpdir(), 'polaris-hive-'))
      const dataset = await Dataset.open(temporary)
      const counts = { read: 0, markets: 0, tokens: 0 }
      try {
        const numbers = new Renumbering(instruments)
        const known = new Set<number>()
        let batch: FeedInput[] = []
        for await (const { seq, tUs, event } of merged(STREAMS.map(of => of(dataset, dir)))) {
          counts.read++
          requireListed(event, known, seq)
          if (event.type === 'MarketListed') counts.markets++
          if (event.type === 'TokenListed') counts.tokens++
          const own = numbers.take(event)
          if (own) batch.push({ tUs, event: own })
          if (batch.length < BATCH_MAX) continue
          yield batch
          batch = []
          if (signal.aborted) break
        }
        if (batch.length > 0 && !signal.aborted) yield batch
      } catch (error) {
        if (error instanceof FeedFault || !(error instanceof Error)) throw error
        throw new FeedFault(error.message, dir, "a dataset as 'export' wrote it")
      } finally {
        report = { ...EMPTY, ...counts }
        dataset.close()
        rmSync(temporary, { recursive: true, force: true })
      }
    },
  }
}

const EMPTY: ImportReport = {
  ...{ read: 0, skipped: [], markets: 0, tokens: 0, hashChecked: 0, hashOk: 0 },
  ...{ settlesChecked: 0, settlesOk: 0 },
}

type Stream = AsyncGenerator<Placed>

/** Streams that are each in the order of their sequence, as one. A sequence that two have is an input said twice. */
async function* merged(streams: readonly Stream[]): Stream {
  const heads = await Promise.all(streams.map(stream => stream.next()))
  let last = 0
  for (;;) {
    let first = -1
    let least: Placed | undefined
    for (const [k, head] of heads.entries())
      if (head.done !== true && head.value.seq < (least?.seq ?? Infinity))
        [first, least] = [k, head.value]
    if (least === undefined) return
    if (least.seq <= last)
      throw fault('the dataset', least.seq, 'is there twice', 'each input once')
    last = least.seq
    yield least
    heads[first] = await streams[first]!.next()
  }
}

/** Numbers cross as doubles, which hold all that a log holds. */
const double = (...names: readonly string[]): string =>
  names.map(name => `CAST(${name} AS DOUBLE)`).join(', ')

const order = (dataset: Dataset, dir: string, table: string, columns: string) =>
  existsSync(join(dir, table)) && readdirSync(join(dir, table)).length > 0
    ? dataset.rows(`SELECT ${columns} FROM ${filesOf(dir, table)} ORDER BY seq, place`)
    : nothing()

async function* nothing(): AsyncGenerator<Rows> {
  // a table without rows has no files
}

const STREAMS: readonly ((dataset: Dataset, dir: string) => Stream)[] = [
  changes,
  snapshots,
  trades,
  inputs,
]

const SIDES = `CASE side WHEN 'bid' THEN 0 WHEN 'buy' THEN 0 WHEN 'ask' THEN 1 WHEN 'sell' THEN 1 END`

async function* changes(dataset: Dataset, dir: string): Stream {
  const columns = double(
    ...['seq', 't_us', 'lag_us', 'token_number', SIDES, 'price_1e4', 'size_micro'],
    ...['venue_bid_1e4', 'venue_ask_1e4'],
  )
  for await (const [head, levels] of grouped(order(dataset, dir, 'book_changes', columns))) {
    const [seq, tUs, l] = head
    yield placed('BookChanged', seq, tUs, { d: levels.map(changeOf), ...said('l', l) })
  }
}

/** Token, side, price, size, and the venue's best where it states them. */
function changeOf([, , , token, side, price, size, bid, ask]: Row): Row {
  return bid === null ? [token, side, price, size] : [token, side, price, size, bid, ask]
}

async function* snapshots(dataset: Dataset, dir: string): Stream {
  const columns = double(
    ...['seq', 't_us', 'lag_us', 'token_number', 'unfit', SIDES, 'price_1e4', 'size_micro'],
  )
  for await (const [head, levels] of grouped(order(dataset, dir, 'book_snapshots', columns))) {
    const [seq, tUs, lag, token, unfit] = head
    const side = (of: number): Rows =>
      levels.filter(level => level[5] === of).map(([, , , , , , price, size]) => [price, size])
    const book = { token, bids: side(0), asks: side(1) }
    yield placed('BookSnapshot', seq, tUs, {
      ...book,
      ...said('lag', lag),
      ...said('unfit', unfit),
    })
  }
}

type Row = readonly unknown[]
type Rows = readonly Row[]

/** Rows of one sequence together, the first of them as their head. */
async function* grouped(chunks: AsyncIterable<Rows>): AsyncGenerator<readonly [Row, Rows]> {
  let group: Row[] = []
  for await (const rows of chunks)
    for (const row of rows) {
      if (group[0] !== undefined && group[0][0] !== row[0]) {
        yield [group[0], group]
        group = []
      }
      group.push(row)
    }
  if (group[0] !== undefined) yield [group[0], group]
}

async function* trades(dataset: Dataset, dir: string): Stream {
  const numbers = ['seq', 't_us', 'lag_us', 'token_number', SIDES, 'price_1e4', 'size_micro']
  const columns = `${double(...numbers)}, trade_id`
  for await (const rows of order(dataset, dir, 'trades', `${columns}, 0 AS place`))
    for (const [seq, tUs, lag, token, side, price, size, id] of rows)
      yield placed('TradePrinted', seq, tUs, {
        ...{ token, side, price, size, id },
        ...said('lag', lag),
      })
}

async function* inputs(dataset: Dataset, dir: string): Stream {
  const reader = new LineReader()
  const columns = `${double('seq', 't_us')}, line, 0 AS place`
  for await (const rows of order(dataset, dir, 'inputs', columns))
    for (const [seq, tUs, line] of rows) {
      const bytes = Buffer.from(String(line), 'utf8')
      const kind = reader.over(bytes).read(0, bytes.length)
      const read = kind === BAD ? undefined : reader.recorded(kind)
      const expected = 'a line of a log with its sum'
      if (read === undefined || E.isLeft(read))
        throw fault('inputs', seq, 'cannot be read', expected)
      const { event } = read.right
      if (read.right.seq !== seq || read.right.tUs !== tUs || typeOf(event.type).kind !== 'feed')
        throw fault('inputs', seq, 'is not what its columns say', expected)
      // Of kind `feed`, which is what FeedEvent lists.
      yield { seq: read.right.seq, tUs: read.right.tUs, event: event as FeedEvent }
    }
}

const said = (name: string, value: unknown): object => (value === null ? {} : { [name]: value })

/** An event in the form in which a log stores it, checked by its codec. */
function placed(type: TypeName, seq: unknown, tUs: unknown, stored: unknown): Placed {
  const decoded = TYPES[type].codec.decode(stored)
  if (E.isRight(decoded) && isWhole(seq) && isWhole(tUs))
    // Of kind `feed`, which is what FeedEvent lists.
    return { seq, tUs, event: { type, data: decoded.right } as FeedEvent }
  throw fault(type, seq, 'does not fit', `a ${type} as docs/EVENTS.md has it`)
}

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value)

/** A listing comes before what names it: a dataset from which one was taken away is none. */
function requireListed(event: FeedEvent, known: Set<number>, seq: number): void {
  if (event.type === 'TokenListed') known.add(event.data.token)
  const require = (token: number): void => {
    if (!known.has(token))
      throw fault(event.type, seq, `names token ${token}`, 'a token that was listed before')
  }
  if (event.type === 'BookChanged')
    for (let k = 0; k < event.data.d.length; k += 6) require(event.data.d[k]!)
  else if ('token' in event.data) require(event.data.token)
}

const fault = (where: string, seq: unknown, what: string, expected: string): FeedFault =>
  new FeedFault(`event ${String(seq)} ${what}`, where, expected)
