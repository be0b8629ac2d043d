import { join, resolve } from 'node:path'
import { ARB_VIEWS } from '#projections/arb/registry.js'
import { HARVEST_TABLES, harvestTable } from '#projections/harvest/tables.js'
import { Refusal, textOf, wordOf, type Answer, type Call, type Command } from '../command.js'
import { wholeFolder } from '../export/folder.js'
import { runDirOf, runIdOf } from '../runs.js'
import { arbExportCommand } from './arb-export.js'

const USAGE =
  'export (DIR --format (hive | hftbacktest | nautilus) [--out DIR] | --table T --format (csv | json | parquet) [--output FILE])'

/** What a run is written as: returns facts for `--json`, and says what is there. */
type Export = (
  dir: string,
  target: string,
  call: Call,
) => Promise<Readonly<Record<string, unknown>>>

const FORMATS: Readonly<Record<string, Export>> = {
  hive: async (dir, target, call) => {
    const facts = await (await import('../export/hive.js')).writeHive(dir, target, call)
    for (const [table, rows] of Object.entries(facts.rows)) call.say(`${table}: ${rows} rows`)
    return { ...facts }
  },
  hftbacktest: async (dir, target, call) => {
    const { writeHftbacktest } = await import('../export/hftbacktest.js')
    const { assets } = await writeHftbacktest(dir, target, call)
    call.say(`${assets.length} tokens, ${sum(assets.map(({ events }) => events))} events`)
    return { assets }
  },
  nautilus: async (dir, target, call) => {
    const { writeNautilus } = await import('../export/nautilus.js')
    const { tokens } = await writeNautilus(dir, target, call)
    const [deltas, trades] = [tokens.map(one => one.deltas), tokens.map(one => one.trades)]
    call.say(`${tokens.length} instruments, ${sum(deltas)} deltas, ${sum(trades)} trades`)
    return { tokens }
  },
}
const sum = (counts: readonly number[]): number => counts.reduce((all, n) => all + n, 0)

const NAMES = Object.keys(FORMATS)

/** `polaris export`: what a run's feed said, for other tools. */
export const exportCommand: Command = {
  name: 'export',
  summary:
    "write what a run's feed said for other tools (Parquet datasets, hftbacktest, NautilusTrader), or a table",
  usage: USAGE,
  example: 'export runs/demo --format hive --out demo-hive',
  options: {
    ...arbExportCommand.options,
    out: { type: 'string' },
    db: { type: 'string' },
  },
  help: {
    '--format F': `of a run: ${NAMES.join(', ')}; of a table: csv (default), json, parquet`,
    '--table T':
      'one of `export-tables`; of collectors out of the database, of the arb tables out of the runs that are named, or all',
    '--since-hours N': 'of a table: only the last N hours before the last event',
    '--limit N': 'of a table: at most so many rows, the first of it',
    '--output FILE': 'of a table: written whole or not at all (default: stdout; Parquet needs it)',
    '--db FILE': 'of a table: another database (default: polaris.db beside the runs)',
    '--mode, --source, --source-code, --run-tag': 'of an arb table: as for `arb-export`',
    '--out DIR': 'a new folder (default: RUN-FORMAT beside the run)',
  },
  run: async call => {
    const table = textOf(call.values, 'table')
    if (table !== undefined) return await tableExport(table, call)
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const format = textOf(call.values, 'format') ?? ''
    const write = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
    if (write === undefined)
      throw new Refusal('usage', `'${format}' is no format`, '--format', NAMES.join(', '))
    const out =
      textOf(call.values, 'out') ?? join(resolve(dir), '..', `${runIdOf(resolve(dir))}-${format}`)
    const facts = await wholeFolder(resolve(out), partial => write(resolve(dir), partial, call))
    call.say(`written to ${out}`)
    if (format === 'hive') call.say(`next: polaris import hive ${out}`)
    return { code: 0, json: { dir: out, ...facts } }
  },
}

/** A table by its name, whoever keeps it. */
async function tableExport(name: string, call: Call): Promise<Answer> {
  const table = harvestTable(name)
  if (table) return await (await import('../harvest/export.js')).exportTable(table, call)
  if (ARB_VIEWS.some(one => one.name === name)) return await arbExportCommand.run(call)
  const names = [...ARB_VIEWS, ...HARVEST_TABLES].map(one => one.name).join(', ')
  throw new Refusal('usage', `there is no table '${name}'`, '--table', names)
}
