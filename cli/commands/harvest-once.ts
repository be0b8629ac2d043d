import { JOBS } from '#schemas/harvest.js'
import type { Command } from '../command.js'
import { HARVEST_HELP, HARVEST_OPTIONS } from '../harvest/options.js'
import { harvestOnce } from '../harvest/once.js'

/** `polaris harvest-once`: every collector once. */
export const harvestOnceCommand: Command = {
  name: 'harvest-once',
  summary: 'run every collector once, into a run of its own and the tables',
  usage: 'harvest-once [--handle A,B] [--venue URL] [--out DIR]',
  example: 'harvest-once --handle elonmusk',
  options: { ...HARVEST_OPTIONS, out: { type: 'string' } },
  help: {
    ...HARVEST_HELP,
    '--out DIR': 'directory of the new run (default: below the runs directory)',
  },
  run: call =>
    harvestOnce(call, { jobs: JOBS.filter(job => job !== 'retention'), name: 'harvest-once' }),
}
