import type { Recorded } from '#schemas/recorded.js'
import { isInput } from '#schemas/registry.js'
import { linesOf, taken, type RowView } from './view.js'
import type { World } from './world.js'

/** Event time between two rows. */
const EVERY_US = 10_000_000

/** What is counted since the run began. */
const counted = () => ({
  inputs: 0,
  decisions: 0,
  frames: 0,
  snapshots: 0,
  trades: 0,
  signals: 0,
  approved: 0,
  refused: 0,
  dropped: 0,
  repeats: 0,
  orders: 0,
  closed: 0,
  fills: 0,
  rejects: 0,
  unknown: 0,
  feed_lost: 0,
  book_disagreed: 0,
  hash_differs: 0,
  recovered: 0,
})
type Counts = ReturnType<typeof counted>

/** Counters and ages of a run. Owned by the fold. */
export interface HealthState {
  readonly lines: string[]
  readonly counts: Counts
  readonly distrusted: Set<number>
  readonly updatedUs: Map<number, number>
  isStopped: boolean
  isFeedLost: boolean
  lastSignalUs: number | undefined
  lastTradeUs: number | undefined
  lastFrameUs: number | undefined
  dueUs: number | undefined
  seq: number
  /** Sequence of the last row written. */
  written: number
  tUs: number
}

/**
 * Counters and ages every 10 s of event time: with the first event at or after the moment it is due, that one included, and
 * once more at the end.
 */
export const health: RowView<HealthState, string> = {
  name: 'health',
  version: 1,
  initialState: () => ({
    lines: [],
    counts: counted(),
    distrusted: new Set(),
    updatedUs: new Map(),
    isStopped: false,
    isFeedLost: false,
    lastSignalUs: undefined,
    lastTradeUs: undefined,
    lastFrameUs: undefined,
    dueUs: undefined,
    seq: 0,
    written: 0,
    tUs: 0,
  }),
  evolve: (state, row, world) => {
    countHealth(state, row, world)
    state.seq = row.seq
    state.tUs = row.tUs
    state.dueUs ??= row.tUs + EVERY_US
    if (row.tUs < state.dueUs) return
    state.lines.push(lineOf(state))
    state.written = row.seq
    state.dueUs = row.tUs + EVERY_US
  },
  drain: ({ lines }) => taken(lines),
  rest: state => (state.written === state.seq ? [] : [lineOf(state)]),
}

/** Keys of a line, in their order. */
export const HEALTH_COLUMNS: readonly string[] = Object.keys(healthFacts(health.initialState()))

/** `health.jsonl`. */
export const healthFile = linesOf('health.jsonl', health)

/** Counts one row; `touched` are the tokens whose books it restated. */
export function countHealth(
  state: HealthState,
  { tUs, event }: Pick<Recorded, 'tUs' | 'event'>,
  { touched }: Pick<World, 'touched'>,
): void {
  const { counts } = state
  if (isInput(event.type)) counts.inputs++
  else counts.decisions++
  for (const token of touched) state.updatedUs.set(token, tUs)
  switch (event.type) {
    case 'BookChanged':
      counts.frames++
      state.lastFrameUs = tUs
      return
    case 'BookSnapshot':
      counts.snapshots++
      state.lastFrameUs = tUs
      return
    case 'TradePrinted':
      counts.trades++
      state.lastTradeUs = tUs
      return
    case 'SignalRaised':
      counts.signals++
      state.lastSignalUs = tUs
      return
    case 'HardStopTripped':
      state.isStopped = true
      return
    case 'HardStopCleared':
      state.isStopped = false
      return
    case 'FeedLost':
      counts.feed_lost++
      state.isFeedLost = true
      return
    case 'FeedResumed':
      state.isFeedLost = false
      return
    case 'BookDistrusted':
      state.distrusted.add(event.data.token)
      return
    case 'BookTrusted':
      state.distrusted.delete(event.data.token)
      return
    case 'OrderClosed':
      counts.closed++
      if (event.data.result === 'rejected') counts.rejects++
      if (event.data.result === 'unknown') counts.unknown++
      return
    default: {
      const name = COUNTER_OF[event.type]
      if (name) counts[name]++
    }
  }
}

const COUNTER_OF: Readonly<Partial<Record<Recorded['event']['type'], keyof Counts>>> = {
  IntentApproved: 'approved',
  IntentRefused: 'refused',
  SignalDropped: 'dropped',
  DedupSignal: 'repeats',
  OrderPlaced: 'orders',
  OrderFilled: 'fills',
  BookDisagreed: 'book_disagreed',
  BookHashDiffers: 'hash_differs',
  RunRecovered: 'recovered',
}

const lineOf = (state: HealthState): string => JSON.stringify(healthFacts(state))

/** The counters and ages as a line of `health.jsonl` has them. */
export function healthFacts(state: HealthState) {
  const { tUs, counts, seq, distrusted, isFeedLost, isStopped } = state
  const age = (since: number | undefined): number | null =>
    since === undefined ? null : Math.floor((tUs - since) / 1_000)
  const updates = [...state.updatedUs.values()]
  return {
    ts_ms: Math.floor(tUs / 1_000),
    seq,
    ...counts,
    orders_open: counts.orders - counts.closed,
    books: updates.length,
    books_distrusted: distrusted.size,
    book_age_max_ms: age(updates.reduce<number | undefined>(older, undefined)),
    frame_age_ms: age(state.lastFrameUs),
    trade_age_ms: age(state.lastTradeUs),
    signal_age_ms: age(state.lastSignalUs),
    feed_lost_now: isFeedLost,
    hard_stop: isStopped,
  }
}

function older(oldest: number | undefined, tUs: number): number {
  return oldest === undefined || tUs < oldest ? tUs : oldest
}
