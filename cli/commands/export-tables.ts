import { ARB_VIEWS } from '#projections/arb/registry.js'
import type { Command } from '../command.js'

/** `polaris export-tables`: what `arb-export` can write. */
export const exportTablesCommand: Command = {
  name: 'export-tables',
  summary: 'list the tables that arb-export writes',
  usage: 'export-tables',
  example: 'export-tables',
  options: {},
  help: {},
  run: call => {
    const tables = ARB_VIEWS.map(({ name }) => name).sort()
    for (const name of tables) call.say(name)
    return Promise.resolve({ code: 0, json: { tables } })
  },
}
