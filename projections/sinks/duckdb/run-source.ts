import type { FileView } from '../../view.js'
import { textOf } from './text.js'

/** A run as queries read it: nothing is copied, nothing behind its last whole commit is seen. */
export interface RunSource {
  readonly runId: string
  readonly segments: readonly { readonly path: string; readonly isPacked: boolean }[]
  /** Last sequence of its last whole commit. */
  readonly lastSeq: number
  readonly facts: RunFacts
  /** Files of views that fit the log as it is now, by name of the view. */
  readonly views: ReadonlyMap<string, string>
}

/** What the small files of a run say: the columns of `runs`. */
export interface RunFacts {
  readonly dir: string
  readonly mode: string
  readonly source: string
  readonly parent: string
  readonly status: string
  readonly head: string
  readonly startedUs: number
  readonly tag: string
  readonly configDigest: string
}

/** Lines of the logs as text, one event each. */
export const logText = (runs: readonly RunSource[]): string =>
  unionOf(
    runs,
    part =>
      `(SELECT line FROM ${rawLines(part)}) WHERE line LIKE '{"n":%'${part.most === undefined ? '' : ` AND ${SEQ} <= ${part.most}`}`,
  ) ?? `SELECT '' AS run_id, '' AS line WHERE false`

/** Lines of the logs as numbers: what every event begins with, and the level changes of those that have some. */
export const logNumbers = (runs: readonly RunSource[]): string =>
  unionOf(runs, part => {
    const { path, packing, most } = part
    const types = {
      n: 'BIGINT',
      t: 'BIGINT',
      c: 'BIGINT',
      e: 'VARCHAR',
      d: 'BIGINT[][]',
      l: 'BIGINT',
    }
    if (most === undefined) {
      const columns = Object.entries(types).map(([name, type]) => `${name}: '${type}'`)
      return `read_json([${path}], format = 'newline_delimited', columns = {${columns.join(', ')}}${packing}) WHERE e IS NOT NULL`
    }
    const shape = JSON.stringify({ ...types, d: [['BIGINT']] })
    const parsed = `SELECT json_transform(line, '${shape}') AS j FROM ${rawLines(part)} WHERE line LIKE '{"n":%' AND ${SEQ} <= ${most}`
    const names = Object.keys(types).map(name => `j.${name} AS ${name}`)
    return `(SELECT ${names.join(', ')} FROM (${parsed}))`
  }) ??
  `SELECT '' AS run_id, 0::BIGINT AS n, 0::BIGINT AS t, 0::BIGINT AS c, '' AS e, [[0::BIGINT]] AS d, 0::BIGINT AS l WHERE false`

const SEQ = `CAST(regexp_extract(line, '^\\{"n":(\\d+)', 1) AS BIGINT)`

/** The most bytes of one line: a commit holds at most a mebibyte. */
const LINE_BYTES_MAX = 4_194_304

/**
 * Lines as they stand. Nothing is parsed here, so that none can be dropped in silence: a line that is no JSON fails where a
 * query parses it. A tail that a crash or a writer left is no whole line: it does not end with its sum.
 */
function rawLines({ path, packing, most }: Part): string {
  const lines =
    `read_csv([${path}], columns = {line: 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false, ` +
    `auto_detect = false, max_line_size = ${LINE_BYTES_MAX}, null_padding = false${packing})`
  const whole = most === undefined ? '' : ` WHERE regexp_matches(line, '"x":"[0-9a-f]{8}"\\}$')`
  return `(SELECT line FROM ${lines}${whole})`
}

/** `runs`: a row for each run of the query. */
export function runsSql(runs: readonly RunSource[]): string {
  const rows = runs.map(({ runId, lastSeq, facts }) => {
    const { mode, parent, status, head, startedUs, tag, configDigest, source, dir } = facts
    const texts = [runId, mode, parent, status, head].map(textOf).join(', ')
    return `(${texts}, ${lastSeq}, ${startedUs}, ${[tag, configDigest, source, dir].map(textOf).join(', ')})`
  })
  return (
    `SELECT run_id, mode, parent, status, head, last_seq::BIGINT AS last_seq, started_us::BIGINT AS started_us, ` +
    `make_timestamp(started_us::BIGINT) AS started, tag, config_digest, source, dir FROM (VALUES ${rows.join(', ')}) ` +
    `AS r(run_id, mode, parent, status, head, last_seq, started_us, tag, config_digest, source, dir)`
  )
}

/** The files of a view, one for each run that has one. */
export const filesOf = (runs: readonly RunSource[], { name }: FileView) =>
  runs.flatMap(({ runId, views }) => {
    const path = views.get(name)
    return path === undefined ? [] : [{ runId, path }]
  })

interface Part {
  readonly path: string
  readonly packing: string
  /** Highest sequence to take: of the last segment, which may have a torn tail or grow while it is read. */
  readonly most: number | undefined
}

function unionOf(runs: readonly RunSource[], of: (part: Part) => string): string | undefined {
  const parts = runs.flatMap(({ runId, segments, lastSeq }) => {
    const last = segments[segments.length - 1]
    const closed = segments.filter(one => one !== last)
    const listed = (isPacked: boolean): string =>
      closed
        .filter(one => one.isPacked === isPacked)
        .map(({ path }) => textOf(path))
        .join(', ')
    const files: Part[] = [
      { path: listed(false), packing: '', most: undefined },
      { path: listed(true), packing: ", compression = 'zstd'", most: undefined },
      {
        path: last ? textOf(last.path) : '',
        packing: last?.isPacked === true ? ", compression = 'zstd'" : '',
        most: lastSeq,
      },
    ]
    return files
      .filter(({ path }) => path !== '')
      .map(part => `SELECT ${textOf(runId)} AS run_id, * FROM ${of(part)}`)
  })
  return parts.length === 0 ? undefined : parts.join(' UNION ALL ')
}
