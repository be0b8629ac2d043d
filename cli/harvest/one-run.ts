import * as E from 'fp-ts/lib/Either.js'
import type { Config } from '#schemas/config.js'
import type { Job } from '#schemas/harvest.js'
import { RunStarted } from '#schemas/events/run.js'
import type { EventOf } from '#schemas/registry.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { HARVEST, Harvester } from '#engine/harvest/harvester.js'
import type { HarvestMemory } from '#engine/harvest/memory.js'
import type { HttpPort } from '#engine/harvest/ports.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import type { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { servingOf } from '../backend.js'
import type { Call, Values } from '../command.js'
import { openLive } from '../live-run.js'
import { venueFeed } from '../live-venue.js'
import { pointTo } from '../latest.js'
import { logRefusal, runsDirOf, startOf } from '../runs.js'
import { factsOf, keptAs, startedOf, storeOf, upkeepOf, type RunPlan } from '../start-run.js'
import { KeptTables } from './kept-tables.js'
import { liveBooksOf } from './live-books.js'
import { settingsOf } from './settings.js'

/** What a run of a collector came to. */
export type Ran = EventOf<'CollectorRan'>['data']

/** One run of collectors. */
export interface HarvestRun {
  readonly call: Call
  readonly config: Config
  readonly dir: string
  /** What its log says already. */
  readonly memory: HarvestMemory
  readonly clock: WallClock
  readonly http: HttpPort
  /** Runs each of these once; absent: all by their intervals, until `stop`. */
  readonly once?: readonly Job[]
  readonly sinceUs?: number
  readonly handles?: readonly string[]
  readonly stop: AbortSignal
  /** Where the tables are kept as it goes; absent: they are not. */
  readonly db?: HarvestDatabase | undefined
  readonly told?: (ran: Ran) => void
  /** Handed the collectors once they are made: whoever reloads the configuration speaks to them. */
  readonly made?: (harvester: Harvester) => void
}

/** Begins a run of collectors, or goes on with it, until it is stopped or all was done once; sealed then. */
export async function harvestRun(of: HarvestRun): Promise<LiveEnd> {
  const { call, config, dir, memory, clock, http, once, sinceUs, told } = of
  const remark = (line: string): void => call.note(line)
  const serving = servingOf('ts', remark)
  const fold = tsFold()
  try {
    const channel =
      config.harvest.channel && !once
        ? liveBooksOf(venueFeed(call.values, config, { clock }), fold)
        : undefined
    const harvester = new Harvester({
      ...{ http, clock, memory, settings: settingsOf(config, call.values, of.handles) },
      ...(channel && { live: channel.books }),
      ...(once && { once }),
      ...(sinceUs !== undefined && { sinceUs }),
      ...(told && { told }),
    })
    of.made?.(harvester)
    const plan = planOf(of, channel ? `${HARVEST}+${channel.feed.source}` : HARVEST, harvester)
    const store = storeOf(plan)
    const started = await startedAs(plan, store)
    const upkeep = upkeepOf(plan, { call, store })
    const opened = await openLive({
      ...{ store, run: dir, started, clock, remark },
      feeds: [harvester.feed, ...(channel ? [channel.feed] : [])],
      facts: { ...factsOf(plan, started.data.digest), startedUs: clock.nowUs() },
      keep: keptAs(plan, upkeep, serving),
      everyEvents: config.log.checkpoint_events,
      parts: { fold },
    })
    const fault = pointTo(dir, runsDirOf(call.values))
    if (fault !== undefined) call.note(`run_latest still names an older run: ${fault}`)
    const { manifest } = await store.info(dir)
    const startedUs = manifest?.startedUs ?? 0
    const tables =
      of.db && new KeptTables(of.db, { store, dir, startedUs, log: opened.log, config, call })
    try {
      const ended = await opened.go(of.stop, ({ lastSeq }) =>
        call.progress(`${lastSeq.toLocaleString('en')} events; Ctrl-C ends the run`),
      )
      if (E.isLeft(ended)) throw logRefusal(ended.left)
      await tables?.end(ended.right.lastSeq)
      return ended.right
    } finally {
      await tables?.close()
    }
  } finally {
    serving.close()
  }
}

function planOf({ dir, config }: HarvestRun, source: string, { feed }: Harvester): RunPlan {
  return {
    ...{ dir, config, feed: { ...feed, source }, mode: 'import', seed: 0, faults: [], parent: '' },
    ...{ durability: config.log.durability, acks: false, backend: config.run.backend },
  }
}

async function startedAs(plan: RunPlan, store: RunStore): Promise<EventOf<'RunStarted'>> {
  const hasBegun = await store.hasBegun(plan.dir).catch(() => false) // it is not there at all
  if (hasBegun) return await startOf(plan.dir, store)
  const { data } = await startedOf(plan)
  return RunStarted.make({ ...data, clock: 'wall' })
}

/** The words of a call with what its collectors are asked about. */
export const handlesIn = (values: Values): readonly string[] | undefined => {
  const text = typeof values['handle'] === 'string' ? values['handle'] : undefined
  return text === undefined
    ? undefined
    : text
        .split(',')
        .map(one => one.trim().replace(/^@/, ''))
        .filter(one => one !== '')
}
