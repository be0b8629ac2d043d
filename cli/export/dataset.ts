import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api'
import { textOf } from '#projections/sinks/duckdb/text.js'

/** A database over the files of a dataset. Reads what it is told to, and writes where it is told to. */
export class Dataset {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** DuckDB is loaded here. `temporary`: a folder for what does not fit into memory; `file`: where its own tables are (default: memory). */
  static async open(temporary: string, file = ':memory:'): Promise<Dataset> {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(file, {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      temp_directory: temporary,
    })
    return new Dataset(instance, await instance.connect())
  }

  /** Runs one statement. */
  async run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }

  /** Rows of a query, a chunk at a time, over a connection of its own: a second query would end the first on the same one. */
  async *rows(sql: string): AsyncGenerator<readonly (readonly DuckDBValue[])[]> {
    const connection = await this.#instance.connect()
    try {
      const result = await connection.stream(sql)
      for (;;) {
        const chunk = await result.fetchChunk()
        if (!chunk || chunk.rowCount === 0) return
        yield chunk.getRows()
      }
    } finally {
      connection.closeSync()
    }
  }

  /** All rows of a query that has few. */
  async all(sql: string): Promise<(readonly DuckDBValue[])[]> {
    const all: (readonly DuckDBValue[])[] = []
    for await (const rows of this.rows(sql)) all.push(...rows)
    return all
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/** All files of a table, with the columns that its folders name as text. */
export const filesOf = (dir: string, table: string): string =>
  `read_parquet(${textOf(`${dir}/${table}/**/*.parquet`)}, hive_partitioning = true, hive_types_autocast = false)`
