import type { FileView } from '../../view.js'
import { textOf } from './text.js'
import { viewSql } from './view-tables.js'

/** Writes CSV files of a view, one for each run, as one Parquet file; answers how many rows. DuckDB is loaded here. */
export async function parquetOf(
  view: FileView,
  files: readonly { readonly runId: string; readonly path: string }[],
  { file, temporary }: { file: string; temporary: string },
): Promise<number> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const options = { autoinstall_known_extensions: 'false', temp_directory: temporary }
  const instance = await DuckDBInstance.create(':memory:', options)
  const connection = await instance.connect()
  try {
    const copy = `COPY (${viewSql(view, files)}) TO ${textOf(file)} (FORMAT parquet, COMPRESSION zstd)`
    return (await connection.run(copy)).rowsChanged
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
