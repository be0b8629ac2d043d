import * as E from 'fp-ts/lib/Either.js'
import { decisionPart, defaults } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import type { Recorded } from '#schemas/recorded.js'
import { SCHEMA } from '#schemas/registry.js'
import { Harvester } from '#engine/harvest/harvester.js'
import { HarvestMemory } from '#engine/harvest/memory.js'
import type { HarvestSettings } from '#engine/harvest/settings.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { startOf as factsOf } from '#engine/log/testing/builders.js'
import { VirtualClock } from '#engine/run/testing/virtual-clock.js'
import { openLive } from '#cli/live-run.js'
import type { ScriptedFault } from '#twin/faults.js'
import { TwinSources } from '#twin/collected/sources.js'
import type { Ground } from './grounds.js'
import { harvestSettings } from './harvest-settings.js'
import { mortal, rowsIn } from './lives.js'
import { twinHttp } from './twin-http.js'

/** When the sources and the first life begin. */
export const HARVEST_BEGIN_US = Date.UTC(2026, 10, 20, 2, 59, 30) * 1_000

const CONFIG = decisionPart(defaults())
const RULES = { ...CONFIG, strategy: { ...CONFIG.strategy, names: [], instances: [] } }
const STARTED = RunStarted.make({
  ...{ parent: '', mode: 'import', source: 'harvest', schema: SCHEMA, seed: 0, faults: [] },
  ...{ config: RULES, digest: '', clock: 'wall' },
})

/** What happens to collectors: how long they go on, how often they are killed, and what goes wrong with the sources. */
export interface HarvestFate {
  readonly hours: number
  readonly kills: number
  readonly faults: readonly ScriptedFault[]
  readonly markets: number
  readonly settings?: Partial<HarvestSettings>
}

/** One run of collectors by a clock of its own, killed so many times and gone on with each time; sealed at the end. */
export async function harvestLives(
  seed: number,
  ground: Ground,
  { hours, kills, faults, markets, settings = {} }: HarvestFate,
): Promise<{ rows: readonly Recorded[]; twin: TwinSources; endUs: number; downUs: number }> {
  const rng = prng(seed, 'harvest kills')
  const clock = new VirtualClock(HARVEST_BEGIN_US, () => ground.isBusy)
  const twin = new TwinSources({ seed, handles: ['elonmusk'], markets, faults, clock })
  const endUs = HARVEST_BEGIN_US + hours * 3_600_000_000
  let downUs = 0
  for (let life = 0; ; life++) {
    const own = mortal(clock)
    const memory = new HarvestMemory()
    if (life > 0) for (const { event } of await rowsIn(ground)) memory.take(event)
    const http = twinHttp(twin, own.clock)
    const harvester = new Harvester({
      http,
      clock: own.clock,
      memory,
      settings: harvestSettings(settings),
    })
    const opened = await openLive({
      ...{ store: ground.store, run: ground.run, started: STARTED, clock: own.clock },
      facts: { ...factsOf('harvest'), mode: 'import', source: 'harvest' },
      feeds: [own.feed(harvester.feed)],
      keep: { commitEvents: 64, commitMs: 0, durability: 'commit' },
      ...{ everyEvents: 0, remark: () => undefined },
    })
    const stop = new AbortController()
    let ended: E.Either<unknown, unknown> | undefined
    let failed: unknown
    opened.go(stop.signal).then(
      end => (ended = end),
      (error: unknown) => (failed = error),
    )
    const isOver = (): boolean => ended !== undefined || failed !== undefined
    const isLast = life === kills
    const lifeUs = Math.floor((hours * 3_600_000_000) / (kills + 1)) + rng.below(60_000_000)
    await clock.run({ untilUs: isLast ? endUs : Math.min(endUs, clock.nowUs() + lifeUs), isOver })
    if (isLast) {
      stop.abort()
      await clock.run({ untilUs: endUs + 60_000_000, isOver })
      if (failed !== undefined) throw failed as Error
      if (!ended || E.isLeft(ended)) throw new Error(`it does not end: ${JSON.stringify(ended)}`)
      return { rows: await rowsIn(ground), twin, endUs, downUs }
    }
    if (failed !== undefined) throw failed as Error
    own.kill()
    await ground.crash(rng.oneIn(2) ? rng.below(6_000) : 0)
    const restUs = rng.below(90_000) * 1_000
    downUs += restUs
    await clock.run({ untilUs: clock.nowUs() + restUs, isOver: () => false })
  }
}
