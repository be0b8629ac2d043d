import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Session, tableNames } from '#projections/sinks/duckdb/session.js'
import type { Call } from './command.js'
import { runSources } from './run-source.js'
import { ALL_VIEWS } from '#projections/registry.js'

/** Folder of a run's tables, below the run. */
const PARQUET_DIR = 'parquet'

/** One table as a file. */
export interface ParquetFile {
  readonly name: string
  readonly file: string
  readonly rows: number
}

/** Writes every table of the log and of the views as Parquet; each takes the place of the old one when it is whole. */
export async function writeParquet(dir: string, call: Call): Promise<readonly ParquetFile[]> {
  const target = join(resolve(dir), PARQUET_DIR)
  mkdirSync(join(target, 'views'), { recursive: true })
  const temporary = mkdtempSync(join(tmpdir(), 'polaris-parquet-'))
  const tables = tableNames().map(name => ({
    name,
    file: join(target, `${name.replace('.', '/')}.parquet`),
  }))
  try {
    const views = ALL_VIEWS.map(({ name }) => name)
    const runs = await runSources([resolve(dir)], { views, temporary, stop: call.stop })
    const query = tables.map(({ name }) => name).join(' ')
    const outs = tables.map(({ file }) => `${file}.tmp`)
    const session = await Session.open({ runs, query, temporary, outs })
    const written: ParquetFile[] = []
    try {
      for (const { name, file } of tables) {
        if (call.stop.aborted) break
        call.progress(`writing ${name} as Parquet`)
        const rows = await session.parquet(`SELECT * FROM ${name}`, `${file}.tmp`)
        renameSync(`${file}.tmp`, file)
        written.push({ name, file, rows })
      }
    } finally {
      session.close()
    }
    call.say(`${written.length} tables as Parquet in ${target}`)
    return written
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
