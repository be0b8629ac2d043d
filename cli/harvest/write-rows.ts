import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { csvLine } from '#projections/csv.js'
import type { HarvestTable } from '#projections/harvest/tables.js'
import type { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { harvestParquet } from '#projections/sinks/harvest/parquet.js'
import { toFile } from '../arb-writers.js'

/** Formats of an export. */
export const ROW_FORMATS = ['csv', 'json', 'parquet'] as const
export type RowFormat = (typeof ROW_FORMATS)[number]

/** Rows between two looks at who wants the processor, and at the operator. */
const ROWS_AT_ONCE = 2_000

type Row = Readonly<Record<string, string | number | null>>
type Write = (text: string) => Promise<void>

/** Rows that are written, where they come from, and who may stop it. */
export interface Writing {
  readonly db: HarvestDatabase
  readonly table: HarvestTable
  readonly sql: string
  readonly stop: AbortSignal
  readonly progress?: (rows: number) => void
}

/** Writes rows as CSV or as one list of objects in JSON; answers how many, or nothing where it was stopped. */
export async function writeText(
  of: Writing,
  format: 'csv' | 'json',
  write: Write,
): Promise<number | undefined> {
  const { table } = of
  const names = table.columns.map(([name]) => name)
  await write(format === 'csv' ? `${csvLine(names)}\n` : '[')
  let count = 0
  for await (const rows of partsOf(of)) {
    const lines = rows.map((row, k) =>
      format === 'csv'
        ? `${csvLine(names.map(name => cellOf(row[name])))}\n`
        : `${count + k === 0 ? '\n' : ',\n'}  ${JSON.stringify(shownOf(table, row))}`,
    )
    await write(lines.join(''))
    count += rows.length
    of.progress?.(count)
  }
  if (format === 'json') await write('\n]\n')
  return of.stop.aborted ? undefined : count
}

/** Writes rows as a file, whole or not at all; answers how many, or nothing where it was stopped. */
export async function writeFile(
  of: Writing,
  format: RowFormat,
  file: string,
): Promise<number | undefined> {
  if (format !== 'parquet') return await toFile(file, write => writeText(of, format, write))
  const temporary = await mkdtemp(join(tmpdir(), 'polaris-export-'))
  try {
    const csv = join(temporary, 'rows.csv')
    const count = await toFile(csv, write => writeText(of, 'csv', write))
    if (count === undefined) return undefined
    await mkdir(dirname(file), { recursive: true })
    await harvestParquet(of.table, { csv, file: `${file}.tmp`, temporary })
    await rename(`${file}.tmp`, file)
    return count
  } finally {
    await rm(temporary, { recursive: true, force: true })
    await rm(`${file}.tmp`, { force: true })
  }
}

/** Rows in parts, between which others get their turn. */
async function* partsOf({ db, sql, stop }: Writing): AsyncGenerator<readonly Row[]> {
  let part: Row[] = []
  for (const row of db.db.prepare(sql).iterate() as IterableIterator<Row>) {
    part.push(row)
    if (part.length < ROWS_AT_ONCE) continue
    yield part
    part = []
    await new Promise(resolve => setImmediate(resolve))
    if (stop.aborted) return
  }
  if (part.length > 0) yield part
}

const cellOf = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? '' : `${value}`

/** A row as JSON says it: flags are true or false, a time that was not said is missing. */
function shownOf({ columns }: HarvestTable, row: Row): Readonly<Record<string, unknown>> {
  return Object.fromEntries<unknown>(
    columns.map(([name, type]) => {
      const value = row[name] ?? null
      if (type === 'flag') return [name, value === null ? null : value === 1] as const
      return [name, type === 'time' && value === '' ? null : value] as const
    }),
  )
}
