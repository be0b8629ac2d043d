import { mulDivFloor } from '#schemas/units.js'
import { escaped } from './html.js'
import type { Point } from './series.js'

/** Size of every chart, and the room for its labels, in units of its own. */
const [WIDTH, HEIGHT, LEFT, EDGE] = [800, 220, 90, 18]

/** What lines and dots are drawn into. */
export interface Frame {
  readonly fromUs: number
  readonly toUs: number
  readonly least: number
  readonly most: number
}

/** A frame around points; zero belongs to it where `hasZero`. */
export function frameOf(points: readonly Point[], hasZero: boolean): Frame | undefined {
  const [first] = points
  if (!first) return undefined
  const zero = hasZero ? 0 : first.value
  const frame = { fromUs: first.tUs, toUs: first.tUs, least: zero, most: zero }
  for (const { tUs, value } of points) {
    frame.fromUs = Math.min(frame.fromUs, tUs)
    frame.toUs = Math.max(frame.toUs, tUs)
    frame.least = Math.min(frame.least, value)
    frame.most = Math.max(frame.most, value)
  }
  return frame
}

/** A line over time. `kind` is its style: `line` or `below`. */
export const line = (points: readonly Point[], frame: Frame, kind: 'line' | 'below'): string => {
  const path = points.map(point => `${xOf(point, frame)},${yOf(point, frame)}`).join(' ')
  return `<polyline class="${kind}" points="${path}"/>`
}

/** A dot at a time. */
export const dot = (point: Point, frame: Frame, kind: 'buy' | 'sell'): string =>
  `<circle class="${kind}" cx="${xOf(point, frame)}" cy="${yOf(point, frame)}" r="3"/>`

/** A chart with its range in words; `label` says what a value is. */
export function chart(
  frame: Frame,
  marks: readonly string[],
  { title, label }: { readonly title: string; readonly label: (value: number) => string },
): string {
  const bottom = HEIGHT - EDGE
  const seconds = Math.floor((frame.toUs - frame.fromUs) / 1_000_000)
  const zero = yOf({ tUs: frame.fromUs, value: 0 }, frame)
  const hasZero = frame.least <= 0 && frame.most >= 0
  return figure(title, [
    ...(hasZero
      ? [`<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${zero}" y2="${zero}"/>`]
      : []),
    `<line class="axis" x1="${LEFT}" x2="${LEFT}" y1="${EDGE}" y2="${bottom}"/>`,
    text(0, EDGE + 4, label(frame.most)),
    text(0, bottom, label(frame.least)),
    text(LEFT, HEIGHT - 2, `0 s`),
    `<text x="${WIDTH}" y="${HEIGHT - 2}" text-anchor="end">${seconds} s</text>`,
    ...marks,
  ])
}

/** Columns side by side, each under its name. */
export function columns(
  title: string,
  of: readonly { readonly name: string; readonly count: number }[],
): string {
  const most = Math.max(1, ...of.map(({ count }) => count))
  const step = Math.floor((WIDTH - LEFT) / Math.max(1, of.length))
  const bottom = HEIGHT - EDGE
  const bars = of.flatMap(({ name, count }, k) => {
    const height = mulDivFloor(bottom - EDGE, count, most)
    const x = LEFT + k * step
    const box = `x="${x}" y="${bottom - height}" width="${Math.max(1, step - 2)}" height="${height}"`
    const told = count === 0 ? '' : text(x, bottom - height - 3, `${count}`)
    return [`<rect class="bar" ${box}/>`, told, text(x, HEIGHT - 4, name)]
  })
  return figure(title, bars)
}

function figure(title: string, marks: readonly string[]): string {
  const name = escaped(title)
  const box = `viewBox="0 0 ${WIDTH} ${HEIGHT}"`
  return `<svg ${box} role="img" aria-label="${name}"><title>${name}</title>${marks.join('')}</svg>`
}

const text = (x: number, y: number, of: string): string =>
  `<text x="${x}" y="${y}">${escaped(of)}</text>`

/** Whole units, so that every machine prints the same; time runs from left to right. */
const xOf = ({ tUs }: Point, { fromUs, toUs }: Frame): number =>
  LEFT + mulDivFloor(WIDTH - LEFT, tUs - fromUs, Math.max(1, toUs - fromUs))

const yOf = ({ value }: Point, { least, most }: Frame): number =>
  HEIGHT - EDGE - mulDivFloor(HEIGHT - 2 * EDGE, value - least, Math.max(1, most - least))
