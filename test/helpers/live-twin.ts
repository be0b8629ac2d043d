import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { TEST_KEY } from '#engine/gateways/polymarket/sign/testing/vectors.js'
import { TwinVenue, type TwinOptions } from '#twin/venue.js'
import { polarisBeside, type Said } from './cli.js'

/** A twin that goes by the machine's clock, with what a process needs to trade at it for real. */
export interface LiveTwin {
  readonly venue: TwinVenue
  readonly base: string
  /** A folder of the test's own. */
  readonly dir: string
  /** A configuration with which live trading is enabled and capped. */
  readonly config: string
  /** Variables with the first two of the keys that live trading needs. */
  readonly env: NodeJS.ProcessEnv
  /** Runs `polaris` at the twin with that configuration and those variables, and runs kept in `dir`. */
  readonly polaris: (...words: readonly string[]) => Promise<Said>
  /** A verb at the twin with these variables only. */
  readonly polarisWith: (env: NodeJS.ProcessEnv, ...words: readonly string[]) => Promise<Said>
}

/** Starts a twin for processes that ask it. Stopped when the test is over. */
export async function liveTwin(t: Test, of: Partial<TwinOptions> = {}): Promise<LiveTwin> {
  const venue = new TwinVenue({ scenario: 'parity-quiet', seed: 3, speed: 2, events: 1e12, ...of })
  const base = await venue.start()
  t.teardown(() => venue.stop())
  const dir = t.testdir()
  const config = join(dir, 'live.toml')
  writeFileSync(
    config,
    '[live]\nenabled = true\nshutdown_ms = 3000\n[risk]\nglobal_exposure_max_micro = 100000000\n',
  )
  const env = { POLARIS_PRIVATE_KEY: TEST_KEY, RAZOR_MODE: 'live' }
  const at = ['--venue', base, '--config', config, '--runs-dir', join(dir, 'runs')]
  return {
    ...{ venue, base, dir, config, env },
    polaris: (...words) => polarisBeside(env, ...words, ...at),
    polarisWith: (own, ...words) => polarisBeside(own, ...words, ...at),
  }
}
