import { BUCKETS, type Bucket } from '#schemas/reasons.js'
import { microCell, msCell, ratioCell, ratioOf, sideCell } from './csv.js'
import { Samples, type Sample } from './samples.js'
import { finished, linesOf, tableOf, type RowView } from './view.js'

/** Samples of a bucket below which nothing is suggested. */
export const SAMPLES_MIN = 30

/** What real orders got of what they asked for, and of what was traded: a row for each order. */
export const calibrationLog: RowView<Samples, Sample> = {
  name: 'calibration_log',
  version: 1,
  initialState: () => new Samples(),
  evolve: (samples, row, world) => {
    samples.take(row, world)
  },
  drain: ({ rows }) => finished(rows),
  rest: ({ rows }) => rows,
}

/** `calibration_log.csv`. */
export const calibrationLogFile = tableOf(calibrationLog, [
  ['ts_ms', ({ tUs }) => msCell(tUs), 'integer'],
  ['bucket', ({ bucket }) => bucket, 'text'],
  ['market_id', ({ market }) => market, 'text'],
  ['token_id', ({ tokenKey }) => tokenKey, 'text'],
  ['side', ({ side }) => sideCell(side), 'text'],
  ['req_qty', ({ size }) => microCell(size), 'micro'],
  ['filled_qty', ({ filled }) => microCell(filled), 'micro'],
  ['market_ask_size_best', ({ askSize }) => microCell(askSize), 'micro'],
  ['market_bid_size_best', ({ bidSize }) => microCell(bidSize), 'micro'],
  [
    'sim_fill_share_used',
    ({ shareBps }) => (shareBps === undefined ? '' : ratioCell(shareBps, 10_000)),
    'micro',
  ],
  ['mode', ({ mode }) => mode, 'text'],
  ['real_share_req', ({ filled, size }) => ratioCell(filled, size), 'micro'],
  ['real_share_mkt', ({ filled, volume }) => ratioCell(filled, volume), 'micro'],
])

interface Shares {
  /** In 1e-6, one for each order: few beside the events of a run. */
  readonly req: number[]
  readonly mkt: number[]
}

interface Suggesting {
  readonly samples: Samples
  readonly shares: Readonly<Record<Bucket, Shares>>
  lastUs: number
}

/** The lower quartile of the shares, per bucket. A suggestion for a person: no program reads it, no configuration changes. */
export const calibrationSuggest: RowView<Suggesting, string> = {
  name: 'calibration_suggest',
  version: 1,
  initialState: () => ({
    samples: new Samples(),
    shares: { liquid: { req: [], mkt: [] }, thin: { req: [], mkt: [] } },
    lastUs: 0,
  }),
  evolve: (state, row, world) => {
    state.lastUs = row.tUs
    state.samples.take(row, world)
    for (const sample of finished(state.samples.rows)) add(state.shares, sample)
  },
  drain: () => [],
  isWhole: true,
  rest: ({ samples, shares, lastUs }) => {
    const all = {
      liquid: { req: [...shares.liquid.req], mkt: [...shares.liquid.mkt] },
      thin: { req: [...shares.thin.req], mkt: [...shares.thin.mkt] },
    }
    for (const sample of samples.rows) add(all, sample)
    return [
      '# Suggestions for a person: nothing reads this file, no configuration changes by itself.',
      '# p25 = sorted[floor((n - 1) * 0.25)] of the samples in calibration_log.csv.',
      '[calibration_suggest]',
      `generated_at_ms = ${msCell(lastUs)} # event time of the last event`,
      `min_samples_per_bucket = ${SAMPLES_MIN}`,
      ...BUCKETS.flatMap(bucket => [
        ...suggestion(`${bucket}.real_share_req`, all[bucket].req),
        ...suggestion(`${bucket}.real_share_mkt`, all[bucket].mkt),
      ]),
    ]
  },
}

/** `calibration_suggest.toml`. */
export const calibrationSuggestFile = linesOf('calibration_suggest.toml', calibrationSuggest)

/** The value at floor((n − 1) × 0.25) of the sorted ones; undefined below the minimum of samples. */
export function quartileOf(values: readonly number[]): number | undefined {
  if (values.length < SAMPLES_MIN) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * 0.25)]
}

function add(shares: Readonly<Record<Bucket, Shares>>, sample: Sample): void {
  const { bucket, filled, size, volume } = sample
  if (bucket === '') return
  if (size > 0) shares[bucket].req.push(ratioOf(filled, size))
  if (volume > 0) shares[bucket].mkt.push(ratioOf(filled, volume))
}

function suggestion(name: string, values: readonly number[]): string[] {
  const p25 = quartileOf(values)
  return [
    '',
    `[calibration_suggest.${name}]`,
    `samples = ${values.length}`,
    ...(p25 === undefined
      ? ['status = "insufficient_samples"']
      : ['status = "ok"', `p25 = ${microCell(p25)}`]),
  ]
}
