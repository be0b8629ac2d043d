import { dollars } from './format/money.js'
import { replayRun } from './replay-run.js'
import { FOLDERS, rowsOf, startOf } from './runs.js'
import { evolveStatus, initialStatus, type RunStatus } from '#projections/run-status.js'

/** What a run is and where it stands, as its log gives it; money in 1e-6 dollar. */
export interface RunState {
  readonly status: RunStatus
  readonly facts: {
    readonly runDir: string
    readonly mode: string
    /** open (its process is alive), sealed, crashed. */
    readonly state: string
    readonly lastSeq: number
    /** Age of the last event, ms: of a live run how far its log lies behind now. */
    readonly logAgeMs: number
    /** Whether trading is stopped, and the purses that are. */
    readonly hardStop: boolean
    readonly stopped: readonly string[]
    /** What holds at the venue. */
    readonly conditions: readonly string[]
    /** Orders of which nobody knows, and those that are open. */
    readonly unknown: readonly string[]
    readonly open: number
    /** Fills that are not settled yet. */
    readonly provisionalFills: number
    readonly exposureMicro: number
    /** 0: there is no such limit. */
    readonly exposureMaxMicro: number
    readonly isRecovering: boolean
  }
}

/** Folds a run: counters from its events, the rest from the engine that they give. */
export async function runState(dir: string, nowMs: number): Promise<RunState> {
  const info = await FOLDERS.info(dir)
  const { mode } = (await startOf(dir)).data
  const status = initialStatus()
  for await (const rows of rowsOf(dir)) for (const row of rows) evolveStatus(status, row)
  const { replay } = await replayRun(dir, { untilSeq: status.seq, fromCheckpoint: true })
  const state = replay.loop?.state
  const orders = state ? [...state.oms.orders.values()] : []
  const { global_exposure_max_micro: most = 0 } = state?.config.risk ?? {}
  return {
    status,
    facts: {
      ...{ runDir: dir, mode, state: info.status, lastSeq: status.seq },
      logAgeMs: Math.max(0, nowMs - Math.floor(status.tUs / 1_000)),
      hardStop: state !== undefined && (state.kill.isStopped || state.kill.stopped.size > 0),
      stopped: state ? (state.kill.isStopped ? ['all'] : [...state.kill.stopped]) : [],
      conditions: state ? [...state.venue.conditions] : [],
      unknown: orders.filter(({ result }) => result === 'unknown').map(({ id }) => id),
      open: orders.filter(({ result }) => result === undefined).length,
      provisionalFills: state?.oms.book.settlements.open.size ?? 0,
      exposureMicro: state?.purses.total ?? 0,
      exposureMaxMicro: most,
      isRecovering: state?.recovery.isActive ?? false,
    },
  }
}

/** The facts as a person reads them. */
export function factLines({ facts: of }: RunState): readonly string[] {
  const most = of.exposureMaxMicro === 0 ? 'no limit' : `of ${dollars(of.exposureMaxMicro)}`
  const age = of.state === 'open' ? `, last event ${(of.logAgeMs / 1_000).toFixed(1)} s ago` : ''
  return [
    `run       ${of.runDir}: ${of.mode}, ${of.state === 'open' ? 'alive' : of.state}, ${of.lastSeq} events${age}`,
    `trading   ${of.hardStop ? `stopped (${of.stopped.join(', ')})` : of.isRecovering ? 'waits until orders and positions are compared' : 'on'}`,
    `venue     ${of.conditions.length === 0 ? 'nothing holds against it' : of.conditions.join(', ')}`,
    `orders    ${of.open} open, ${of.unknown.length} unknown${of.unknown.length > 0 ? ` (${of.unknown.join(', ')})` : ''}, ${of.provisionalFills} fills not settled`,
    `exposure  ${dollars(of.exposureMicro)}, ${most}`,
  ]
}
