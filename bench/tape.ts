import { existsSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaults } from '#schemas/config.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import type { Call } from '#cli/command.js'
import { runPlan, startedOf, type RunPlan } from '#cli/start-run.js'

const SEED = 7
const MISPRICINGS_PER_MILLION = 100

/**
 * A sealed run of so many feed inputs: quiet simulated markets, 100 mispricings per million inputs that become signals
 * and orders. Recorded once per length and decision configuration, in the system's directory for temporary files.
 */
export async function tape(
  events: number,
  call: Call,
  kept: 'plain' | 'compressed' = 'plain',
): Promise<string> {
  const plan = tapePlan(events, kept)
  const { digest, schema } = (await startedOf({ ...plan, dir: '' })).data
  const name = kept === 'plain' ? 'polaris-tape' : 'polaris-long-tape'
  const dir = join(tmpdir(), `${name}-${schema}-${digest.slice(0, 12)}-${events}`)
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

/** What a tape is made of. A plain one has no checkpoints either. */
export function tapePlan(events: number, kept: 'plain' | 'compressed'): Omit<RunPlan, 'dir'> {
  const { log, ...config } = defaults()
  const plain = { ...log, compress: 'none', checkpoint_events: 0 } as const
  return {
    feed: simulatorFeed({
      scenario: 'parity-quiet',
      seed: SEED,
      events,
      mispricingsPerMillion: MISPRICINGS_PER_MILLION,
    }),
    config: { ...config, log: kept === 'plain' ? plain : log },
    mode: 'paper_live',
    seed: SEED,
    parent: '',
    faults: [],
    durability: 'none',
    acks: false,
    backend: 'ts',
  }
}
