import * as E from 'fp-ts/lib/Either.js'
import { CommandGiven, RunEnded, RunRecovered } from '#schemas/events/run.js'
import type { EventOf } from '#schemas/registry.js'
import type { Feed, FeedPlace } from '#engine/feeds/feed.js'
import type { LogEnd, LogFault, LogWriter } from '#engine/log/event-log.js'
import { Intake } from './intake.js'
import type { OperatorQueue } from './operator-queue.js'
import { startEngine, type Parts } from './start.js'
import { StateKeeper, type Checkpoints } from './state-keeper.js'
import type { EngineLoop } from './engine-loop.js'

/** A crashed run that was compared up to its end and goes on. */
export interface Resumed {
  readonly loop: EngineLoop<unknown>
  readonly tornBytes: number
  /** Where the feed stood at a checkpoint, and the feed inputs before it; without one it is opened at its start. */
  readonly place?: FeedPlace & { readonly ordinal: number }
}

/** What a run needs. */
export interface RunOptions {
  readonly started: EventOf<'RunStarted'>
  readonly feed: Feed
  readonly log: LogWriter
  /** Ends the run in order: what is pending is answered, then it is sealed. */
  readonly stop: AbortSignal
  readonly parts?: Parts
  readonly resumed?: Resumed
  readonly checkpoints?: Checkpoints
  /** Answered when what it said is durable; the feed is what brings it. */
  readonly operator?: OperatorQueue
  /** Called after every batch. */
  readonly progress?: (loop: EngineLoop<LogFault>) => void
}

/** Where a run ended. */
export interface RunEnd extends LogEnd {
  readonly loop: EngineLoop<LogFault>
}

/**
 * The loop: pull, stamp, step, append, act. The feed's first input gives the run its first time, so that nothing of this
 * machine is in the log. Ends sealed when the feed ends or `stop` aborts, halted when the log does.
 */
export async function run(options: RunOptions): Promise<E.Either<LogFault, RunEnd>> {
  const { log, stop, progress } = options
  const resumed = options.resumed
  const loop = resumed ? continued(resumed.loop, log) : fresh(options)
  log.onDurable(seq => {
    loop.durable(seq)
    options.operator?.durable(seq)
  })
  const { checkpoints, feed } = options
  const keeper = checkpoints && new StateKeeper({ checkpoints, log }, loop)
  if (resumed) {
    const { lastSeq, tUs } = loop
    const event = RunRecovered.make({ lastSeq, tornBytes: resumed.tornBytes })
    const fault = loop.catchUp(tUs) ?? loop.take(tUs, event)
    if (fault) return E.left(fault)
  }
  const skip = loop.state.ordinal - (resumed?.place?.ordinal ?? 0)
  const { started } = options
  const intake = new Intake({
    ...{ started, log, loop, skip, isBegun: resumed !== undefined },
    ...(options.operator && { operator: options.operator }),
  })
  for await (const batch of batchesOf(options, loop)) {
    const fault = await ('walk' in batch ? intake.chunk(batch) : intake.inputs(batch))
    if (fault) return E.left(fault)
    keeper?.look(() => feed.save?.()) // the feed stands where the engine does
    progress?.(loop)
    await breathe()
    if (stop.aborted) break
  }
  const why = stop.aborted ? 'operator' : 'source-ended'
  const fault =
    intake.begin(0) ??
    shutDown(loop) ??
    loop.catchUp(Number.POSITIVE_INFINITY) ??
    loop.take(loop.tUs, RunEnded.make({ why }))
  if (fault) return E.left(fault)
  const sealed = await log.seal()
  return E.isLeft(sealed) ? sealed : E.right({ ...sealed.right, loop })
}

/** Where something rests or a timer is set the run would never be over: it is told to end, and what rests is cancelled. */
export function shutDown<F>(loop: EngineLoop<F>): F | undefined {
  const { oms, timers, isStrict } = loop.state
  if (isStrict || (oms.book.live.size === 0 && timers.isEmpty)) return undefined
  const data = { command: 'shutdown', by: 'run', from: 'source' } as const
  return loop.catchUp(loop.tUs) ?? loop.take(loop.tUs, CommandGiven.make(data))
}

/** In the source's own bytes where the feed has them and the fold can walk over them. */
function batchesOf(
  { feed, stop, resumed }: RunOptions,
  { state: { fold, instruments } }: EngineLoop<LogFault>,
) {
  const opening = { signal: stop, instruments: instruments.opening() }
  const { place } = resumed ?? {}
  const walker = feed.rawChunks && !place ? fold.frames?.() : undefined
  return (
    (walker && feed.rawChunks?.(opening, walker)) ??
    feed.open({ ...opening, ...(place && { place }) })
  )
}

function fresh({ started, log, parts }: RunOptions): EngineLoop<LogFault> {
  return startEngine<LogFault>(started, ({ rows }) => log.append(rows), parts)
}

function continued(loop: EngineLoop<unknown>, log: LogWriter): EngineLoop<LogFault> {
  // The comparison is over; from here on the same engine keeps its turns in the log.
  const going = loop as EngineLoop<LogFault>
  going.keepIn(({ rows }) => log.append(rows))
  return going
}

/** Lets the disk and the operator have their say. */
function breathe(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
