import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isoOf } from '#projections/iso.js'
import {
  HARVEST_TABLES,
  type HarvestTable,
  type HarvestTableName,
} from '#projections/harvest/tables.js'
import type { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { KIND_OF, samplesSql } from '#projections/sinks/harvest/queries.js'
import type { Call } from '../command.js'
import { writeWhole } from '../write-whole.js'
import { writeFile } from './write-rows.js'

/** What was written, by file: so many rows. Samples are never changed, so that a part with as many is the same. */
const WRITTEN = 'written.json'
/** The name of the one file of a folder. */
const PART = 'part-0.parquet'

interface Part {
  readonly folder: string
  readonly sql: string
  readonly count: string
  /** Whether its rows may be changed by what comes later. */
  readonly isFixed: boolean
}

/** What became of the files. */
export interface ParquetWritten {
  readonly written: number
  readonly kept: number
  readonly removed: number
  readonly rows: number
}

/**
 * Writes every table of collectors as Parquet: one file for what is of no time, one a day (of states of markets one a month) for what is. Parts of samples that
 * are there with as many rows are kept; those of raw samples that the tables do not have any more go.
 */
export async function writePartitions(
  db: HarvestDatabase,
  dir: string,
  call: Call,
): Promise<ParquetWritten> {
  const before = readWritten(dir)
  const after: Record<string, number> = {}
  let [written, kept, removed, rows] = [0, 0, 0, 0]
  for (const table of HARVEST_TABLES as readonly HarvestTable[]) {
    const parts = partsOf(db, table)
    for (const { folder, sql, count, isFixed } of parts) {
      if (call.stop.aborted) break
      const path = join(table.name, folder, PART)
      const { n } = db.db.prepare(count).get() as { n: number }
      after[path] = n
      rows += n
      if (isFixed && before[path] === n && existsSync(join(dir, path))) {
        kept++
        continue
      }
      call.progress(`${path}: ${n.toLocaleString('en')} rows`)
      await writeFile({ db, table, sql, stop: call.stop }, 'parquet', join(dir, path))
      written++
    }
    if (!call.stop.aborted)
      removed += removeOthers(join(dir, table.name), new Set(parts.map(({ folder }) => folder)))
  }
  if (!call.stop.aborted) writeWhole(join(dir, WRITTEN), `${JSON.stringify(after, undefined, 1)}\n`)
  return { written, kept, removed, rows }
}

function partsOf(db: HarvestDatabase, table: HarvestTable): readonly Part[] {
  const kind = KIND_OF[table.name as HarvestTableName]
  if (kind !== undefined)
    return db.partitions.names(kind).map(name => {
      const date = name.replace(/^.*_/, '')
      const day = [date.slice(0, 4), date.slice(4, 6), date.slice(6)]
        .filter(part => part !== '')
        .join('-')
      const columns = table.columns.map(([column]) => `"${column}"`).join(', ')
      const sql = `SELECT ${columns} FROM (${samplesSql(kind, [name])})`
      const count =
        kind === 'l2'
          ? 'coalesce(sum(json_array_length(bids) + json_array_length(asks)), 0)'
          : 'count(*)'
      return {
        folder: `${date.length === 6 ? 'month' : 'day'}=${day}`,
        sql,
        count: `SELECT ${count} AS n FROM "${name}"`,
        isFixed: true,
      }
    })
  const { name, time } = table
  if (time === undefined)
    return [
      {
        folder: '',
        sql: db.selectSql(table),
        count: `SELECT count(*) AS n FROM "${name}"`,
        isFixed: false,
      },
    ]
  const days = db.db
    .prepare(`SELECT DISTINCT substr("${time}", 1, 10) AS day FROM "${name}" ORDER BY day`)
    .all() as { day: string }[]
  return days.map(({ day }) => {
    const where = `WHERE substr("${time}", 1, 10) = '${day}'`
    const columns = table.columns.map(([column]) => `"${column}"`).join(', ')
    const sql = `SELECT ${columns} FROM "${name}" ${where} ORDER BY ${table.key.map(key => `"${key}"`).join(', ')}`
    return {
      folder: `day=${day === '' ? isoOf(0).slice(0, 10) : day}`,
      sql,
      count: `SELECT count(*) AS n FROM "${name}" ${where}`,
      isFixed: false,
    }
  })
}

/** Removes folders of parts that a table does not have any more. */
function removeOthers(dir: string, folders: ReadonlySet<string>): number {
  if (!existsSync(dir)) return 0
  const gone = readdirSync(dir).filter(name => /^(day|month)=/.test(name) && !folders.has(name))
  for (const name of gone) rmSync(join(dir, name), { recursive: true })
  return gone.length
}

function readWritten(dir: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(readFileSync(join(dir, WRITTEN), 'utf8'))
    return typeof read === 'object' && read !== null
      ? (read as Readonly<Record<string, unknown>>)
      : {}
  } catch {
    return {}
  }
}
