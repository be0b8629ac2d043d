import { httpPort } from '#engine/harvest/http.js'
import { Refusal, wordOf, type Answer, type Call, type Command } from '../command.js'
import { loadConfig } from '../config.js'
import { HARVEST_HELP, HARVEST_OPTIONS } from '../harvest/options.js'
import { HarvestService } from '../harvest/service.js'
import { harvestStatus } from '../harvest/status.js'
import { lasting } from '../live-plan.js'
import { machineClock } from '../machine-clock.js'

const USAGE = 'harvest (run | status) [--handle A,B] [--duration 15m] [--no-hot-reload] [--db FILE]'

/** `polaris harvest`: slow collectors as a service, and whether they collect. */
export const harvestCommand: Command = {
  name: 'harvest',
  summary:
    'collect accounts, posts, markets and samples of books, for as long as it runs; say whether it does',
  usage: USAGE,
  example: 'harvest status --json',
  options: {
    ...HARVEST_OPTIONS,
    duration: { type: 'string' },
    tokens: { type: 'string' },
    slugs: { type: 'string' },
    'hot-reload': { type: 'boolean' },
    'no-hot-reload': { type: 'boolean' },
  },
  help: {
    run: 'every collector by its interval; a crashed run is gone on with; --json prints a line for each run of a collector',
    status:
      'what came in the last five minutes, and how old the last run of each collector is; exit 1 when one stands still',
    ...HARVEST_HELP,
    '--duration T': 'ends after 90s, 15m, 24h (default: when it is stopped)',
    '--tokens A,B, --slugs A,B':
      'what the market channel is asked for, with harvest.channel (default: as universe.* says)',
    '--no-hot-reload': 'the configuration is not read again on SIGHUP or when its file changes',
    '--hot-reload': 'as it is anyway: for scripts of the earlier system',
  },
  run: async call => {
    const act = wordOf(call, 0, 'what to do', USAGE)
    if (act === 'run') return await run(call)
    if (act === 'status') return await harvestStatus(call)
    throw new Refusal('usage', `'${act}' is nothing that harvest does`, 'command line', USAGE)
  },
}

async function run(said: Call): Promise<Answer> {
  const call = lasting(said)
  for (const remark of loadConfig(call.values).remarks ?? []) call.note(remark)
  const clock = machineClock()
  const http = httpPort(() => clock.nowUs() / 1_000)
  try {
    const served = await new HarvestService(call, { clock, http }).run()
    for (const { dir, lastSeq } of served.runs)
      call.say(`${dir}: ${lastSeq.toLocaleString('en')} events`)
    call.say(
      `${served.collectorRuns} runs of collectors, ${served.errors} failed, ${served.missed} slots missed`,
    )
    return { code: said.stop.aborted ? 130 : 0, json: served }
  } finally {
    await http.close()
  }
}
