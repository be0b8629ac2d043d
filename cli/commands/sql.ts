import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
// Types and names only: DuckDB itself loads when a session is opened.
import { QueryFault, Session, tableNames, viewsNamedIn } from '#projections/sinks/duckdb/session.js'
import { Refusal, textOf, type Answer, type Call, type Command } from '../command.js'
import { DATASET_FACTS, datasetFacts } from '../export/hive.js'
import { datasetTables } from '../export/hive-tables.js'
import { answerOf, type Answered, type Format, FORMATS } from '../format/answer.js'
import { runSources } from '../run-source.js'
import { runDirOf } from '../runs.js'

const USAGE = 'sql DIR… "QUERY" [--format table|csv|json|parquet] [--out FILE]'

/** `polaris sql`: questions to one or many runs, in SQL. */
export const sqlCommand: Command = {
  name: 'sql',
  summary:
    'ask one or many runs, or exported datasets, in SQL: events, books, orders and views under full names',
  usage: USAGE,
  example: `sql runs/demo "SELECT type, count(*) AS events FROM events GROUP BY type ORDER BY events DESC"`,
  options: { format: { type: 'string' }, out: { type: 'string' } },
  help: {
    QUERY: 'one SELECT in the SQL of DuckDB; docs/SQL.md lists the tables, SHOW TABLES too',
    '--format F': `${FORMATS.join(', ')} (default: table; json: a list of objects)`,
    '--out FILE': 'write the answer there; parquet needs it',
  },
  run: async call => {
    const words = call.positionals
    const query = words[words.length - 1] ?? ''
    if (words.length < 2 || query.trim() === '')
      throw new Refusal('usage', 'DIR and QUERY are both needed', 'command line', USAGE)
    const dirs = words.slice(0, -1).map(word => resolve(runDirOf(word, call.values)))
    const asked = { query, format: formatOf(call), out: outOf(call, dirs) }
    const temporary = mkdtempSync(join(tmpdir(), 'polaris-sql-'))
    try {
      const { stop, progress } = call
      const datasets = dirs.filter(isDataset)
      if (datasets.length > 0) return await answer(call, asked, overDatasets(dirs, temporary))
      const views = viewsNamedIn(query)
      const runs = await runSources(dirs, { views, temporary, stop, progress })
      const open: Asking['open'] = outs => Session.open({ runs, query, temporary, outs })
      return await answer(call, asked, { open, names: tableNames() })
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  },
}

/** Whom to ask, and what the tables are called there. */
interface Asking {
  readonly open: (outs: readonly string[]) => Promise<Session>
  readonly names: readonly string[]
}

interface Asked {
  readonly query: string
  readonly format: Format
  readonly out: string | undefined
}

async function answer(
  call: Call,
  { query, format, out }: Asked,
  { open, names }: Asking,
): Promise<Answer> {
  const partial = out === undefined ? undefined : `${out}.tmp`
  const session = await opened(() => open(partial === undefined ? [] : [partial]))
  const interrupt = (): void => {
    session.interrupt()
  }
  call.stop.addEventListener('abort', interrupt)
  try {
    const isJson = call.values['json'] === true
    const found: Answered = await answerOf(session, { query, format, out, isJson }, call)
    return { code: found.rowCount > 0 ? 0 : 1, json: found }
  } catch (error) {
    if (call.stop.aborted) return { code: 130, json: { columns: [], rows: [] } }
    throw refusalOf(error, names)
  } finally {
    call.stop.removeEventListener('abort', interrupt)
    session.close()
    if (partial !== undefined) rmSync(partial, { force: true })
  }
}

/** Datasets that `export` wrote, one or several: runs among them would have other tables. */
function overDatasets(dirs: readonly string[], temporary: string): Asking {
  const run = dirs.find(dir => !isDataset(dir))
  if (run !== undefined)
    throw new Refusal('usage', 'it is no dataset, others are', run, 'runs alone, or datasets alone')
  const distinct = [...new Set(dirs)]
  const isAmbiguous = new Set(distinct.map(dir => basename(dir))).size < distinct.length
  const named = distinct.map(dir => {
    datasetFacts(dir)
    if (!/[*?[\]\\{}]/.test(dir)) return { dir, runId: isAmbiguous ? dir : basename(dir) }
    throw new Refusal(
      'usage',
      'its path would be taken for a pattern',
      dir,
      'a path without *?[]{}',
    )
  })
  const tables = datasetTables(named)
  return {
    names: tables.map(({ name }) => name),
    open: outs => Session.over({ tables, dirs: distinct, temporary, outs }),
  }
}

const isDataset = (dir: string): boolean => existsSync(join(dir, DATASET_FACTS))

async function opened(open: () => Promise<Session>): Promise<Session> {
  try {
    return await open()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Refusal(
      'log',
      firstLine(message),
      '',
      "segments as 'polaris verify' finds them intact",
    )
  }
}

/** One error in one sentence: what the database says first, and where in the query it points. */
function refusalOf(error: unknown, names: readonly string[]): unknown {
  if (!(error instanceof QueryFault)) return error
  const message = error.message.replace(/^Failed to extract statements: /, '')
  const line = /LINE (\d+): .*/.exec(message)?.[0] ?? 'the query'
  const isTable = /Table with name/.test(message)
  const hint = /(Did you mean[^\n]*|Candidate[^\n]*)/.exec(message)?.[1]
  const expected = isTable ? `one of ${names.join(', ')}` : (hint ?? 'one SELECT; see docs/SQL.md')
  return new Refusal('query', firstLine(message), line, expected)
}

const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? text

function formatOf({ values }: Call): Format {
  const text = textOf(values, 'format') ?? 'table'
  const format = FORMATS.find(one => one === text)
  if (!format) throw new Refusal('usage', `--format is '${text}'`, '--format', FORMATS.join(', '))
  if (format === 'parquet' && textOf(values, 'out') === undefined)
    throw new Refusal(
      'usage',
      'Parquet is for a file, not for a terminal',
      '--format',
      '--out FILE',
    )
  return format
}

/** A run is only read: its own directory is no place for an answer. */
function outOf({ values }: Call, dirs: readonly string[]): string | undefined {
  const out = textOf(values, 'out')
  if (out === undefined) return undefined
  const path = resolve(out)
  const inside = dirs.find(
    dir => dirname(path) === resolve(dir) || dirname(path) === join(resolve(dir), 'views'),
  )
  if (inside === undefined) return path
  throw new Refusal(
    'usage',
    `${out} lies within a run`,
    '--out',
    'a file outside the runs that are asked',
  )
}
