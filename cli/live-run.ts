import type { Either } from 'fp-ts/lib/Either.js'
import type { ManifestStart } from '#schemas/manifest.js'
import type { EventOf } from '#schemas/registry.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Feed } from '#engine/feeds/feed.js'
import type { VenueGateway } from '#engine/gateways/venue-gateway.js'
import type { LogFault, LogWriter } from '#engine/log/event-log.js'
import type { Remark } from '#engine/log/store/checkpoint.js'
import type { KeepRun, RunStore } from '#engine/log/store/run-store.js'
import { runLive } from '#engine/run/live.js'
import type { LiveEnd, LiveOptions } from '#engine/run/live-options.js'
import type { OperatorQueue } from '#engine/run/operator-queue.js'
import type { Parts } from '#engine/run/start.js'
import { keeperOf } from './checkpoints.js'
import { reopen } from './resume.js'
import { orRefuse } from './runs.js'

/** A run by the machine's clock: where it lives, what it hears, who answers it and how it is kept. */
export interface LivePlan {
  readonly store: RunStore
  /** What it goes by in the store. */
  readonly run: string
  readonly started: EventOf<'RunStarted'>
  /** Facts of the machine that begins it. */
  readonly facts: ManifestStart
  readonly keep: KeepRun
  /** Events between two checkpoints; 0: none. */
  readonly everyEvents: number
  readonly feeds: readonly Feed[]
  readonly clock: WallClock
  /** The way to the venue; absent where the simulated exchange answers. */
  readonly venue?: VenueGateway
  readonly operator?: OperatorQueue
  readonly parts?: Parts
  readonly remark: Remark
}

/** A live run whose log is open. */
export interface OpenLive {
  /** The last event that a crash left; 0 where the run begins. */
  readonly lastSeq: number
  /** The event that the engine was taken up from, by a checkpoint; 0 for the first. */
  readonly fromSeq: number
  /** Its log, for who follows what is durable. */
  readonly log: LogWriter
  /** Runs until its feeds have ended or `stop` aborts. `operator` stands in the plan's stead where it could not be there yet. */
  readonly go: (
    stop: AbortSignal,
    progress?: LiveOptions['progress'],
    operator?: OperatorQueue,
  ) => Promise<Either<LogFault, LiveEnd>>
}

/**
 * Opens the log of a live run: begins it, or, where a first commit of it is durable, recovers it and brings the engine to its end.
 * Refuses a run that has ended, that somebody else writes, or that is damaged.
 */
export async function openLive(plan: LivePlan): Promise<OpenLive> {
  const { store, run, keep, facts, parts, remark } = plan
  const hasBegun = await store.hasBegun(run).catch(() => false) // it is not there at all
  if (!hasBegun) {
    const log = orRefuse(await store.create(run, facts, keep))
    return { log, lastSeq: 0, fromSeq: 0, go: (...how) => went(plan, { log }, how) }
  }
  const { log, loop, from, tornBytes } = await reopen(run, {
    ...{ store, keep, remark },
    ...(parts && { parts }),
  })
  await keep.upkeep?.takeOn()
  return {
    log,
    lastSeq: loop.lastSeq,
    fromSeq: from?.mark.lastSeq ?? 0,
    go: (...how) => went(plan, { log, resumed: { loop, tornBytes } }, how),
  }
}

async function went(
  plan: LivePlan,
  opened: { readonly log: LogWriter; readonly resumed?: LiveOptions['resumed'] },
  [stop, progress, operator = plan.operator]: Parameters<OpenLive['go']>,
): Promise<Either<LogFault, LiveEnd>> {
  const { store, run, started, keep, everyEvents, feeds, clock, venue, parts, remark } = plan
  const { log, resumed } = opened
  const keeper = everyEvents > 0 ? await keeperOf(run, { started, store, remark }) : undefined
  const checkpoints = keeper && {
    everyEvents,
    get isBusy() {
      return keeper.isBusy
    },
    keep: keeper.keep.bind(keeper),
  }
  try {
    return await runLive({
      ...{ started, log, feeds, clock, stop },
      ...(resumed && { resumed }),
      ...(venue && { venue }),
      ...(operator && { operator }),
      ...(parts && { parts }),
      ...(checkpoints && { checkpoints }),
      ...(progress && { progress }),
    })
  } catch (error) {
    await log.close() // the run stays open and can be resumed
    throw error
  } finally {
    await keeper?.settled()
    await keep.upkeep?.settled(stop)
  }
}
