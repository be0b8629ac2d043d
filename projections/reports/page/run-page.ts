import { BUCKETS } from '#schemas/reasons.js'
import { quartileOf, SAMPLES_MIN } from '../../calibration.js'
import { microCell, msCell, ratioOf } from '../../csv.js'
import type { Pnl } from '../../holdings.js'
import type { Sample } from '../../samples.js'
import type { Summary } from '../../summary.js'
import type { World } from '../../world.js'
import type { Histogram } from '../histogram.js'
import type { Activity, MarketActivity } from './activity.js'
import { chart, columns, dot, frameOf, line } from './charts.js'
import { escaped, htmlTable, page, section } from './html.js'

/** What a page tells of a run. Nothing in it depends on where the log lies, on the machine, or on now. */
export interface RunFacts {
  readonly head: string
  readonly lastSeq: number
  readonly firstUs: number
  readonly lastUs: number
  readonly digest: string
  readonly summary: Summary
  /** Profit by strategy and market; `*` stands for all. */
  readonly pnl: readonly (Pnl & { readonly strategy: string; readonly key: string })[]
  readonly samples: readonly Sample[]
  /** How signals that got orders ended. */
  readonly settled: ReadonlyMap<string, number>
  readonly activity: Activity
  readonly world: World
  readonly verdict: { readonly status: string; readonly sealed: boolean; readonly provenTo: number }
  readonly replay: {
    readonly identical: boolean
    readonly stateHash: string
    readonly firstDivergence: { readonly seq: number } | null
  }
}

/** Markets whose price is drawn. */
const MARKETS_SHOWN = 3

/** A run as one page that needs nothing else. Equal logs give equal bytes. */
export function runPage(facts: RunFacts): string {
  const { mode, source } = facts.summary
  const body = [
    section('Log', logPart(facts)),
    section('Equity and drawdown', equityPart(facts.activity)),
    section('Profit by strategy and market', pnlPart(facts)),
    section('Fills over price', fillsPart(facts)),
    section('Signals', funnelPart(facts)),
    section('Calibration by bucket', calibrationPart(facts.samples)),
    section('Latency in event time', latencyPart(facts.activity)),
  ]
  return page(`${mode} on ${source}`, body.join('\n'))
}

function logPart({ head, lastSeq, firstUs, lastUs, digest, verdict, replay, summary }: RunFacts) {
  const { status, sealed, provenTo } = verdict
  const replayed = replay.firstDivergence
    ? `diverges first at event ${replay.firstDivergence.seq}`
    : replay.identical
      ? 'identical, every line'
      : 'not identical'
  return htmlTable([
    ['fact', 'value'],
    ['head', head],
    ['events', `${lastSeq}: ${summary.inputs} inputs, ${summary.decisions} decisions`],
    ['event time, ms', `${msCell(firstUs)} … ${msCell(lastUs)}`],
    ['configuration', digest],
    ['verify', `${status}, ${sealed ? 'sealed' : 'open'}, proven to event ${provenTo}`],
    ['replay', replayed],
    ['state behind the replay', replay.stateHash],
    ['hard stop', summary.hardStop ?? 'no'],
  ])
}

function equityPart({ equity, drawdown, maxDrawdown }: Activity): string {
  const over = (points: Activity['equity']['points'], kind: 'line' | 'below', title: string) => {
    const frame = frameOf(points, true)
    return frame ? chart(frame, [line(points, frame, kind)], { title, label: microCell }) : ''
  }
  return [
    over(equity.points, 'line', 'Realised and open profit, dollars'),
    over(drawdown.points, 'below', 'Below the highest so far, dollars'),
    `<p class="faint">Deepest drawdown ${microCell(-maxDrawdown)} dollars.</p>`,
  ].join('')
}

function pnlPart({ pnl }: RunFacts): string {
  const rows = pnl.map(({ strategy, key, realised, open, fees }) => [
    ...[strategy, key],
    ...[realised, open, fees, realised + open].map(microCell),
  ])
  return htmlTable([['strategy', 'market', 'realised', 'open', 'fees', 'total'], ...rows])
}

function fillsPart({ activity, world }: RunFacts): string {
  const most = activity.most(MARKETS_SHOWN)
  if (most.length === 0) return '<p class="faint">Nothing filled.</p>'
  return most.map(of => priceChart(of, world)).join('')
}

function priceChart({ market, mids, fills, volume }: MarketActivity, world: World): string {
  const facts = world.markets.get(market)
  const name = facts?.question || facts?.key || `market ${market}`
  const dots = fills.map(({ tUs, price, isBuy }) => ({ tUs, value: 2 * price, isBuy }))
  const frame = frameOf([...mids.points, ...dots], false)
  if (!frame) return ''
  const marks = [
    line(mids.points, frame, 'line'),
    ...dots.map(point => dot(point, frame, point.isBuy ? 'buy' : 'sell')),
  ]
  const label = (value: number): string => microCell(value * 50)
  const text = `${fills.length} fills of ${microCell(volume)} shares; mid and fills as the first outcome sees them`
  return `<h3>${escaped(name)}</h3>${chart(frame, marks, { title: name, label })}<p class="faint">${escaped(text)}.</p>`
}

function funnelPart({ summary, settled }: RunFacts): string {
  const { signals, dropped, byReason, orders, fills, byStrategy } = summary
  const approved = Object.values(byStrategy).reduce((sum, of) => sum + of.approved, 0)
  const stages = [
    { name: 'signals', count: signals },
    { name: 'not dropped', count: signals - dropped },
    { name: 'approved', count: approved },
    { name: 'matched', count: settled.get('matched') ?? 0 },
  ]
  const reasons = Object.entries(byReason).map(([reason, count]) => [reason, `${count}`])
  const ends = [...settled].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    columns('Signals by stage', stages),
    `<p class="faint">${orders} orders, ${fills} fills.</p>`,
    '<h3>Why signals were not traded</h3>',
    htmlTable([['reason', 'count'], ...reasons]),
    '<h3>How the others ended</h3>',
    htmlTable([['result', 'signals'], ...ends.map(([result, count]) => [result, `${count}`])]),
  ].join('')
}

function calibrationPart(samples: readonly Sample[]): string {
  const rows = BUCKETS.map(bucket => {
    const own = samples.filter(of => of.bucket === bucket && of.size > 0)
    const shares = own.map(({ filled, size }) => ratioOf(filled, size))
    const traded = own.filter(({ volume }) => volume > 0)
    const ofVolume = traded.map(({ filled, volume }) => ratioOf(filled, volume))
    return [bucket, `${own.length}`, p25(shares), `${traded.length}`, p25(ofVolume)]
  })
  const heading = ['bucket', 'orders', 'p25 of what was asked', 'with volume', 'p25 of the volume']
  return htmlTable([heading, ...rows])
}

function p25(values: readonly number[]): string {
  const found = quartileOf(values)
  return found === undefined ? `fewer than ${SAMPLES_MIN} samples` : microCell(found)
}

function latencyPart({ acknowledged, filled }: Activity): string {
  return [
    histogram('From an order to its acknowledgement, ms', acknowledged),
    histogram('From an order to its first fill, ms', filled),
  ].join('')
}

/** Bins of a histogram. */
const BINS = 16

function histogram(title: string, of: Histogram): string {
  const { sorted } = of
  const [least = 0] = sorted[0] ?? []
  const [most = 0] = sorted.at(-1) ?? []
  if (of.count === 0) return `<h3>${title}</h3><p class="faint">None.</p>`
  const width = Math.max(1, Math.ceil((most - least + 1) / BINS))
  const bins = Array.from({ length: Math.floor((most - least) / width) + 1 }, (_, k) => ({
    name: `${least + k * width}`,
    count: 0,
  }))
  for (const [value, count] of sorted) bins[Math.floor((value - least) / width)]!.count += count
  const [p50 = 0, p90 = 0, p99 = 0] = [50, 90, 99].map(percent => of.quantile(percent) ?? 0)
  const words = `${of.count} orders; p50 ${p50}, p90 ${p90}, p99 ${p99}, most ${most}`
  return `<h3>${title}</h3>${columns(title, bins)}<p class="faint">${words}.</p>`
}
