import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { once } from 'node:events'
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api'
import { shown } from '#schemas/text.js'
import { csvLine } from '#projections/csv.js'
import type { Session } from '#projections/sinks/duckdb/session.js'
import type { Call } from '../command.js'
import { tableOf } from './table.js'
import { cellOf, jsonOf } from './values.js'

/** Forms of an answer. */
export const FORMATS = ['table', 'csv', 'json', 'parquet'] as const
/** One of them. */
export type Format = (typeof FORMATS)[number]

/** Rows that a table for people shows. */
const TABLE_ROWS_MAX = 1_000

/** An answer's facts; `rows` is empty where they went into a file. */
export interface Answered {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  readonly rowCount: number
  readonly out?: string
}

/** How an answer is wanted. */
export interface Wanted {
  readonly query: string
  readonly format: Format
  /** Written beside itself first, then put in place at once. */
  readonly out: string | undefined
  /** Whether the caller prints the facts itself. */
  readonly isJson: boolean
}

/** Asks, and hands the answer on in the form that is wanted. */
export async function answerOf(session: Session, wanted: Wanted, call: Call): Promise<Answered> {
  const { query, format, out, isJson } = wanted
  if (format === 'parquet' && out !== undefined) {
    const rowCount = await session.parquet(query, `${out}.tmp`)
    await rename(`${out}.tmp`, out)
    call.say(`${rowCount} rows in ${out}`)
    return { columns: [], rows: [], rowCount, out }
  }
  const result = await session.stream(query)
  const columns = distinct(result.columnNames())
  if (out === undefined && isJson) return collected(result, columns)
  const file = out === undefined ? undefined : createWriteStream(`${out}.tmp`)
  const sink = file ?? process.stdout
  // Data for a program stays as it is; a table, and whatever goes to a terminal, is for eyes.
  const isSeen = file === undefined && (format === 'table' || process.stdout.isTTY)
  const isQuiet = file === undefined && call.values['quiet'] === true
  const write = async (text: string): Promise<void> => {
    if (!isQuiet && !sink.write(isSeen ? shown(text) : text)) await once(sink, 'drain')
  }
  const rowCount = await WRITERS[format](result, columns, { write, note: call.note })
  if (!file || out === undefined) return { columns, rows: [], rowCount }
  file.end()
  await once(file, 'finish')
  await rename(`${out}.tmp`, out)
  call.say(`${rowCount} rows in ${out}`)
  return { columns, rows: [], rowCount, out }
}

/** Names of columns, each once in every form of an answer: a second `a` is `a_1`. */
export function distinct(names: readonly string[]): readonly string[] {
  const told = new Set<string>()
  return names.map(name => {
    let own = name
    for (let k = 1; told.has(own) || (own !== name && names.includes(own)); k++)
      own = `${name}_${k}`
    told.add(own)
    return own
  })
}

interface Into {
  readonly write: (text: string) => Promise<void>
  readonly note: (line: string) => void
}
type Writer = (result: DuckDBResult, columns: readonly string[], into: Into) => Promise<number>

const WRITERS: Readonly<Record<Format, Writer>> = {
  table: asTable,
  csv: asCsv,
  json: asJson,
  parquet: asCsv, // never asked for without a file
}

async function collected(result: DuckDBResult, columns: readonly string[]): Promise<Answered> {
  const rows: unknown[][] = []
  for await (const row of rowsOf(result)) rows.push(row.map(jsonOf))
  return { columns, rows, rowCount: rows.length }
}

async function asTable(result: DuckDBResult, columns: readonly string[], { write, note }: Into) {
  const rows: string[][] = []
  let count = 0
  for await (const row of rowsOf(result)) if (count++ < TABLE_ROWS_MAX) rows.push(row.map(cellOf))
  for (const line of tableOf([columns, ...rows])) await write(`${line}\n`)
  if (count > rows.length) note(`${count - rows.length} more rows; --format csv or --out shows all`)
  if (count === 0) note('no rows')
  return count
}

async function asCsv(result: DuckDBResult, columns: readonly string[], { write }: Into) {
  let count = 0
  await write(`${csvLine(columns)}\n`)
  for await (const row of rowsOf(result)) {
    await write(`${csvLine(row.map(cellOf))}\n`)
    count++
  }
  return count
}

async function asJson(result: DuckDBResult, columns: readonly string[], { write }: Into) {
  let count = 0
  await write('[')
  for await (const row of rowsOf(result)) {
    const object = Object.fromEntries(columns.map((name, k) => [name, jsonOf(row[k] ?? null)]))
    await write(`${count++ === 0 ? '\n' : ',\n'}  ${JSON.stringify(object)}`)
  }
  await write('\n]\n')
  return count
}

async function* rowsOf(result: DuckDBResult): AsyncGenerator<readonly DuckDBValue[]> {
  for (;;) {
    const chunk = await result.fetchChunk()
    if (!chunk || chunk.rowCount === 0) return
    yield* chunk.getRows()
  }
}
