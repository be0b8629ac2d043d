import { microCell, ratioCell } from '../csv.js'
import { RAZOR_FLAT, type ShadowProfile } from '../shadow.js'
import type { ReportColumn } from './csv-table.js'
import { inOrder, scoresOf, type RunLedger, type Scores } from './ledger.js'
import { tallyOf, type Tally } from './tally.js'

/** Values that are taken in turn, in bps. */
export interface ShareGrid {
  readonly liquid: readonly number[]
  readonly thin: readonly number[]
  readonly dump: readonly number[]
}

/** The grid of the earlier system. */
export const SHARE_GRID: ShareGrid = {
  liquid: [2_000, 3_000, 4_000],
  thin: [500, 1_000, 1_500],
  dump: [300, 500, 1_000],
}

/** One point of the grid, and what the ledger comes to there. */
export interface SweepPoint {
  readonly runId: string
  readonly profile: ShadowProfile
  /** Threshold of a row's ratio, 1e-6. */
  readonly ratio: number
  readonly scores: Scores
  readonly tally: Tally
}

/** All points: liquid changes slowest, slippage fastest. */
export function profilesOf({ liquid, thin, dump }: ShareGrid): readonly ShadowProfile[] {
  return liquid.flatMap(liquid =>
    thin.flatMap(thin =>
      dump.map(dumpBps => ({ ...RAZOR_FLAT, dumpBps, shareBps: { liquid, thin } })),
    ),
  )
}

/** What the ledgers come to at every point of the grid. */
export function sweepShadows(
  runs: readonly RunLedger[],
  { grid = SHARE_GRID, ratio }: { readonly grid?: ShareGrid; readonly ratio: number },
): readonly SweepPoint[] {
  const runId = [...new Set(inOrder(runs).map(run => run.runId))].join('+')
  return profilesOf(grid).map(profile => {
    const scores = scoresOf(runs, profile)
    return { runId, profile, ratio, scores, tally: tallyOf(scores.ok, ratio) }
  })
}

/** What points are ranked by. */
export type Ranked = Pick<Tally, 'pnl' | 'ratioAverage' | 'legging' | 'worst'>

/** The best: most profit, then the higher mean ratio, then less legging, then the better worst rows, then the first of the grid. */
export function bestOf<P extends { readonly tally: Ranked }>(points: readonly P[]): P | undefined {
  const isBetter = (a: Ranked, b: Ranked): boolean => {
    if (a.pnl !== b.pnl) return a.pnl > b.pnl
    if (a.ratioAverage !== b.ratioAverage) return a.ratioAverage > b.ratioAverage
    return a.legging === b.legging ? a.worst > b.worst : a.legging < b.legging
  }
  return points.reduce<P | undefined>(
    (best, point) => (best === undefined || isBetter(point.tally, best.tally) ? point : best),
    undefined,
  )
}

/** `shadow_sweep.csv`: 13 columns. */
export const SWEEP_COLUMNS: readonly ReportColumn<SweepPoint>[] = [
  ['run_id', ({ runId }) => runId],
  ['rows_total', ({ scores }) => `${scores.total}`],
  ['rows_ok', ({ scores }) => `${scores.ok.length}`],
  ['rows_bad', ({ scores }) => `${scores.total - scores.ok.length}`],
  ['fill_share_liquid', ({ profile }) => ratioCell(profile.shareBps.liquid, 10_000)],
  ['fill_share_thin', ({ profile }) => ratioCell(profile.shareBps.thin, 10_000)],
  ['dump_slippage_assumed', ({ profile }) => ratioCell(profile.dumpBps, 10_000)],
  ['set_ratio_threshold', ({ ratio }) => microCell(ratio)],
  ['total_pnl_sum', ({ tally }) => microCell(tally.pnl)],
  ['total_pnl_avg', ({ tally }) => microCell(tally.pnlAverage)],
  ['set_ratio_avg', ({ tally }) => microCell(tally.ratioAverage)],
  ['legging_rate', ({ tally }) => microCell(tally.legging)],
  ['worst_20_pnl_sum', ({ tally }) => microCell(tally.worst)],
]
