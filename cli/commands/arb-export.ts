import { rename, rm } from 'node:fs/promises'
import type { Cells, FileView } from '#projections/view.js'
import { FILTER_HELP, FILTER_OPTIONS, filterOf } from '../arb-facts.js'
import { arbRows, arbTable, endsOf } from '../arb-rows.js'
import { arbRunsOf, filtered, someOf, type ArbRun } from '../arb-runs.js'
import {
  objectOf,
  toFile,
  writeCsv,
  writeJson,
  writeParquetFile,
  type RunRows,
} from '../arb-writers.js'
import { Refusal, textOf, wholeOf, type Call, type Command, type Values } from '../command.js'

const FORMATS = ['csv', 'json', 'parquet'] as const
type Format = (typeof FORMATS)[number]

/** `polaris arb-export`: one table of the earlier system, of one or many runs, as a file. */
export const arbExportCommand: Command = {
  name: 'arb-export',
  summary: 'one arb table of one or many runs as CSV, JSON or Parquet',
  usage:
    'arb-export [DIR…] --table T --format csv|json|parquet [--since-hours N] [--limit N] [--output FILE]',
  example: 'arb-export runs/demo --table arb_trade_result --format csv',
  options: {
    table: { type: 'string' },
    format: { type: 'string' },
    limit: { type: 'string' },
    output: { type: 'string' },
    ...FILTER_OPTIONS,
  },
  help: {
    DIR: 'the runs (default: all of the runs directory)',
    '--table T': 'one of `export-tables`',
    '--format F': `${FORMATS.join(', ')} (default: csv); JSON has whole micro units under the names of the database`,
    '--limit N': 'at most so many rows, the first of the table',
    '--output FILE': 'written whole or not at all (default: stdout; Parquet needs it)',
    ...FILTER_HELP,
    '--run-tag T': 'current, all, or a tag (default: all)',
  },
  run: async call => {
    const { values, stop } = call
    const view = arbTable(textOf(values, 'table') ?? '')
    const [format, output] = [formatOf(values), textOf(values, 'output')]
    const runs = someOf(filtered(await arbRunsOf(call), filterOf(values, 'all')).runs, call)
    const rows = await rowsFrom(view, runs, call)
    const of = { table: view.name, format, output: output ?? null }
    if (output === undefined) {
      const found = await toStdout(view, rows, { format, call })
      return { code: stop.aborted ? 130 : 0, json: { ...of, ...found } }
    }
    const count = await written(view, rows, { format, file: output, stop })
    if (count === undefined) {
      call.note('stopped: nothing was written')
      return { code: 130, json: { ...of, stopped: true } }
    }
    call.say(`${count} rows of ${view.name} in ${output}`)
    return { code: 0, json: { ...of, rows: count } }
  },
}

function formatOf(values: Values): Format {
  const text = textOf(values, 'format') ?? 'csv'
  const format = FORMATS.find(one => one === text)
  if (!format) throw new Refusal('usage', `--format is '${text}'`, '--format', FORMATS.join(', '))
  if (format !== 'parquet' || textOf(values, 'output') !== undefined) return format
  throw new Refusal('usage', 'Parquet is for a file', '--format', '--output FILE')
}

/** Rows of every run, at most as many as are asked for in all. */
async function rowsFrom(
  view: FileView,
  runs: readonly ArbRun[],
  { values, stop, progress }: Call,
): Promise<readonly RunRows[]> {
  const sinceHours = wholeOf(values, 'since-hours', 1)
  const { lastSeqs, lastUs } = await endsOf(runs)
  const fromUs = sinceHours === undefined ? 0 : lastUs - sinceHours * 3_600_000_000
  let left = wholeOf(values, 'limit', 1) ?? Number.POSITIVE_INFINITY
  async function* limited(run: ArbRun, untilSeq: number): AsyncGenerator<readonly Cells[]> {
    if (left <= 0) return
    progress(`${view.name} of ${run.runId}`)
    for await (const rows of arbRows(view, run, { untilSeq, fromUs, stop })) {
      const some = rows.slice(0, left)
      left -= some.length
      yield some
      if (left <= 0) return
    }
  }
  return runs.map((run, k) => ({ runId: run.runId, rows: limited(run, lastSeqs[k] ?? 0) }))
}

/** Rows as objects for `--json`, else as text. */
async function toStdout(
  view: FileView,
  runs: readonly RunRows[],
  { format, call }: { format: Format; call: Call },
): Promise<{ readonly rows: number | readonly Record<string, unknown>[] }> {
  if (call.values['json'] === true) {
    const found: Record<string, unknown>[] = []
    for (const { runId, rows } of runs)
      for await (const part of rows)
        for (const cells of part) found.push(objectOf(view, cells, runId))
    return { rows: found }
  }
  const write = (text: string): Promise<void> => {
    call.say(text.replace(/\n$/, ''))
    return Promise.resolve()
  }
  const rows =
    format === 'json' ? await jsonLines(view, runs, call) : await writeCsv(view, runs, write)
  return { rows }
}

/** A list of objects, each on its line. */
async function jsonLines(view: FileView, runs: readonly RunRows[], call: Call): Promise<number> {
  let text = ''
  const count = await writeJson(view, runs, part => {
    text += part
    const end = text.lastIndexOf('\n')
    if (end >= 0) call.say(text.slice(0, end))
    text = text.slice(end + 1)
    return Promise.resolve()
  })
  if (text !== '') call.say(text)
  return count
}

/** Answers how many rows there are; nothing where the operator stopped it, which leaves no file. */
async function written(
  view: FileView,
  runs: readonly RunRows[],
  { format, file, stop }: { format: Format; file: string; stop: Call['stop'] },
): Promise<number | undefined> {
  try {
    if (format !== 'parquet') {
      const write = format === 'csv' ? writeCsv : writeJson
      return await toFile(file, async to => {
        const count = await write(view, runs, to)
        return stop.aborted ? undefined : count
      })
    }
    const partial = `${file}.tmp`
    const count = await writeParquetFile(view, runs, partial)
    if (stop.aborted) await rm(partial, { force: true })
    else await rename(partial, file)
    return stop.aborted ? undefined : count
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error) || !('code' in error)) throw error
    throw new Refusal(
      'unwritable',
      `it cannot be written: ${error.message}`,
      file,
      'a folder of yours',
    )
  }
}
