import { tableOf, type RowView } from '../view.js'
import { isoOf } from '../iso.js'
import type { World } from '../world.js'
import { jsonCell, PLACED, RUN_ID, type Place } from './columns.js'
import { codeOfStrategy } from './strategy-codes.js'

/** A row counts an hour of event time, µs. */
const HOUR_US = 3_600_000_000
/** Reasons that a row names. */
const REASONS_MAX = 5

interface Diag {
  readonly hourUs: number
  readonly strategy: string
  evaluated: number
  processed: number
  approved: number
  executed: number
  rejected: number
  expired: number
  readonly reasons: Map<string, number>
}

interface State {
  readonly diags: Map<string, Diag>
  /** Row of each signal in work: it counts for the hour in which it was raised. */
  readonly inWork: Map<string, Diag>
  /** Those whose orders have been counted. */
  readonly sent: Set<string>
}

const arbScanDiag: RowView<State, Diag & Place> = {
  name: 'arb_scan_diag',
  version: 1,
  initialState: () => ({ diags: new Map(), inWork: new Map(), sent: new Set() }),
  evolve: (state, { event, tUs }) => {
    if (event.type === 'SignalRaised') {
      const diag = diagOf(state, codeOfStrategy(event.data.strategy), tUs)
      diag.evaluated++
      state.inWork.set(event.data.signal, diag)
      return
    }
    if (!('signal' in event.data)) return
    const { signal } = event.data
    const diag = state.inWork.get(signal)
    if (!diag) return
    switch (event.type) {
      case 'IntentApproved':
        diag.processed++
        diag.approved++
        return
      case 'IntentRefused':
        diag.processed++
        end(state, signal, event.data.reasons)
        return
      case 'DedupSignal':
        end(state, signal, ['repeat'])
        return
      case 'SignalDropped':
        if (event.data.reason !== 'expired') {
          end(state, signal, [event.data.reason])
          return
        }
        diag.expired++
        forget(state, signal)
        return
      case 'OrderPlaced':
        if (!state.sent.has(signal)) diag.executed++
        state.sent.add(signal)
        return
      case 'LegsSettled':
        forget(state, signal)
        return
      default:
    }
  },
  drain: () => [],
  rest: ({ diags }, { mode, source }: World) =>
    [...diags.values()].sort(byHour).map(diag => ({ ...diag, mode, source })),
  isWhole: true,
}

/** `arb_scan_diag.csv`: what became of the signals of each hour, by strategy. */
export const arbScanDiagFile = tableOf(arbScanDiag, [
  RUN_ID,
  ...PLACED,
  ['evaluated', ({ evaluated }) => `${evaluated}`, 'integer'],
  ['processed', ({ processed }) => `${processed}`, 'integer'],
  ['approved', ({ approved }) => `${approved}`, 'integer'],
  ['executed', ({ executed }) => `${executed}`, 'integer'],
  ['rejected', ({ rejected }) => `${rejected}`, 'integer'],
  ['expired', ({ expired }) => `${expired}`, 'integer'],
  ['blocked_reason_topn', ({ reasons }) => jsonCell(topOf(reasons)), 'text'],
  ['created_at', ({ hourUs }) => isoOf(hourUs), 'text'],
])

function diagOf({ diags }: State, strategy: string, tUs: number): Diag {
  const hourUs = tUs - (tUs % HOUR_US)
  const key = `${hourUs} ${strategy}`
  const known = diags.get(key)
  if (known) return known
  const counts = { evaluated: 0, processed: 0, approved: 0, executed: 0, rejected: 0, expired: 0 }
  const made = { hourUs, strategy, ...counts, reasons: new Map<string, number>() }
  diags.set(key, made)
  return made
}

function end(state: State, signal: string, reasons: readonly string[]): void {
  const diag = state.inWork.get(signal)
  if (!diag) return
  diag.rejected++
  for (const reason of reasons) diag.reasons.set(reason, (diag.reasons.get(reason) ?? 0) + 1)
  forget(state, signal)
}

function forget({ inWork, sent }: State, signal: string): void {
  inWork.delete(signal)
  sent.delete(signal)
}

const byHour = (a: Diag, b: Diag): number =>
  a.hourUs - b.hourUs || (a.strategy < b.strategy ? -1 : a.strategy > b.strategy ? 1 : 0)

/** The most frequent first; of equals the one that comes first in the alphabet. */
function topOf(reasons: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const sorted = [...reasons].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  return Object.fromEntries(sorted.slice(0, REASONS_MAX))
}
