import type { Refusal } from '#schemas/reasons.js'
import type { Recorded } from '#schemas/recorded.js'
import { sideCell } from '../csv.js'
import { tableOf, taken, type RowView } from '../view.js'
import type { World } from '../world.js'
import { CREATED, jsonCell, PLACED, RUN_ID, type Place } from './columns.js'
import { codeOfStrategy } from './strategy-codes.js'

/** How much it stops: nothing, one signal, or all that comes after it. */
export type Severity = 'info' | 'warn' | 'hard_stop'

/** One thing that risk said. */
export interface RiskEvent {
  readonly type: string
  readonly severity: Severity
  readonly reason: string
  /** Name of the strategy; empty where it is about all. */
  readonly strategy: string
  readonly payload: Readonly<Record<string, unknown>>
}

interface RiskRow extends RiskEvent, Place {
  readonly id: string
  readonly tUs: number
}

/** Reasons that hold for more than the signal that met them. */
const STOPPING: ReadonlySet<Refusal> = new Set([
  'hard-stop',
  'paused',
  'daily-loss',
  'consecutive-failures',
  'strategy-health',
])

/** What an event says about risk: of a refusal one for each reason that held, the primary one first. */
export function riskEventsOf({ event }: Recorded, world: World): readonly RiskEvent[] {
  switch (event.type) {
    case 'IntentRefused': {
      const { signal, reasons } = event.data
      const strategy = world.owners.ofSignal(signal)?.strategy ?? ''
      return reasons.map((reason, place) => {
        const severity = STOPPING.has(reason) ? 'hard_stop' : 'warn'
        const payload = { signal_id: signal, place, of: reasons.length }
        return { type: 'intent_refused', severity, reason, strategy, payload }
      })
    }
    case 'SignalDropped': {
      const { signal, reason } = event.data
      const strategy = world.owners.ofSignal(signal)?.strategy ?? ''
      const severity = reason === 'hard-stop' ? 'hard_stop' : 'info'
      return [
        { type: 'signal_dropped', severity, reason, strategy, payload: { signal_id: signal } },
      ]
    }
    case 'QuoteRefused': {
      const { instance, reasons, token, side } = event.data
      const payload = { instance, token_id: world.tokenKey(token), side: sideCell(side) }
      return reasons.map(reason => {
        const severity = STOPPING.has(reason) ? 'hard_stop' : 'warn'
        return { type: 'quote_refused', severity, reason, strategy: '', payload }
      })
    }
    case 'GateClosed': {
      const { gate: reason, strategy, until, ...payload } = event.data
      const more = { ...payload, until_us: until }
      return [{ type: 'gate_closed', severity: 'hard_stop', reason, strategy, payload: more }]
    }
    case 'GateOpened': {
      const { gate: reason, strategy, ...payload } = event.data
      return [{ type: 'gate_opened', severity: 'info', reason, strategy, payload }]
    }
    case 'HardStopTripped': {
      const { why: reason, ...payload } = event.data
      return [{ type: 'hard_stop_tripped', severity: 'hard_stop', reason, strategy: '', payload }]
    }
    case 'HardStopCleared':
      return [general('hard_stop_cleared', 'info', 'operator', event.data)]
    case 'VenueConditionReported': {
      const { condition, active, detail } = event.data
      const severity = active ? 'hard_stop' : 'info'
      return [general('venue_condition', severity, condition, { active, detail })]
    }
    case 'HoldingsDiffered':
      return [general('holdings_differed', 'hard_stop', 'state-mismatch', event.data)]
    case 'FillRefused':
      return [general('fill_refused', 'hard_stop', event.data.reason, event.data)]
    default:
      return []
  }
}

function general(
  type: string,
  severity: Severity,
  reason: string,
  payload: RiskEvent['payload'],
): RiskEvent {
  return { type, severity, reason, strategy: '', payload }
}

const arbRiskEvent: RowView<RiskRow[], RiskRow> = {
  name: 'arb_risk_event',
  version: 1,
  initialState: () => [],
  evolve: (rows, row, world) => {
    const { mode, source } = world
    for (const [k, of] of riskEventsOf(row, world).entries()) {
      const strategy = codeOfStrategy(of.strategy)
      rows.push({ ...of, strategy, mode, source, id: `${row.seq}-${k}`, tUs: row.tUs })
    }
  },
  drain: rows => taken(rows),
  rest: () => [],
}

/** `arb_risk_event.csv`: why signals were not traded, and what opened and closed the way for all. */
export const arbRiskEventFile = tableOf(arbRiskEvent, [
  RUN_ID,
  ['risk_event_id', ({ id }) => id, 'text'],
  ...PLACED,
  ['event_type', ({ type }) => type, 'text'],
  ['severity', ({ severity }) => severity, 'text'],
  ['reason', ({ reason }) => reason, 'text'],
  ['payload', ({ payload }) => jsonCell(payload), 'text'],
  CREATED,
])
