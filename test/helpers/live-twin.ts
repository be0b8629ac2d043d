import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { TestClient, type Draft } from '#twin/testing/client.js'
import { TwinVenue, type TwinOptions } from '#twin/venue.js'
import { polarisBeside, type Said } from './cli.js'

/** The key of the account, a small number. */
const OWN_KEY = 0x901a

/** A twin that goes by the machine's clock, with what a process needs to trade at it for real. */
export interface LiveTwin {
  readonly venue: TwinVenue
  readonly base: string
  /** Another hand on the same account: the key of `env`, by code that is none of ours. */
  readonly client: TestClient
  /** Ten shares of the first market for a dime each: it rests. */
  readonly deepBid: () => Promise<string>
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
  const client = new TestClient(base, OWN_KEY)
  await client.key()
  const market = [...venue.markets.markets.values()][0]!
  const deepBid = async (): Promise<string> => {
    const amounts = { maker: 1_000_000, taker: 10_000_000 }
    const draft: Draft = { market, tokenId: market.assets[0]!, side: 'BUY', ...amounts }
    const { body } = await client.call('POST', '/order', client.order(draft))
    return (body as { orderID: string }).orderID
  }
  const dir = t.testdir()
  const config = join(dir, 'live.toml')
  writeFileSync(
    config,
    '[live]\nenabled = true\nshutdown_ms = 3000\n[risk]\nglobal_exposure_max_micro = 100000000\n',
  )
  const env = { POLARIS_PRIVATE_KEY: OWN_KEY.toString(16).padStart(64, '0'), RAZOR_MODE: 'live' }
  const at = ['--venue', base, '--config', config, '--runs-dir', join(dir, 'runs')]
  return {
    ...{ venue, base, client, deepBid, dir, config, env },
    polaris: (...words) => polarisBeside(env, ...words, ...at),
    polarisWith: (own, ...words) => polarisBeside(own, ...words, ...at),
  }
}
