import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { csvLine } from '#projections/csv.js'
import { storedOf, valueOf } from '#projections/sinks/sqlite-tables.js'
import { parquetOf } from '#projections/sinks/duckdb/parquet-of.js'
import type { Cells, FileView } from '#projections/view.js'

/** Rows of one run, as they come. */
export interface RunRows {
  readonly runId: string
  readonly rows: AsyncIterable<readonly Cells[]>
}

/** Takes text as fast as whoever reads it does. */
type Write = (text: string) => Promise<void>

/** A row as an object: money and sizes in whole micro units, prices in 1e-4, under the names of the database. */
export function objectOf(view: FileView, cells: Cells, runId: string): Record<string, unknown> {
  const object: Record<string, unknown> = { run_id: runId }
  for (const { name, at, kind } of storedOf(view)) object[name] = valueOf(cells[at] ?? '', kind)
  return object
}

/** Writes rows as CSV; answers how many. */
export async function writeCsv(view: FileView, runs: Iterable<RunRows>, write: Write) {
  let count = 0
  await write(`${csvLine(view.columns)}\n`)
  for (const { rows } of runs)
    for await (const part of rows) {
      for (const cells of part) await write(`${csvLine(cells)}\n`)
      count += part.length
    }
  return count
}

/** Writes rows as one list of objects in JSON; answers how many. */
export async function writeJson(view: FileView, runs: Iterable<RunRows>, write: Write) {
  let count = 0
  await write('[')
  for (const { runId, rows } of runs)
    for await (const part of rows)
      for (const cells of part)
        await write(
          `${count++ === 0 ? '\n' : ',\n'}  ${JSON.stringify(objectOf(view, cells, runId))}`,
        )
  await write('\n]\n')
  return count
}

/** Writes rows as Parquet, by way of a CSV file for each run; answers how many. */
export async function writeParquetFile(view: FileView, runs: Iterable<RunRows>, file: string) {
  const temporary = await mkdtemp(join(tmpdir(), 'polaris-arb-'))
  try {
    const files: { runId: string; path: string }[] = []
    for (const one of runs) {
      const path = join(temporary, `${files.length}.csv`)
      await toFile(path, write => writeCsv(view, [one], write))
      files.push({ runId: one.runId, path })
    }
    await mkdir(dirname(file), { recursive: true })
    return await parquetOf(view, files, { file, temporary })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Writes a file beside itself, then puts it in place; where `work` fails, or says that it was stopped, nothing is left of it. */
export async function toFile(
  file: string,
  work: (write: Write) => Promise<number | undefined>,
): Promise<number | undefined> {
  const partial = `${file}.tmp`
  await mkdir(dirname(file), { recursive: true })
  const stream = createWriteStream(partial)
  try {
    await once(stream, 'open')
    const count = await work(async text => {
      if (!stream.write(text)) await once(stream, 'drain')
    })
    stream.end()
    await finished(stream)
    if (count !== undefined) await rename(partial, file)
    return count
  } finally {
    stream.destroy()
    await rm(partial, { force: true })
  }
}
