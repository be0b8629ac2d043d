import { existsSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decisionPart, defaults } from '#schemas/config.js'
import { SCHEMA } from '#schemas/registry.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import type { Call } from '#cli/command.js'
import { digestOf } from '#cli/config.js'
import { runPlan } from '#cli/start-run.js'

const SEED = 7
const MISPRICINGS_PER_MILLION = 100

/**
 * A sealed run of so many feed inputs: quiet simulated markets, 100 mispricings per million inputs that become signals
 * and orders. Recorded once per length and kept in the system's directory for temporary files.
 */
export async function tape(events: number, call: Call): Promise<string> {
  const config = defaults()
  const rules = (await digestOf(decisionPart(config))).slice(0, 8)
  const name = `polaris-tape-${SCHEMA}-${rules}-${MISPRICINGS_PER_MILLION}-${events}`
  const dir = join(tmpdir(), name)
  if (existsSync(dir)) return dir
  const partial = `${dir}.${process.pid}`
  call.progress(`recording a tape of ${events.toLocaleString('en')} events`)
  try {
    await runPlan(
      {
        dir: partial,
        feed: simulatorFeed({
          scenario: 'parity-quiet',
          seed: SEED,
          events,
          mispricingsPerMillion: MISPRICINGS_PER_MILLION,
        }),
        config,
        mode: 'paper_live',
        seed: SEED,
        faults: [],
        parent: '',
        durability: 'none',
        acks: false,
        backend: 'ts',
      },
      call,
    )
    await rename(partial, dir)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return dir
}
