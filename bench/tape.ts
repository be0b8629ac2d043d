import { existsSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaults } from '#schemas/config.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import type { Call } from '#cli/command.js'
import { runPlan, startedOf } from '#cli/start-run.js'

const SEED = 7
const MISPRICINGS_PER_MILLION = 100

/**
 * A sealed run of so many feed inputs: quiet simulated markets, 100 mispricings per million inputs that become signals
 * and orders. Recorded once per length and decision configuration, in the system's directory for temporary files.
 */
export async function tape(events: number, call: Call): Promise<string> {
  const plan = {
    feed: simulatorFeed({
      scenario: 'parity-quiet',
      seed: SEED,
      events,
      mispricingsPerMillion: MISPRICINGS_PER_MILLION,
    }),
    config: defaults(),
    mode: 'paper_live',
    seed: SEED,
    parent: '',
    faults: [],
    durability: 'none',
    acks: false,
    backend: 'ts',
  } as const
  const { digest, schema } = (await startedOf({ ...plan, dir: '' })).data
  const dir = join(tmpdir(), `polaris-tape-${schema}-${digest.slice(0, 12)}-${events}`)
  if (existsSync(dir)) return dir
  const partial = `${dir}.${process.pid}`
  call.progress(`recording a tape of ${events.toLocaleString('en')} events`)
  try {
    await runPlan({ ...plan, dir: partial }, call)
    await rename(partial, dir)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return dir
}
