import type { FileView, Kind } from '../../view.js'
import { HEALTH_COLUMNS } from '../../health.js'
import { textOf } from './text.js'

/** Views that are tables: those with columns, and the health of the run, which is lines of JSON. */
export const isTable = ({ columns, name }: FileView): boolean =>
  columns.length > 0 || name === 'health'

const TYPES: Readonly<Record<Kind, string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  price: 'DECIMAL(9,4)',
  micro: 'DECIMAL(18,6)',
}

/** A view over its files, one for each run; without files an empty table of the same columns. */
export function viewSql(
  view: FileView,
  files: readonly { readonly runId: string; readonly path: string }[],
): string {
  const parts = files.map(({ runId, path }) => partSql(view, runId, fileSql(view, path)))
  if (parts.length > 0) return parts.join(' UNION ALL ')
  const none = rawColumns(view).map(([name, type]) => `NULL::${type} AS "${name}"`)
  return `${partSql(view, '', `(SELECT ${none.join(', ')})`)} WHERE false`
}

function fileSql(view: FileView, path: string): string {
  const columns = rawColumns(view).map(([name, type]) => `"${name}": '${type}'`)
  const of = `${textOf(path)}, columns = {${columns.join(', ')}}`
  if (view.columns.length === 0) return `read_json(${of}, format = 'newline_delimited')`
  return `read_csv(${of}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '')`
}

/** `run_id` first, then the columns as the file has them; beside each decimal the same as a whole number. */
function partSql(view: FileView, runId: string, from: string): string {
  const columns = rawColumns(view)
    .filter(([name]) => name !== 'run_id')
    .flatMap(([name, , kind]) => {
      if (kind === 'price') return [`"${name}"`, `CAST("${name}" * 10000 AS BIGINT) AS ${name}_1e4`]
      if (kind === 'micro')
        return [`"${name}"`, `CAST("${name}" * 1000000 AS BIGINT) AS ${name}_micro`]
      return [kind === 'text' ? `coalesce("${name}", '') AS "${name}"` : `"${name}"`]
    })
  return `SELECT ${[`${textOf(runId)} AS run_id`, ...columns].join(', ')} FROM ${from}`
}

function rawColumns(view: FileView): (readonly [name: string, type: string, kind: Kind])[] {
  if (view.name === 'health') {
    const flags = ['feed_lost_now', 'hard_stop']
    return HEALTH_COLUMNS.map(name => [
      name,
      flags.includes(name) ? 'BOOLEAN' : 'BIGINT',
      'integer',
    ])
  }
  return view.columns.map((name, k) => {
    const kind = view.kinds[k] ?? 'text'
    return [name, TYPES[kind], kind]
  })
}
