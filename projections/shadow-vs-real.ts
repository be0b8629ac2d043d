import type { EventOf } from '#schemas/registry.js'
import { codeOf, codesCell, microCell, msCell } from './csv.js'
import { account, exitOf, RAZOR_FLAT, type ShadowProfile } from './shadow.js'
import { accountOf, boughtOf, notesOf, ShadowDesk, type Shadow } from './shadow-desk.js'
import { finished, tableOf, type FileView, type RowView } from './view.js'

type Settled = EventOf<'LegsSettled'>['data']

interface Pair {
  readonly shadow: Shadow
  end: string
  reasons: readonly string[]
  settled: Settled | undefined
  isDone: boolean
}

interface State {
  readonly desk: ShadowDesk
  readonly rows: Pair[]
  /** Signals that have not ended. */
  readonly open: Map<string, Pair>
}

/** The two sides of a signal, in 1e-6 dollar. */
export interface Compared {
  readonly shadowTotal: number
  /** What orders really bought and matched, in the accounts of the shadow: at the prices of the signal. */
  readonly realAtShadowPrices: number
  /** What it really earned: cash, fees, a dollar a set; what is left unmatched as the shadow would sell it. */
  readonly real: number
}

/** What a signal would have earned beside what order management made of it. */
export const shadowVsReal = (profile: ShadowProfile): RowView<State, Pair> => ({
  name: 'shadow_vs_real',
  version: 1,
  initialState: () => ({ desk: new ShadowDesk(profile), rows: [], open: new Map() }),
  evolve: (state, row, world) => {
    const shadow = state.desk.take(row, world)
    if (shadow) {
      const pair = { shadow, end: '', reasons: [], settled: undefined, isDone: false }
      state.rows.push(pair)
      state.open.set(shadow.signal, pair)
      return
    }
    const { event } = row
    switch (event.type) {
      case 'IntentRefused':
        end(state, event.data.signal, { end: 'refused', reasons: event.data.reasons })
        return
      case 'SignalDropped':
        end(state, event.data.signal, { end: 'dropped', reasons: [event.data.reason] })
        return
      case 'DedupSignal':
        end(state, event.data.signal, { end: 'repeat', reasons: [] })
        return
      case 'LegsSettled':
        end(state, event.data.signal, { end: event.data.result, reasons: [], settled: event.data })
        return
      default:
    }
  },
  drain: ({ rows }) => {
    for (const pair of rows) pair.isDone = pair.end !== '' && pair.shadow.isDone
    return finished(rows)
  },
  rest: ({ rows }) => rows,
})

/** `shadow_vs_real.csv`. */
export const shadowVsRealFile = (profile: ShadowProfile = RAZOR_FLAT): FileView => {
  const money = (of: (row: Compared) => number) => (pair: Pair) =>
    microCell(of(compare(pair, profile)))
  return tableOf(shadowVsReal(profile), [
    ['run_id', (_, runId) => runId, 'text'],
    ['signal_id', ({ shadow }) => shadow.signal, 'text'],
    ['ts_ms', ({ shadow }) => msCell(shadow.tUs), 'integer'],
    ['market_id', ({ shadow }) => shadow.market, 'text'],
    ['strategy', ({ shadow }) => shadow.strategy, 'text'],
    ['bucket', ({ shadow }) => shadow.bucket, 'text'],
    ['expected_net_bps', ({ shadow }) => String(shadow.edge), 'integer'],
    ['end', ({ end: how }) => how || 'open', 'text'],
    ['reason_codes', ({ reasons }) => codesCell(reasons.map(codeOf)), 'text'],
    ['shadow_q_set', ({ shadow }) => microCell(accountOf(shadow, profile).set), 'micro'],
    ['real_q_set', ({ settled }) => microCell(settled?.matched ?? 0), 'micro'],
    [
      'shadow_q_fill_avg',
      ({ shadow }) => microCell(accountOf(shadow, profile).fillAverage),
      'micro',
    ],
    ['real_q_fill_avg', pair => microCell(realAccount(pair, profile).fillAverage), 'micro'],
    ['shadow_pnl', money(({ shadowTotal }) => shadowTotal), 'micro'],
    ['real_pnl_at_shadow_prices', money(({ realAtShadowPrices }) => realAtShadowPrices), 'micro'],
    ['real_pnl', money(({ real }) => real), 'micro'],
    [
      'quantity_effect',
      money(({ shadowTotal, realAtShadowPrices: at }) => at - shadowTotal),
      'micro',
    ],
    ['price_effect', money(({ real, realAtShadowPrices }) => real - realAtShadowPrices), 'micro'],
    ['shadow_notes', ({ shadow }) => codesCell(notesOf(shadow)), 'text'],
  ])
}

function end(
  { open }: State,
  signal: string,
  how: { end: string; reasons: readonly string[]; settled?: Settled },
): void {
  const pair = open.get(signal)
  if (!pair) return
  pair.end = how.end
  pair.reasons = how.reasons
  pair.settled = how.settled
  open.delete(signal)
}

/** Both sides in money. Their difference is what other quantities and what other prices did. */
export function compare(pair: Pair, profile: ShadowProfile): Compared {
  const { shadow, settled } = pair
  return {
    shadowTotal: accountOf(shadow, profile).total,
    realAtShadowPrices: realAccount(pair, profile).total,
    real: settled ? realOf(shadow, settled, profile) : 0,
  }
}

function realAccount({ shadow, settled }: Pair, profile: ShadowProfile) {
  const bought = boughtOf(
    shadow,
    (settled?.legs ?? []).map(leg => leg.bought),
  )
  return account(bought, settled?.matched ?? 0, profile)
}

function realOf(shadow: Shadow, { legs, matched }: Settled, profile: ShadowProfile): number {
  let sum: number = matched // a complete set pays a dollar, and 1e-6 share of it 1e-6 dollar
  for (const [k, { bought, sold, cash, fee }] of legs.entries())
    sum += cash - fee + exitOf(shadow.legs[k]?.bid ?? 0, bought - sold - matched, profile)
  return sum
}
