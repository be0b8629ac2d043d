import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { textOf } from '#projections/sinks/duckdb/text.js'
import { filesOf } from './dataset.js'

/** The partitioned tables of a dataset. `decisions` and `quotes` are derived: an import reads the others. */
export const TABLES = [
  'book_changes',
  'book_snapshots',
  'trades',
  'inputs',
  'decisions',
  'quotes',
] as const
/** One of them. */
export type TableName = (typeof TABLES)[number]

/** The columns that name the folders of a table. */
export const PARTITIONS: Readonly<Record<TableName, readonly string[]>> = {
  book_changes: ['date', 'token'],
  book_snapshots: ['date', 'token'],
  trades: ['date', 'token'],
  inputs: ['date'],
  decisions: ['date', 'type'],
  quotes: ['date', 'token'],
}

const LEVEL = 'side VARCHAR, price_1e4 BIGINT, price DOUBLE, size_micro BIGINT'
const KEY =
  'seq BIGINT, place BIGINT, t_us BIGINT, venue_us BIGINT, lag_us BIGINT, token_number BIGINT'
const OWNED = 'token_id VARCHAR, date VARCHAR, token VARCHAR'

/** Columns of each table as its files have them: a table without rows has no files to say so. */
const COLUMNS: Readonly<Record<TableName, string>> = {
  book_changes: `${KEY}, ${LEVEL}, venue_bid_1e4 BIGINT, venue_ask_1e4 BIGINT, ${OWNED}`,
  book_snapshots: `${KEY}, unfit BIGINT, ${LEVEL}, ${OWNED}`,
  trades: `${KEY.replace('place BIGINT, ', '')}, ${LEVEL}, trade_id VARCHAR, ${OWNED}`,
  inputs: 'seq BIGINT, t_us BIGINT, type VARCHAR, line VARCHAR, date VARCHAR',
  decisions: 'seq BIGINT, t_us BIGINT, cause BIGINT, data VARCHAR, date VARCHAR, type VARCHAR',
  quotes: `place BIGINT, t_us BIGINT, bid_1e4 BIGINT, ask_1e4 BIGINT, ${OWNED}`,
}

/** A dataset under the name that its rows have in a query. */
export interface NamedDataset {
  readonly runId: string
  readonly dir: string
}

/** Every table over one dataset or several, with `run_id` first, and beside each size the same as an exact decimal. */
export function datasetTables(
  datasets: readonly NamedDataset[],
): readonly { readonly name: string; readonly sql: string }[] {
  const single = ['tokens', 'markets'].map(name => ({
    name,
    sql: datasets
      .map(
        ({ runId, dir }) =>
          `SELECT ${textOf(runId)} AS run_id, * FROM read_parquet(${textOf(join(dir, `${name}.parquet`))})`,
      )
      .join(' UNION ALL BY NAME '),
  }))
  return [...single, ...TABLES.map(name => ({ name, sql: tableSql(name, datasets) }))]
}

function tableSql(name: TableName, datasets: readonly NamedDataset[]): string {
  const columns = COLUMNS[name].split(', ').map(column => column.split(' ') as [string, string])
  const named = columns.map(([column, type]) => `CAST(${column} AS ${type}) AS ${column}`)
  const none = columns.map(([column, type]) => `NULL::${type} AS ${column}`)
  const size = COLUMNS[name].includes('size_micro')
    ? ', CAST(size_micro * 0.000001::DECIMAL(7,6) AS DECIMAL(18,6)) AS size'
    : ''
  const parts = datasets
    .filter(({ dir }) => existsSync(join(dir, name)) && readdirSync(join(dir, name)).length > 0)
    .map(
      ({ runId, dir }) =>
        `SELECT ${textOf(runId)} AS run_id, ${named.join(', ')}${size} FROM ${filesOf(dir, name)}`,
    )
  if (parts.length > 0) return parts.join(' UNION ALL BY NAME ')
  return `SELECT *${size} FROM (SELECT ''::VARCHAR AS run_id, ${none.join(', ')}) WHERE false`
}
