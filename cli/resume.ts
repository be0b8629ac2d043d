import type { LogWriter } from '#engine/log/event-log.js'
import type { Checkpoint, Remark } from '#engine/log/store/checkpoint.js'
import type { KeepRun, RunStore } from '#engine/log/store/run-store.js'
import type { EngineLoop } from '#engine/run/engine-loop.js'
import type { Replay } from '#engine/run/replay.js'
import type { Parts } from '#engine/run/start.js'
import { Refusal } from './command.js'
import { replayRun, type Replayed } from './replay-run.js'
import { orRefuse } from './runs.js'

/** How a crashed run is opened and compared. */
export interface Reopening {
  readonly store: RunStore
  readonly keep: KeepRun
  readonly parts?: Parts
  /** Parts that nothing was folded with yet, for a second try. */
  readonly again?: () => Parts
  readonly remark: Remark
}

/** A crashed run, open behind its last whole commit, with the engine as it stands there. */
export interface Reopened {
  readonly log: LogWriter
  readonly loop: EngineLoop<unknown>
  /** The checkpoint that the engine began at; what lies before it was taken on its word. */
  readonly from: Checkpoint | undefined
  readonly tornBytes: number
}

/**
 * Opens a crashed run and brings an engine to its end: from the newest checkpoint on, every line behind it compared; from the first
 * event on where that does not fit. Refuses a log that is not what its own inputs give, and one that has ended: where a crash cut its seal
 * short, that is written.
 */
export async function reopen(run: string, of: Reopening): Promise<Reopened> {
  const { store, keep, remark } = of
  const { log, tornBytes } = orRefuse(await store.open(run, keep))
  try {
    const { result, replay, from } = await comparedUpTo(run, of)
    const { loop } = replay
    if (!loop || result.firstDivergence)
      throw new Refusal(
        'diverged',
        `the log diverges from its own replay at ${result.firstDivergence?.seq ?? 0}`,
        run,
        'a log that replays',
      )
    const base = from ? `, the last ${loop.lastSeq - from.mark.lastSeq} events replayed` : ''
    remark(`resumed behind ${loop.lastSeq}${base}; ${tornBytes} torn bytes set aside`)
    return { log, loop, from, tornBytes }
  } catch (error) {
    await log.close()
    throw error
  }
}

async function comparedUpTo(
  run: string,
  { store, parts = {}, again = () => ({}), remark }: Reopening,
): Promise<{ result: Replayed; replay: Replay; from: Checkpoint | undefined }> {
  const fast = await replayRun(run, { store, fromCheckpoint: true, remark, parts })
  if (fast.result.identical || !fast.from) return fast
  const { fromSeq } = fast.result
  remark(`what follows checkpoint ${fromSeq} does not fit it: the whole log is replayed`)
  return await replayRun(run, { store, parts: { ...parts, ...again() } })
}
