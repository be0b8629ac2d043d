import type { HarvestTable } from '#projections/harvest/tables.js'
import { textOf } from '../duckdb/text.js'

const TYPES = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  real: 'DOUBLE',
  flag: 'BIGINT',
  time: 'VARCHAR',
} as const

/** A column as Parquet has it: a time is one, a flag is true or false, a text is never missing. */
const SHOWN = {
  text: (name: string) => `coalesce(${name}, '')`,
  integer: (name: string) => name,
  real: (name: string) => name,
  flag: (name: string) => `${name} = 1`,
  time: (name: string) => `CAST(${name} AS TIMESTAMP)`,
} as const

/** Writes a CSV file of a table as Parquet; answers how many rows. DuckDB is loaded here. */
export async function harvestParquet(
  { columns }: HarvestTable,
  { csv, file, temporary }: { csv: string; file: string; temporary: string },
): Promise<number> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const options = { autoinstall_known_extensions: 'false', temp_directory: temporary, threads: '1' }
  const instance = await DuckDBInstance.create(':memory:', options)
  const connection = await instance.connect()
  try {
    const types = columns.map(([name, type]) => `'${name}': '${TYPES[type]}'`).join(', ')
    const shown = columns
      .map(([name, type]) => `${SHOWN[type](`"${name}"`)} AS "${name}"`)
      .join(', ')
    const from = `read_csv(${textOf(csv)}, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', columns = {${types}})`
    const copy = `COPY (SELECT ${shown} FROM ${from}) TO ${textOf(file)} (FORMAT parquet, COMPRESSION zstd)`
    return (await connection.run(copy)).rowsChanged
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
