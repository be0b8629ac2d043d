import type { Axis } from '../grid.js'
import { dollars } from './money.js'
import { profitOf, sweepTable, type SweepRow } from './sweep-table.js'

/** What a page tells. */
export interface SweepFacts {
  /** Of the run. */
  readonly name: string
  readonly inputs: number
  readonly axes: readonly Axis[]
  readonly rows: readonly SweepRow[]
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1b1b1b; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2.2rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .6rem; text-align: right; border: 1px solid #ddd; white-space: nowrap }
th { background: #f4f4f4; font-weight: 600 }
td.best { outline: 2px solid #1b1b1b; outline-offset: -2px; font-weight: 600 }
caption { text-align: left; padding-bottom: .4rem; color: #555 }
`
/** What the best and the worst are coloured with: blue and orange can be told apart by everybody. */
const [GAIN, LOSS] = [
  [63, 136, 197],
  [226, 125, 50],
]

/** A sweep as one page that needs nothing besides: what came of each combination, and its profit over each pair of keys. */
export function sweepPage({ name, inputs, axes, rows }: SweepFacts): string {
  const title = `Sweep of ${name}`
  const count = `${inputs.toLocaleString('en')} inputs, ${rows.length} combinations. Profit is realised and open, after fees.`
  const maps = pairsOf(axes).map(pair => mapOf(pair, axes, rows))
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1><p>${escaped(count)}</p>`,
    ...maps,
    '<h2>Every combination</h2>',
    tableOf(sweepTable(rows)),
    '</body></html>\n',
  ].join('\n')
}

/** A line of cells is a map whose other key has one value. */
type Pair = readonly [down: Axis | undefined, across: Axis]

function pairsOf(axes: readonly Axis[]): readonly Pair[] {
  const [only] = axes
  if (only && axes.length === 1) return [[undefined, only]]
  return axes.flatMap((down, k) => axes.slice(k + 1).map((across): Pair => [down, across]))
}

function mapOf([down, across]: Pair, axes: readonly Axis[], rows: readonly SweepRow[]): string {
  const best = bestOf([down, across], rows)
  const most = Math.max(1, ...[...best.values()].map(Math.abs))
  const top = Math.max(...best.values())
  const others = axes.filter(axis => axis !== down && axis !== across).map(({ key }) => key)
  const caption = others.length === 0 ? 'profit' : `the best profit over ${others.join(', ')}`
  const cellOf = (of: string): string => {
    const profit = best.get(of)
    if (profit === undefined) return '<td>–</td>'
    const mark = profit === top ? ' class="best"' : ''
    return `<td${mark} style="background:${colourOf(profit, most)}">${dollars(profit)}</td>`
  }
  const lines = (down?.values ?? ['']).map(value => {
    const cells = across.values.map(other => cellOf(placeOf(value, other)))
    return `<tr><th scope="row">${escaped(down ? value : 'profit')}</th>${cells.join('')}</tr>`
  })
  const corner = down ? `${down.key} ↓ ${across.key} →` : across.key
  const heading = across.values.map(value => `<th scope="col">${escaped(value)}</th>`).join('')
  const title = down ? `${down.key} and ${across.key}` : across.key
  return [
    `<h2>${escaped(title)}</h2><div class="wide"><table><caption>${escaped(caption)}</caption>`,
    `<tr><th>${escaped(corner)}</th>${heading}</tr>`,
    ...lines,
    '</table></div>',
  ].join('\n')
}

/** The best profit of each cell, over all combinations that fall into it. */
function bestOf([down, across]: Pair, rows: readonly SweepRow[]): ReadonlyMap<string, number> {
  const best = new Map<string, number>()
  for (const row of rows) {
    const { set } = row
    const place = placeOf(down ? (set[down.key] ?? '') : '', set[across.key] ?? '')
    best.set(place, Math.max(best.get(place) ?? Number.NEGATIVE_INFINITY, profitOf(row)))
  }
  return best
}

const placeOf = (down: string, across: string): string => JSON.stringify([down, across])

/** From white at nothing to the full colour at the most that was earned or lost, in hundredths. */
function colourOf(profit: number, most: number): string {
  const share = Math.floor((Math.abs(profit) / most) * 100)
  const [r, g, b] = (profit < 0 ? LOSS : GAIN).map(
    full => 255 - Math.floor(((255 - full) * share) / 100),
  )
  return `rgb(${r},${g},${b})`
}

function tableOf([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map(cell => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  const lines = [line(heading, 'th'), ...rows.map(row => line(row, 'td'))]
  return `<div class="wide"><table>\n${lines.join('\n')}\n</table></div>`
}

/** Text as it may stand in a page. */
function escaped(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
  return text.replaceAll(/[&<>]/g, sign => named[sign] ?? sign).replaceAll('"', '&quot;')
}
