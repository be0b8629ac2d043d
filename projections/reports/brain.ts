import type { Recorded } from '#schemas/recorded.js'
import { microCell } from '../csv.js'
import { RAZOR_FLAT } from '../shadow.js'
import { ShadowDesk, type Shadow } from '../shadow-desk.js'
import type { World } from '../world.js'
import type { ReportColumn } from './csv-table.js'
import type { Entry } from './ledger.js'
import { quantileOf, type Tally } from './tally.js'

/** The keys of the earlier system's brain, in their own units. */
export interface Brain {
  /** Least net edge, bps of a dollar. */
  readonly minEdge: number
  /** Taken off the edge for risk, bps of a dollar. */
  readonly premium: number
  /** The same offer again within this many ms is the same signal. */
  readonly cooldownMs: number
  /** Taken off the edge for fees that the market does not charge, bps of a dollar. */
  readonly flatFee: number
}

/** The grid of the earlier system. */
export const BRAIN_GRID = {
  minEdge: [10, 20, 30, 40],
  premium: [60, 80, 100],
  cooldownMs: [500, 1_000, 2_000],
} as const

/** The least edge that the rules of today need for the same: they charge what the market charges, and know no premium. */
export const leastEdgeOf = ({ minEdge, premium, flatFee }: Brain): number =>
  minEdge + premium + flatFee

/** A signal of a pass. */
export interface Raised {
  /** Its `SignalRaised`. */
  readonly row: Recorded
  /** What the first three asks of each leg held, 1e-6 dollar. */
  readonly depths: ReadonlyMap<number, number>
  /** Whether it repeats one within the cooldown. */
  readonly isRepeat: boolean
}

/**
 * The ledger of a pass: signals of its own over the prints of the log, both in order of time. Repeats are left out, as the earlier
 * brain never said them. What a rule proposes is a complete set.
 */
export function ledgerOfPass(
  raised: readonly Raised[],
  prints: readonly Recorded[],
  facts: World,
): readonly Entry[] {
  const desk = new ShadowDesk(RAZOR_FLAT)
  const entries: Entry[] = []
  let depths: ReadonlyMap<number, number> = new Map()
  const world = {
    markets: facts.markets,
    depthOf: (token: number): number => depths.get(token) ?? 0,
    marketKey: (market: number | undefined): string => facts.marketKey(market),
    tokenKey: (token: number | undefined): string => facts.tokenKey(token),
    sidesOf: facts.sidesOf.bind(facts),
  }
  const add = (shadow: Shadow | undefined): void => {
    if (shadow) entries.push({ shadow, isSet: true })
  }
  let next = 0
  for (const signal of raised) {
    if (signal.isRepeat) continue
    // A window opens later than its signal, so that the order within one moment says nothing.
    for (; next < prints.length && prints[next]!.tUs <= signal.row.tUs; next++)
      add(desk.take(prints[next]!, world))
    depths = signal.depths
    add(desk.take(signal.row, world))
  }
  for (; next < prints.length; next++) desk.take(prints[next]!, world)
  return entries
}

/** One combination, and what came of it. */
export interface BrainPoint {
  readonly runId: string
  readonly brain: Brain
  readonly signals: number
  readonly repeats: number
  /** Rows that do not count. */
  readonly bad: number
  /** Expected net edge of the signals, bps of payout. */
  readonly edges: readonly number[]
  readonly tally: Tally
}

/** `brain_sweep.csv`: 16 columns. */
export const BRAIN_COLUMNS: readonly ReportColumn<BrainPoint>[] = [
  ['run_id', ({ runId }) => runId],
  ['min_net_edge_bps', ({ brain }) => `${brain.minEdge}`],
  ['risk_premium_bps', ({ brain }) => `${brain.premium}`],
  ['cooldown_ms', ({ brain }) => `${brain.cooldownMs}`],
  ['flat_fee_bps', ({ brain }) => `${brain.flatFee}`],
  ['least_edge_bps', ({ brain }) => `${leastEdgeOf(brain)}`],
  ['signals', ({ signals }) => `${signals}`],
  ['repeats', ({ repeats }) => `${repeats}`],
  ['rows_ok', ({ tally }) => `${tally.rows}`],
  ['rows_bad', ({ bad }) => `${bad}`],
  ['expected_net_bps_p50', ({ edges }) => (edges.length === 0 ? '' : `${quantileOf(edges, 50)}`)],
  ['total_pnl_sum', ({ tally }) => microCell(tally.pnl)],
  ['total_pnl_avg', ({ tally }) => microCell(tally.pnlAverage)],
  ['set_ratio_avg', ({ tally }) => microCell(tally.ratioAverage)],
  ['legging_rate', ({ tally }) => microCell(tally.legging)],
  ['worst_20_pnl_sum', ({ tally }) => microCell(tally.worst)],
]
