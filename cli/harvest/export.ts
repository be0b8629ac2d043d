import { isoOf } from '#projections/iso.js'
import type { HarvestTable } from '#projections/harvest/tables.js'
import type { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { Refusal, textOf, wholeOf, type Answer, type Call, type Values } from '../command.js'
import { runsDirOf } from '../runs.js'
import { openTables } from './tables.js'
import { ROW_FORMATS, writeFile, writeText, type RowFormat, type Writing } from './write-rows.js'

const HOUR_US = 3_600_000_000

/** Writes rows of a collectors' table, as `export --table` does. */
export async function exportTable(table: HarvestTable, call: Call): Promise<Answer> {
  const { values, stop } = call
  const [format, output] = [formatOf(values), textOf(values, 'output')]
  const hours = wholeOf(values, 'since-hours', 1)
  if (hours !== undefined && table.time === undefined)
    throw new Refusal('usage', `${table.name} is of no time`, '--since-hours', 'a table of facts')
  const limit = wholeOf(values, 'limit', 1)
  const db = await openTables(runsDirOf(values), { isReadonly: true, file: textOf(values, 'db') })
  try {
    requireTables(db, values)
    const fromUs = hours === undefined ? undefined : lastUs(db) - hours * HOUR_US
    const sql = `${db.selectSql(table, fromUs === undefined ? {} : { fromUs, fromIso: isoOf(fromUs) })}${limit === undefined ? '' : ` LIMIT ${limit}`}`
    const progress = (rows: number): void =>
      call.progress(`${table.name}: ${rows.toLocaleString('en')} rows`)
    const writing: Writing = { db, table, sql, stop, progress }
    const of = { table: table.name, format, output: output ?? null }
    if (output === undefined) {
      const rows = await toStdout(writing, format, call)
      return { code: stop.aborted ? 130 : 0, json: { ...of, rows } }
    }
    const rows = await writeFile(writing, format, output)
    if (rows === undefined) {
      call.note('stopped: nothing was written')
      return { code: 130, json: { ...of, stopped: true } }
    }
    call.say(`${rows} rows of ${table.name} in ${output}`)
    return { code: 0, json: { ...of, rows } }
  } finally {
    db.close()
  }
}

function formatOf(values: Values): RowFormat {
  const text = textOf(values, 'format') ?? 'csv'
  const format = ROW_FORMATS.find(one => one === text)
  if (!format)
    throw new Refusal('usage', `--format is '${text}'`, '--format', ROW_FORMATS.join(', '))
  if (format !== 'parquet' || textOf(values, 'output') !== undefined) return format
  throw new Refusal('usage', 'Parquet is for a file', '--format', '--output FILE')
}

/** A Refusal where a database holds no tables of collectors. */
export function requireTables(db: HarvestDatabase, values: Values): void {
  if (db.isThere) return
  throw new Refusal(
    'no-tables',
    'nothing was collected here',
    runsDirOf(values),
    `a folder where 'polaris harvest-once' or 'polaris harvest run' worked`,
  )
}

/** When the last run of a collector ended, µs: hours are counted back from there, whatever the time is now. */
function lastUs(db: HarvestDatabase): number {
  const { at } = db.db.prepare('SELECT max(finished_at) AS at FROM ops_collector_run').get() as {
    at: string | null
  }
  return at === null ? 0 : Date.parse(at) * 1_000
}

async function toStdout(
  writing: Writing,
  format: RowFormat,
  call: Call,
): Promise<number | unknown[]> {
  if (call.values['json'] === true) {
    let text = ''
    await writeText(writing, 'json', part => {
      text += part
      return Promise.resolve()
    })
    return JSON.parse(text) as unknown[]
  }
  let rest = ''
  const count = await writeText(writing, format === 'json' ? 'json' : 'csv', part => {
    rest += part
    const end = rest.lastIndexOf('\n')
    if (end >= 0) call.say(rest.slice(0, end))
    rest = rest.slice(end + 1)
    return Promise.resolve()
  })
  if (rest !== '') call.say(rest)
  return count ?? 0
}
