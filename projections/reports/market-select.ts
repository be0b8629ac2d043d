import { mulDivFloor } from '#schemas/units.js'
import { microCell, msCell, ratioCell, ratioOf } from '../csv.js'
import type { ReportColumn } from './csv-table.js'
import { shapeOf } from './day14.js'
import { compare } from './ledger.js'
import type { MarketScore, MarketScores } from './market-scores.js'

/** What a market is wanted for. */
export type Prefer = 'any' | 'liquid' | 'thin'

/** What a market has to show, as the earlier system froze it; rates in 1e-6. */
export interface Gates {
  readonly snapshots: number
  readonly trades: number
  readonly nanRate: number
  readonly passes: number
  readonly liquidRate: number
  readonly oneSidedRate: number
  readonly thinRate: number
  readonly tradesPerMinute: number
}

/** The frozen gates. */
export const GATES: Gates = {
  ...{ snapshots: 300, trades: 10, nanRate: 200_000, passes: 1 },
  ...{ liquidRate: 500_000, oneSidedRate: 300_000, thinRate: 700_000, tradesPerMinute: 200_000 },
}

/** A market with what its score comes to; rates in 1e-6, rounded down. */
export interface Scored {
  readonly runId: string
  readonly score: MarketScore
  readonly firstUs: number
  readonly lastUs: number
  readonly feedLost: number
  readonly liquidRate: number
  readonly thinRate: number
  readonly passesPerHour: number
  readonly tradesPerMinute: number
  /** What it is picked for; undefined where it is not. */
  readonly pick: 'liquid' | 'thin' | undefined
  /** Why not. */
  readonly reasons: readonly string[]
}

/** Ranks the markets of a log: picks first, by passes an hour, rate of their bucket, trades a minute, volume, id. */
export function ranked(
  scores: MarketScores,
  {
    runId,
    prefer,
    gates = GATES,
  }: { readonly runId: string; readonly prefer: Prefer; readonly gates?: Gates },
): readonly Scored[] {
  const { firstUs = 0, lastUs, feedLost } = scores
  const lengthUs = Math.max(1, lastUs - firstUs)
  const all = [...scores.markets.values()].map(score => {
    const liquidRate = rateOf(score.liquid, score.snapshots)
    const rates = {
      liquidRate,
      thinRate: rateOf(score.snapshots - score.liquid, score.snapshots),
      passesPerHour: mulDivFloor(score.passes, 3_600_000_000_000_000, lengthUs),
      tradesPerMinute: mulDivFloor(score.trades, 60_000_000_000_000, lengthUs),
    }
    return {
      runId,
      score,
      firstUs,
      lastUs,
      feedLost,
      ...rates,
      ...pickOf(score, rates, { gates, prefer }),
    }
  })
  return all.sort(
    (a, b) =>
      Number(b.pick !== undefined) - Number(a.pick !== undefined) ||
      b.passesPerHour - a.passesPerHour ||
      rateFor(b) - rateFor(a) ||
      b.tradesPerMinute - a.tradesPerMinute ||
      b.score.volume - a.score.volume ||
      compare(a.score.facts.key, b.score.facts.key) ||
      a.score.facts.market - b.score.facts.market,
  )
}

const rateOf = (part: number, whole: number): number => (whole === 0 ? 0 : ratioOf(part, whole))

const rateFor = ({ pick, liquidRate, thinRate }: Scored): number =>
  pick === 'liquid' ? liquidRate : thinRate

function pickOf(
  score: MarketScore,
  rates: Pick<Scored, 'liquidRate' | 'thinRate' | 'tradesPerMinute'>,
  { gates, prefer }: { readonly gates: Gates; readonly prefer: Prefer },
): Pick<Scored, 'pick' | 'reasons'> {
  const { snapshots } = score
  const common = [
    ...(snapshots >= gates.snapshots ? [] : ['snapshots_too_few']),
    ...(score.trades >= gates.trades ? [] : ['trades_too_few']),
    ...(rateOf(score.nan, snapshots) <= gates.nanRate ? [] : ['bucket_nan_rate_too_high']),
    ...(score.passes >= gates.passes ? [] : ['passes_too_few']),
  ]
  const isLiquid =
    rates.liquidRate >= gates.liquidRate &&
    rateOf(score.oneSided, snapshots) <= gates.oneSidedRate &&
    prefer !== 'thin'
  const isThin =
    rates.thinRate >= gates.thinRate &&
    rates.tradesPerMinute >= gates.tradesPerMinute &&
    prefer !== 'liquid'
  const reasons = isLiquid || isThin ? common : [...common, 'neither_liquid_nor_thin']
  if (reasons.length > 0) return { pick: undefined, reasons }
  return { pick: isLiquid ? 'liquid' : 'thin', reasons }
}

const rateCell = (part: number, { score }: Scored): string =>
  score.snapshots === 0 ? '' : ratioCell(part, score.snapshots)

const maybe = (value: number | undefined, cell: (value: number) => string): string =>
  value === undefined ? '' : cell(value)

/** `market_scores.csv`: 31 columns. */
export const SCORE_COLUMNS: readonly ReportColumn<Scored>[] = [
  ['run_id', ({ runId }) => runId],
  ['probe_start_ms', ({ firstUs }) => msCell(firstUs)],
  ['probe_end_ms', ({ lastUs }) => msCell(lastUs)],
  ['probe_s', ({ firstUs, lastUs }) => `${Math.floor((lastUs - firstUs) / 1_000_000)}`],
  ['gamma_id', () => ''],
  ['condition_id', ({ score }) => score.facts.key],
  ['legs_n', ({ score }) => `${score.tokens.length}`],
  ['strategy', ({ score }) => (score.tokens.length === 0 ? '' : shapeOf(score.tokens.length))],
  ...[0, 1, 2].map((k): ReportColumn<Scored> => [
    `token${k}_id`,
    ({ score }) => score.tokens[k] ?? '',
  ]),
  ['volume_usdc', ({ score }) => microCell(score.volume)],
  ['liquidity_usdc', ({ score }) => microCell(score.liquidity)],
  ['snapshots_total', ({ score }) => `${score.snapshots}`],
  ['one_sided_book_rate', of => rateCell(of.score.oneSided, of)],
  ['bucket_nan_rate', of => rateCell(of.score.nan, of)],
  ['depth3_degraded_rate', of => rateCell(of.score.degraded, of)],
  ['liquid_rate', of => rateCell(of.score.liquid, of)],
  ['thin_rate', of => rateCell(of.score.snapshots - of.score.liquid, of)],
  ['worst_spread_bps_p50', ({ score }) => maybe(score.spreads.quantile(50), String)],
  ['worst_depth3_usdc_p50', ({ score }) => maybe(score.depths.quantile(50), microCell)],
  ['trades_total', ({ score }) => `${score.trades}`],
  ['trades_per_min', ({ tradesPerMinute }) => microCell(tradesPerMinute)],
  ['trade_poll_hit_limit', ({ feedLost }) => `${feedLost}`],
  ['trades_duplicated', ({ score }) => `${score.duplicates}`],
  ['snapshots_eval_total', ({ score }) => `${score.evaluated}`],
  ['passes_total', ({ score }) => `${score.passes}`],
  ['passes_per_hour', ({ passesPerHour }) => microCell(passesPerHour)],
  ['expected_net_bps_p50', ({ score }) => maybe(score.edges.quantile(50), String)],
  ['expected_net_bps_p90', ({ score }) => maybe(score.edges.quantile(90), String)],
  ['expected_net_bps_max', ({ score }) => maybe(score.edges.quantile(100), String)],
]
