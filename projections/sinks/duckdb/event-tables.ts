import type { EventType, Field } from '#schemas/event.js'
import { typeOf, type TypeName } from '#schemas/registry.js'

/** A table of the log as `polaris sql` shows it. */
export interface LogTable {
  readonly name: string
  /** One sentence. */
  readonly doc: string
  /** Event types whose lines it needs from `log_lines`; empty where it reads the segments itself. */
  readonly types: readonly TypeName[]
  readonly sql: string
}

/** Names that would be SQL words, or that say less than what the views call the same thing. */
const NAMES: Readonly<Record<string, string>> = {
  signal: 'signal_id',
  order: 'order_id',
  trade: 'trade_id',
  leg: 'leg_index',
  limit: 'limit_price',
  from: 'old_tick',
  to: 'new_tick',
  group: 'event_group',
  by: 'given_by',
  index: 'outcome_index',
  worst: 'worst_leg',
}
const NAMES_OF: Readonly<Partial<Record<TypeName, Readonly<Record<string, string>>>>> = {
  TradePrinted: { id: 'trade_id' },
  MarketListed: { key: 'market_id' },
  TokenListed: { key: 'token_id' },
}
/** Fields that hold lists of numbers or of objects: tables of their own show them. */
const NESTED = ['legs', 'left', 'payouts', 'bids', 'asks', 'rows', 'tokens', 'books']
const TEXT_LISTS = ['reasons', 'faults']

/** Columns that every table of events begins with. */
export const HEAD_COLUMNS = 'run_id, seq, t_us, make_timestamp(t_us) AS time, cause'

/** A column with its unit in its name, and beside whole numbers of a unit the same as a decimal. */
export function columnsOf(value: string, name: string, unit: string): string[] {
  if (unit.startsWith('1e-4 $'))
    return [
      `${value} AS ${name}_1e4`,
      `CAST(${value}::DECIMAL(9,0) * 0.0001::DECIMAL(5,4) AS DECIMAL(9,4)) AS ${name}`,
    ]
  if (unit.startsWith('1e-6')) return [`${value} AS ${name}_micro`, decimalOf(value, name)]
  if (unit.startsWith('µs')) return [`${value} AS ${name}_us`]
  if (unit.startsWith('bps')) return [`${value} AS ${name}_bps`]
  if (unit === '0 buy, 1 sell')
    return [`CASE ${value} WHEN 0 THEN 'BUY' WHEN 1 THEN 'SELL' END AS ${name}`]
  return [`${value} AS ${name}`]
}

/** All events of one type, a column for each field. */
export function eventSql(type: TypeName): string {
  const of = typeOf(type)
  const fields = fieldsOf(of)
  const shape = JSON.stringify(
    Object.fromEntries(fields.map(([key, field]) => [key, jsonType(key, field)])),
  )
  const columns = fields
    .filter(([key]) => !NESTED.includes(key))
    .flatMap(([key, { unit, fullName }]) =>
      columnsOf(`d."${key}"`, NAMES_OF[type]?.[key] ?? NAMES[key] ?? snake(fullName ?? key), unit),
    )
  const select = [HEAD_COLUMNS, ...columns].join(', ')
  return `SELECT ${select} FROM (${linesSql(type, shape)})`
}

/** A row for each member of a list that an event of this type holds: `each` with its place from 0. */
export function membersSql(
  type: TypeName,
  list: string,
  member: string,
  keys: readonly string[] = [],
): string {
  const own = keys.map(key => [key, 'VARCHAR'])
  const shape = JSON.stringify({
    ...Object.fromEntries(own),
    [list]: [JSON.parse(member) as unknown],
  })
  const names = keys.map(key => `d."${key}" AS ${NAMES[key] ?? key},`).join(' ')
  return (
    `SELECT run_id, seq, t_us, cause, ${names} unnest(range(len(d."${list}"))) AS place, ` +
    `unnest(d."${list}") AS m FROM (${linesSql(type, shape)})`
  )
}

function linesSql(type: TypeName, shape: string): string {
  return (
    `SELECT run_id, seq, t_us, cause, json_transform(line, '${shape}') AS d ` +
    `FROM log_lines WHERE type = '${type}'`
  )
}

const fieldsOf = ({ required, optional }: EventType): [string, Field][] =>
  Object.entries({ ...required, ...optional })

function jsonType(key: string, { codec }: Field): string | readonly string[] {
  if (key === 'config') return 'JSON'
  if (TEXT_LISTS.includes(key)) return ['VARCHAR']
  if (NESTED.includes(key)) return 'JSON'
  if (codec.is(1)) return 'BIGINT'
  return codec.is(true) ? 'BOOLEAN' : 'VARCHAR'
}

/** Exact: a product of decimals, where a division would give a floating-point number. */
const decimalOf = (value: string, name: string): string =>
  `CAST(${value}::DECIMAL(22,0) * 0.000001::DECIMAL(7,6) AS DECIMAL(18,6)) AS ${name}`

const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
