import { bidCell, codesCell, microCell, msCell, priceCell, ratioCell } from './csv.js'
import { WINDOW } from './print-window.js'
import { RAZOR_FLAT, type Account, type ShadowProfile } from './shadow.js'
import {
  accountOf,
  fillsOf,
  notesOf,
  ShadowDesk,
  type Shadow,
  type ShadowLeg,
} from './shadow-desk.js'
import { finished, tableOf, type Column, type FileView, type RowView } from './view.js'

/** Of the columns, not of the accounts: the header that earlier tools know. */
export const LEDGER_SCHEMA = '1.3.2a'
/** Legs that a row of `shadow_log.csv` has room for. */
const LEGS_SHOWN = 3

interface State {
  readonly desk: ShadowDesk
  readonly rows: Shadow[]
}

/** A signal in its window, with what it would have earned. */
export interface ShadowRow {
  readonly shadow: Shadow
  readonly fills: readonly number[]
  readonly account: Account
  /** Indices of the legs that are shown: the three thinnest, in the order of the signal. */
  readonly shown: readonly number[]
}

/** What the signals would have earned, had they taken their share of what was traded in the second after them. */
export const shadowLog = (profile: ShadowProfile): RowView<State, ShadowRow> => ({
  name: 'shadow_log',
  version: 1,
  initialState: () => ({ desk: new ShadowDesk(profile), rows: [] }),
  evolve: ({ desk, rows }, row, world) => {
    const shadow = desk.take(row, world)
    if (shadow) rows.push(shadow)
  },
  drain: ({ rows }) => finished(rows).map(shadow => rowOf(shadow, profile)),
  rest: ({ rows }) => rows.map(shadow => rowOf(shadow, profile)),
})

/** `shadow_log.csv`: 38 columns, three legs, totals over all legs. */
export const shadowLogFile = (profile: ShadowProfile = RAZOR_FLAT): FileView =>
  tableOf(shadowLog(profile), [
    ['run_id', (_, runId) => runId, 'text'],
    ['schema_version', () => LEDGER_SCHEMA, 'text'],
    ['signal_id', ({ shadow }) => shadow.signal, 'text'],
    ['signal_ts_unix_ms', ({ shadow }) => msCell(shadow.tUs), 'integer'],
    ['window_start_ms', ({ shadow }) => msCell(shadow.tUs + WINDOW.fromUs), 'integer'],
    ['window_end_ms', ({ shadow }) => msCell(shadow.tUs + WINDOW.toUs), 'integer'],
    ['market_id', ({ shadow }) => shadow.market, 'text'],
    ['strategy', ({ shadow }) => shadow.strategy, 'text'],
    ['bucket', ({ shadow }) => shadow.bucket, 'text'],
    ['worst_leg_token_id', ({ shadow }) => shadow.worst, 'text'],
    ['q_req', ({ shadow }) => microCell(shadow.size), 'micro'],
    ['legs_n', ({ shadow }) => String(shadow.legs.length), 'integer'],
    ['q_set', ({ account }) => microCell(account.set), 'micro'],
    ...[0, 1, 2].flatMap(legColumns),
    ['cost_set', ({ account }) => microCell(account.costSet), 'micro'],
    ['proceeds_set', ({ account }) => microCell(account.proceedsSet), 'micro'],
    ['pnl_set', ({ account }) => microCell(account.pnlSet), 'micro'],
    ['pnl_left_total', ({ account }) => microCell(account.pnlLeft), 'micro'],
    ['total_pnl', ({ account }) => microCell(account.total), 'micro'],
    ['q_fill_avg', ({ account }) => microCell(account.fillAverage), 'micro'],
    ['set_ratio', ({ account }) => microCell(account.setRatio), 'micro'],
    ['fill_share_p25_used', ({ shadow }) => ratioCell(shadow.shareBps, 10_000), 'micro'],
    ['dump_slippage_assumed', () => ratioCell(profile.dumpBps, 10_000), 'micro'],
    ['notes', ({ shadow }) => codesCell(notesOf(shadow)), 'text'],
  ])

interface LegRow {
  readonly row: ShadowRow
  readonly leg: ShadowLeg
  readonly index: number
}

const legRows = (rows: readonly ShadowRow[]): LegRow[] =>
  rows.flatMap(row => row.shadow.legs.map((leg, index) => ({ row, leg, index })))

/** Every leg of every shadow. */
export const shadowLegs = (profile: ShadowProfile): RowView<State, LegRow> => {
  const log = shadowLog(profile)
  return {
    ...log,
    name: 'shadow_legs',
    drain: state => legRows(log.drain(state)),
    rest: (state, world) => legRows(log.rest(state, world)),
  }
}

/** `shadow_legs.csv`. */
export const shadowLegsFile = (profile: ShadowProfile = RAZOR_FLAT): FileView =>
  tableOf(shadowLegs(profile), [
    ['run_id', (_, runId) => runId, 'text'],
    ['signal_id', ({ row }) => row.shadow.signal, 'text'],
    ['signal_ts_unix_ms', ({ row }) => msCell(row.shadow.tUs), 'integer'],
    ['leg_index', ({ index }) => String(index), 'integer'],
    ['token_id', ({ leg }) => leg.key, 'text'],
    ['q_req', ({ leg }) => microCell(leg.size), 'micro'],
    ['p_limit', ({ leg }) => priceCell(leg.limit), 'price'],
    ['best_bid', ({ leg }) => bidCell(leg.bid), 'price'],
    ['depth3_usdc', ({ leg }) => microCell(leg.depth), 'micro'],
    ['v_mkt', ({ leg }) => microCell(leg.volume), 'micro'],
    ['q_fill', ({ row, index }) => microCell(row.fills[index] ?? 0), 'micro'],
    ['q_left', ({ row, index }) => microCell(row.account.left[index]?.size ?? 0), 'micro'],
    ['pnl_left', ({ row, index }) => microCell(row.account.left[index]?.pnl ?? 0), 'micro'],
  ])

function rowOf(shadow: Shadow, profile: ShadowProfile): ShadowRow {
  const thinnest = shadow.legs
    .map(({ depth }, k) => ({ depth, k }))
    .sort((a, b) => a.depth - b.depth || a.k - b.k)
    .slice(0, LEGS_SHOWN)
  return {
    shadow,
    fills: fillsOf(shadow),
    account: accountOf(shadow, profile),
    shown: thinnest.map(({ k }) => k).sort((a, b) => a - b),
  }
}

function legColumns(place: number): readonly Column<ShadowRow>[] {
  const cell =
    (of: (leg: ShadowLeg, row: ShadowRow, index: number) => string) =>
    (row: ShadowRow): string => {
      const index = row.shown[place] ?? -1
      const leg = row.shadow.legs[index]
      return leg ? of(leg, row, index) : ''
    }
  return [
    [`leg${place}_token_id`, cell(({ key }) => key), 'text'],
    [`leg${place}_p_limit`, cell(({ limit }) => priceCell(limit)), 'price'],
    [`leg${place}_best_bid`, cell(({ bid }) => bidCell(bid)), 'price'],
    [`leg${place}_v_mkt`, cell(({ volume }) => microCell(volume)), 'micro'],
    [`leg${place}_q_fill`, cell((_, { fills }, index) => microCell(fills[index] ?? 0)), 'micro'],
  ]
}
