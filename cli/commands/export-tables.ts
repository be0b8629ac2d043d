import { ARB_VIEWS } from '#projections/arb/registry.js'
import { HARVEST_TABLES } from '#projections/harvest/tables.js'
import type { Command } from '../command.js'

/** `polaris export-tables`: what `export --table` can write. */
export const exportTablesCommand: Command = {
  name: 'export-tables',
  summary: 'list the tables that export --table writes: the arb tables, and those of collectors',
  usage: 'export-tables',
  example: 'export-tables',
  options: {},
  help: {},
  run: call => {
    const tables = [...ARB_VIEWS, ...HARVEST_TABLES].map(({ name }) => name).sort()
    for (const name of tables) call.say(name)
    return Promise.resolve({ code: 0, json: { tables } })
  },
}
