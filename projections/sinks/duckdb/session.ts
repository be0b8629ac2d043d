import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api'
import type { TypeName } from '#schemas/registry.js'
import { ALL_VIEWS } from '../../registry.js'
import { LOG_TABLES } from './log-tables.js'
import { filesOf, logNumbers, logText, runsSql, type RunSource } from './run-source.js'
import { textOf } from './text.js'
import { isTable, viewSql } from './view-tables.js'

/** Views that are tables, those of the earlier system too: these are folded where a query names them. */
const TABLES = ALL_VIEWS.filter(isTable)

/** A query that cannot be answered, in the words of the database. */
export class QueryFault extends Error {}

/** What a session may touch. */
export interface SessionOptions {
  readonly runs: readonly RunSource[]
  /** Decides what is read beforehand: tables that it does not name are there, but empty. */
  readonly query: string
  /** A folder for what does not fit into memory. */
  readonly temporary: string
  /** The files that may be written. */
  readonly outs?: readonly string[]
  /** The folder below which datasets may be written. */
  readonly outDir?: string
}

/** What a session over datasets may touch. */
export interface DatasetOptions {
  readonly tables: readonly { readonly name: string; readonly sql: string }[]
  /** Folders of the datasets. */
  readonly dirs: readonly string[]
  /** A folder for what does not fit into memory. */
  readonly temporary: string
  /** The files that may be written. */
  readonly outs?: readonly string[]
}

/** Names of the views that a query may mean: they have to be folded first where they are not. */
export const viewsNamedIn = (query: string): string[] =>
  TABLES.filter(({ name }) => isNamed(query, name))
    // `trades` alone is the table of the log
    .filter(({ name }) => name !== 'trades' || isNamed(query, 'views'))
    .map(({ name }) => name)

/** Names of all tables, those of views with their schema. */
export const tableNames = (): string[] => [
  'runs',
  ...LOG_TABLES.map(({ name }) => name),
  ...TABLES.map(({ name }) => `views.${name}`),
]

/** A database in memory over the files of runs. It reads these files, writes at most one, and reaches nothing else. */
export class Session {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** DuckDB is loaded here, by whoever asks first. */
  static async open(options: SessionOptions): Promise<Session> {
    return Session.#begun(options.temporary, session => session.#prepare(options))
  }

  /** A session over datasets of Parquet files, in place of runs. */
  static async over({ tables, dirs, temporary, outs = [] }: DatasetOptions): Promise<Session> {
    return Session.#begun(temporary, async session => {
      for (const { name, sql } of tables)
        await session.#connection.run(`CREATE VIEW "${name}" AS ${sql}`)
      await session.#close({ paths: outs, dirs })
    })
  }

  static async #begun(
    temporary: string,
    prepare: (session: Session) => Promise<void>,
  ): Promise<Session> {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      temp_directory: temporary,
    })
    const session = new Session(instance, await instance.connect())
    try {
      await prepare(session)
      return session
    } catch (error) {
      session.close()
      throw error
    }
  }

  /** The answer to one query that reads, chunk by chunk. */
  async stream(query: string): Promise<DuckDBResult> {
    return this.#told(async () => {
      await this.#requireRead(query)
      return this.#connection.stream(query)
    })
  }

  /** Writes the answer to one query as Parquet, compressed with Zstandard; returns the number of rows. */
  async parquet(query: string, file: string): Promise<number> {
    return this.#told(async () => {
      await this.#requireRead(query)
      const bare = query.replace(/[\s;]+$/, '')
      const copy = `COPY (\n${bare}\n) TO ${textOf(file)} (FORMAT parquet, COMPRESSION zstd)`
      return (await this.#connection.run(copy)).rowsChanged
    })
  }

  /** Writes the answer to one query as a dataset of Parquet files below `dir`, a folder for each value of the columns `by`; returns the number of rows. */
  async dataset(query: string, dir: string, by: readonly string[]): Promise<number> {
    return this.#told(async () => {
      await this.#requireRead(query)
      // Version 2 writes sequences and stamps as differences: a third less.
      const form = `FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, PARTITION_BY (${by.join(', ')})`
      return (await this.#connection.run(`COPY (\n${query}\n) TO ${textOf(dir)} (${form})`))
        .rowsChanged
    })
  }

  /** Ends what runs now with a fault. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }

  async #prepare({ runs, query, outs = [], outDir }: SessionOptions): Promise<void> {
    const run = (sql: string) => this.#connection.run(sql)
    await run('CREATE SCHEMA views')
    await run(`CREATE VIEW log_text AS ${logText(runs)}`)
    await run(`CREATE VIEW log_numbers AS ${logNumbers(runs)}`)
    await run(
      linesSql(LOG_TABLES.filter(({ name }) => isNamed(query, name)).flatMap(of => of.types)),
    )
    await run(`CREATE VIEW runs AS ${runsSql(runs)}`)
    for (const { name, sql } of LOG_TABLES) await run(`CREATE VIEW "${name}" AS ${sql}`)
    for (const view of TABLES)
      await run(`CREATE VIEW views."${view.name}" AS ${viewSql(view, filesOf(runs, view))}`)
    const paths = runs.flatMap(({ segments, views }) => [
      ...segments.map(({ path }) => path),
      ...views.values(),
    ])
    await run("SET search_path = 'main,views'")
    await this.#close({ paths: [...paths, ...outs], dirs: outDir === undefined ? [] : [outDir] })
  }

  /** Nothing else is reached from here on. */
  async #close({ paths, dirs }: { paths: readonly string[]; dirs: readonly string[] }) {
    const run = (sql: string) => this.#connection.run(sql)
    await run(`SET allowed_paths = [${paths.map(textOf).join(', ')}]`)
    if (dirs.length > 0) await run(`SET allowed_directories = [${dirs.map(textOf).join(', ')}]`)
    await run('SET enable_external_access = false')
    await run('SET lock_configuration = true')
  }

  async #requireRead(query: string): Promise<void> {
    const { StatementType } = await import('@duckdb/node-api')
    const statements = await this.#connection.extractStatements(query)
    if (statements.count !== 1)
      throw new QueryFault(`${statements.count} statements where one is expected`)
    const { statementType: type } = await statements.prepare(0)
    if (type !== StatementType.SELECT && type !== StatementType.EXPLAIN)
      throw new QueryFault(`a run is only read: ${StatementType[type]} is not allowed`)
  }

  async #told<A>(work: () => Promise<A>): Promise<A> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof QueryFault) throw error
      throw new QueryFault(error instanceof Error ? error.message : String(error))
    }
  }
}

/** The lines of the types that are asked for, read once; every table of events is cut from these. */
function linesSql(types: readonly TypeName[]): string {
  const wanted = [...new Set(types)].map(type => `line LIKE '%"e":"${type}.%'`)
  const number = (pattern: string, name: string): string =>
    `CAST(regexp_extract(line, '${pattern}', 1) AS BIGINT) AS ${name}`
  return (
    `CREATE TABLE log_lines AS SELECT run_id, ${number('^\\{"n":(\\d+)', 'seq')}, ${number('"t":(\\d+)', 't_us')}, ` +
    `${number('"c":(\\d+)', 'cause')}, regexp_extract(line, '"e":"([A-Za-z]+)', 1) AS type, line ` +
    `FROM log_text WHERE ${wanted.length === 0 ? 'false' : wanted.join(' OR ')}`
  )
}

function isNamed(query: string, name: string): boolean {
  return new RegExp(`(^|[^a-z0-9_])${name}($|[^a-z0-9_])`, 'i').test(query)
}
