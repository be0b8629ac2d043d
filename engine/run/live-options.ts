import type { EventOf } from '#schemas/registry.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { Feed } from '#engine/feeds/feed.js'
import type { VenueGateway } from '#engine/gateways/venue-gateway.js'
import type { LogFault, LogWriter } from '#engine/log/event-log.js'
import type { OperatorQueue } from './operator-queue.js'
import type { RunEnd } from './run.js'
import type { Parts } from './start.js'
import type { Checkpoints } from './state-keeper.js'
import type { EngineLoop } from './engine-loop.js'

/** What a run by the machine's clock needs. */
export interface LiveOptions {
  readonly started: EventOf<'RunStarted'>
  /** Any number; their names are their sources, and differ. */
  readonly feeds: readonly Feed[]
  readonly log: LogWriter
  readonly clock: WallClock
  /** Ends the run in order: no new risk, what rests is cancelled, answers are awaited. */
  readonly stop: AbortSignal
  /** The way to the venue; absent where the simulated exchange answers. */
  readonly venue?: VenueGateway
  readonly operator?: OperatorQueue
  readonly parts?: Parts
  /** A run that crashed, compared up to its end. */
  readonly resumed?: { readonly loop: EngineLoop<unknown>; readonly tornBytes: number }
  readonly checkpoints?: Checkpoints
  /** Called now and then. */
  readonly progress?: (loop: EngineLoop<LogFault>) => void
  /** Most inputs of feeds that may wait. */
  readonly inboxMax?: number
}

/** Where a live run ended. */
export interface LiveEnd extends RunEnd {
  /** Orders of which nobody knows what became. */
  readonly unknown: readonly string[]
}
