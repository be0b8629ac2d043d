import type { FileView, Kind } from '../view.js'

/** Rows that one prepared statement inserts. */
export const ROWS_AT_ONCE = 64

/** A column that is stored, with how a cell becomes its value; `run_id` is not among them. */
export interface Stored {
  readonly name: string
  readonly type: 'TEXT' | 'INTEGER'
  /** Place of the cell in a row. */
  readonly at: number
  readonly kind: Kind
}

/** Stored columns of a view: prices in 1e-4 and amounts in 1e-6 as whole numbers. */
export const storedOf = ({ columns, kinds }: FileView): readonly Stored[] =>
  columns.flatMap((name, at) => {
    const kind = kinds[at] ?? 'text'
    if (name === 'run_id') return []
    return [{ name: name + SUFFIX[kind], type: kind === 'text' ? 'TEXT' : 'INTEGER', at, kind }]
  })

/** Makes the table of a view: whole numbers stored, decimals under the view's own names computed from them. */
export function tableSql(view: FileView): string {
  const stored = storedOf(view).map(({ name, type }) => `"${name}" ${type}`)
  const decimals = view.columns.flatMap((name, at) => {
    const kind = view.kinds[at]
    if (kind !== 'price' && kind !== 'micro') return []
    const unit = kind === 'price' ? '10000.0' : '1000000.0'
    return [`"${name}" REAL GENERATED ALWAYS AS ("${name}${SUFFIX[kind]}" / ${unit}) VIRTUAL`]
  })
  return `CREATE TABLE "${view.name}" (${['run_id TEXT NOT NULL', ...stored, ...decimals].join(', ')})`
}

/** Inserts so many rows of a view. */
export function insertSql(view: FileView, rows: number): string {
  const names = ['run_id', ...storedOf(view).map(({ name }) => `"${name}"`)]
  const row = `(${names.map(() => '?').join(', ')})`
  return `INSERT INTO "${view.name}" (${names.join(', ')}) VALUES ${Array(rows).fill(row).join(', ')}`
}

/** The value of a cell: an empty one of no text is nothing. Decimals have a fixed length, so their digits are the value. */
export function valueOf(cell: string, kind: Kind): string | number | null {
  if (kind === 'text') return HALF.test(cell) ? Buffer.from(cell).toString() : cell
  if (cell === '') return null
  return Number(kind === 'integer' ? cell : cell.replace('.', ''))
}

/** Half of a character beyond 16 bits. A database holds UTF-8, so that it would give back another text than it was given. */
const HALF = /[\ud800-\udfff]/

const SUFFIX: Readonly<Record<Kind, string>> = {
  text: '',
  integer: '',
  price: '_1e4',
  micro: '_micro',
}
