import type { Command } from '../command.js'
import { loadConfig } from '../config.js'
import { lasting, runLivePlan } from '../live-plan.js'
import { VENUE_HELP, VENUE_OPTIONS } from '../venue-options.js'
import { venueFeed } from '../live-venue.js'
import { machineClock } from '../machine-clock.js'
import { RAW, RawFrames } from '../raw-frames.js'
import { freshDir, stampOf } from '../runs.js'

const USAGE = 'record [--tokens A,B | --slugs A,B] [--duration 15m] [--raw] [--out DIR]'

/** `polaris record`: the venue's market data as it happens, into a run without strategies. */
export const recordCommand: Command = {
  name: 'record',
  summary: 'record the venue’s live market data into one verified log',
  usage: USAGE,
  example: 'record --slugs fed-decision-in-december --duration 15m',
  options: {
    ...VENUE_OPTIONS,
    raw: { type: 'boolean' },
    out: { type: 'string' },
  },
  help: {
    ...VENUE_HELP,
    '--raw': `keep every frame as it came, in ${RAW}/ of the run`,
    '--out DIR': 'directory of the new run (default: below the runs directory)',
  },
  run: async call => {
    const { values } = call
    const { config } = loadConfig(values)
    const dir = freshDir(values, `${stampOf(Date.now())}-polymarket`)
    const clock = machineClock()
    const raw = values['raw'] === true ? new RawFrames(dir) : undefined
    const feed = venueFeed(values, config, { clock, raw })
    const plan = { dir, feed, config, mode: 'import', seed: 0, faults: [], parent: '' } as const
    const kept = { durability: config.log.durability, acks: false, backend: config.run.backend }
    const end = await runLivePlan({ ...plan, ...kept }, { clock }, lasting(call))
    await raw?.close()
    if (raw?.fault !== undefined) call.note(`raw frames are not whole: ${raw.fault}`)
    const status = feed.status()
    const {
      skipped = [],
      hashChecked = 0,
      hashOk = 0,
      markets = 0,
      tokens = 0,
    } = status?.report ?? {}
    const { frames = 0, lost = 0, connections = 0, restBooks = 0, staleBooks = 0 } = status ?? {}
    call.say(`run      ${dir}`)
    call.say(`head     ${end.head}`)
    call.say(
      `heard    ${frames} frames of ${markets} markets, ${tokens} tokens; ${end.loop.inputs} inputs`,
    )
    call.say(`channel  ${connections} connections, lost ${lost} times`)
    call.say(`REST     ${restBooks} books fetched, ${staleBooks} of them too old`)
    if (hashChecked > 0) call.say(`hashes   ${hashOk} of ${hashChecked} are the venue's`)
    for (const { reason, count } of skipped) call.say(`skipped  ${count} × ${reason}`)
    call.say(`next: polaris run --source ${dir}`)
    return {
      code: call.stop.aborted ? 130 : 0,
      json: {
        runDir: dir,
        head: end.head,
        lastSeq: end.lastSeq,
        inputs: end.loop.inputs,
        feed: status,
      },
    }
  },
}
