import { codesCell } from '../csv.js'
import { RAZOR_FLAT, type ShadowProfile } from '../shadow.js'
import { compare, inOrder, scoresOf, type RunLedger, type Scored, type Scores } from './ledger.js'
import { quantileOf, tallyOf, WORST, worstOf, type Tally } from './tally.js'

/** What the verdict asks for. Frozen by the earlier system Razor; the defaults are its own. */
export interface Thresholds {
  /** The sum of all results must be above this, 1e-6 dollar. */
  readonly minPnl: number
  /** A row below this ratio failed, 1e-6. Frozen as `min_avg_set_ratio`, though it never was an average. */
  readonly minRatio: number
  /** Most of the rows that may fail, 1e-6. */
  readonly maxLegging: number
}

/** The frozen thresholds. */
export const FROZEN: Thresholds = { minPnl: 0, minRatio: 850_000, maxLegging: 150_000 }

/** Rows that have something in common. */
export interface Part {
  readonly key: readonly string[]
  readonly tally: Tally
}

/** The report of the fourteenth day: may real money be tried? */
export interface Day14 {
  readonly runs: readonly RunLedger[]
  readonly runId: string
  readonly profile: ShadowProfile
  readonly thresholds: Thresholds
  readonly scores: Scores
  readonly overall: Tally
  /** In 1e-6. */
  readonly ratios: { readonly p50: number; readonly p25: number; readonly p10: number }
  readonly isGo: boolean
  /** Why not; empty for a GO. */
  readonly reasons: readonly string[]
  /** Never changes the verdict. */
  readonly stress: readonly { readonly name: string; readonly tally: Tally }[]
  readonly byBucket: readonly Part[]
  readonly byShape: readonly Part[]
  readonly byStrategy: readonly Part[]
  readonly byStrategyAndBucket: readonly Part[]
  readonly byReason: readonly Part[]
  readonly byReasonAndBucket: readonly Part[]
  readonly byNotes: readonly Part[]
  /** By notes, strategy and bucket together. */
  readonly worstCombos: readonly Part[]
  readonly worst: readonly Scored[]
}

/** Judges ledgers of one or more runs. The same runs give the same report, in whatever order they are named. */
export function day14(
  given: readonly RunLedger[],
  { profile = RAZOR_FLAT, thresholds = FROZEN }: Partial<Pick<Day14, 'profile' | 'thresholds'>>,
): Day14 {
  const runs = inOrder(given)
  const scores = scoresOf(runs, profile)
  const { ok: rows } = scores
  const overall = tallyOf(rows, thresholds.minRatio)
  const ratios = rows.map(({ account }) => account.setRatio)
  const reasons = refusalsOf(overall, thresholds)
  const by = (keys: (row: Scored) => readonly (readonly string[])[]): readonly Part[] =>
    partsOf(rows, keys, thresholds)
  return {
    ...{ runs, profile, thresholds, scores, overall, reasons },
    runId: [...new Set(runs.map(({ runId }) => runId))].join('+'),
    ratios: {
      p50: quantileOf(ratios, 50),
      p25: quantileOf(ratios, 25),
      p10: quantileOf(ratios, 10),
    },
    isGo: reasons.length === 0,
    stress: stressOf(runs, { profile, thresholds }),
    byBucket: by(({ shadow }) => [[shadow.bucket]]),
    byShape: by(({ shadow }) => [[shapeOf(shadow.legs.length)]]),
    byStrategy: by(({ shadow }) => [[shadow.strategy]]),
    byStrategyAndBucket: by(({ shadow }) => [[shadow.strategy, shadow.bucket]]),
    byReason: by(row => reasonsOf(row).map(reason => [reason])),
    byReasonAndBucket: by(row => reasonsOf(row).map(reason => [reason, row.shadow.bucket])),
    byNotes: by(row => [[notesText(row)]]),
    worstCombos: worstParts(by(row => [[notesText(row), row.shadow.strategy, row.shadow.bucket]])),
    worst: worstOf(rows),
  }
}

/** Notes of a row as its ledger has them; `clean` for none. */
export const notesText = ({ notes }: Scored): string => codesCell(notes) || CLEAN
const CLEAN = 'clean'

const reasonsOf = ({ notes }: Scored): readonly string[] =>
  notes.length === 0 ? [CLEAN] : [...new Set(notes)]

/** The earlier system knew two strategies, told by how many legs they have. */
export const shapeOf = (legs: number): 'binary' | 'triangle' | 'larger' =>
  legs === 2 ? 'binary' : legs === 3 ? 'triangle' : 'larger'

/** What speaks against a GO. Compared exactly: a share that only rounds to the limit is above it. */
function refusalsOf({ rows, pnl, failed }: Tally, of: Thresholds): string[] {
  const { minPnl, maxLegging } = of
  return [
    ...(rows === 0 ? ['no_valid_rows'] : []),
    ...(pnl > minPnl ? [] : ['total_shadow_pnl_too_low']),
    ...(rows > 0 && failed * 1_000_000 <= maxLegging * rows ? [] : ['legging_fail_share_too_high']),
  ]
}

const DUMPED = 1_000
const FILLS_KEPT_BPS = 7_000

function stressOf(
  runs: readonly RunLedger[],
  { profile, thresholds }: Pick<Day14, 'profile' | 'thresholds'>,
): Day14['stress'] {
  const { shareBps } = profile
  const less = (bps: number): number => Math.floor((bps * FILLS_KEPT_BPS) / 10_000)
  const fewer = { shareBps: { liquid: less(shareBps.liquid), thin: less(shareBps.thin) } }
  const views: readonly (readonly [string, Partial<ShadowProfile>])[] = [
    ['baseline', {}],
    ['dump_slippage_0.10', { dumpBps: DUMPED }],
    ['fill_share_x0.70', fewer],
    ['both', { dumpBps: DUMPED, ...fewer }],
  ]
  return views.map(([name, changed]) => ({
    name,
    tally: tallyOf(scoresOf(runs, { ...profile, ...changed }).ok, thresholds.minRatio),
  }))
}

/** Parts by key; a row stands in as many as it has keys. */
function partsOf(
  rows: readonly Scored[],
  keys: (row: Scored) => readonly (readonly string[])[],
  { minRatio }: Thresholds,
): readonly Part[] {
  const parts = new Map<string, { key: readonly string[]; rows: Scored[] }>()
  for (const row of rows)
    for (const key of keys(row)) {
      const name = key.join('\n')
      const part = parts.get(name) ?? { key, rows: [] }
      parts.set(name, part)
      part.rows.push(row)
    }
  return [...parts]
    .sort(([a], [b]) => compare(a, b))
    .map(([, part]) => ({ key: part.key, tally: tallyOf(part.rows, minRatio) }))
}

const worstParts = (parts: readonly Part[]): readonly Part[] =>
  [...parts].sort((a, b) => a.tally.pnl - b.tally.pnl).slice(0, WORST)
