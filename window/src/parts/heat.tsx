import { useEffect, useRef, useState } from 'react'
import { addressOf } from '../lib/api.js'
import { clock, price, shares } from '../lib/format.js'
import type { Heatmap } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'

const HEIGHT = 220
const SPANS = [2_000, 20_000, 100_000, 500_000] as const

/** Liquidity over a stretch of the log that ends where the desk stands: brighter is more; best prices as lines, our orders on top. */
export function Heat({ token, label }: { token: number; label: string }) {
  const { run, at, status } = useTravel()
  const [span, setSpan] = useState<number>(20_000)
  const to = at ?? status?.seq ?? 0
  // A live run moves on: the picture follows in steps, so that it is not asked for with each event.
  const end = at === undefined ? Math.floor(to / 500) * 500 : to
  const from = Math.max(1, end - span)
  const address =
    end > 1
      ? addressOf('heatmap', { run, token, from, events: Math.max(1, end - from), columns: 160 })
      : undefined
  const map = useApi<Heatmap>(address).body
  const canvas = useRef<HTMLCanvasElement>(null)
  const [said, setSaid] = useState('')
  useEffect(() => {
    const element = canvas.current
    if (!element || !map) return
    const draw = (): void => {
      paint(element, map)
    }
    draw()
    const watch = new ResizeObserver(draw)
    watch.observe(element)
    return () => {
      watch.disconnect()
    }
  }, [map])
  const look = (event: React.MouseEvent<HTMLCanvasElement>): void => {
    if (!map || map.columns.length === 0) return
    const box = event.currentTarget.getBoundingClientRect()
    const column =
      map.columns[Math.floor(((event.clientX - box.left) / box.width) * map.columns.length)]
    if (!column) return
    const [low, high] = rangeOf(map)
    const at = high - ((event.clientY - box.top) / box.height) * (high - low)
    const near = [...column.levels].sort(
      (a, b) => Math.abs((a[0] ?? 0) - at) - Math.abs((b[0] ?? 0) - at),
    )[0]
    setSaid(
      near ? `${clock(column.t_us)} · ${price(near[0] ?? 0)}: ${shares(near[1] ?? 0)} shares` : '',
    )
  }
  return (
    <section className="card">
      <header className="row">
        <h3>Liquidity of {label}</h3>
        <label>
          events{' '}
          <select value={span} onChange={event => setSpan(Number(event.target.value))}>
            {SPANS.map(one => (
              <option key={one} value={one}>
                {one.toLocaleString('en')}
              </option>
            ))}
          </select>
        </label>
      </header>
      <canvas
        ref={canvas}
        className="heat"
        onMouseMove={look}
        role="img"
        aria-label={`liquidity of ${label} by price over the last ${span} events`}
      />
      <p className="dim" aria-live="off">
        {said || 'brighter is more; lines: best bid and ask; dots: our orders'}
      </p>
    </section>
  )
}

function rangeOf({ columns }: Heatmap): [number, number] {
  const bests = columns.flatMap(({ bid_e4, ask_e4 }) => [bid_e4 ?? [], ask_e4 ?? []].flat())
  if (bests.length === 0) return [0, 10_000]
  const [low, high] = [Math.min(...bests), Math.max(...bests)]
  const margin = Math.max(300, (high - low) * 0.5)
  return [Math.max(0, low - margin), Math.min(10_000, high + margin)]
}

function paint(element: HTMLCanvasElement, map: Heatmap): void {
  const [width, ratio] = [element.clientWidth, devicePixelRatio]
  element.width = width * ratio
  element.height = HEIGHT * ratio
  const pen = element.getContext('2d')
  if (!pen || map.columns.length === 0) return
  pen.scale(ratio, ratio)
  const style = getComputedStyle(document.documentElement)
  const [low, high] = rangeOf(map)
  const y = (at: number): number => HEIGHT - ((at - low) / (high - low)) * HEIGHT
  const w = width / map.columns.length
  const most = Math.max(
    1,
    ...map.columns.flatMap(({ levels }) => levels.map(([, size]) => size ?? 0)),
  )
  const thick = Math.max(2, (HEIGHT * 100) / (high - low))
  map.columns.forEach(({ levels, bid_e4, ask_e4, own }, k) => {
    const mid = ((bid_e4 ?? low) + (ask_e4 ?? high)) / 2
    for (const [at = 0, size = 0] of levels) {
      pen.globalAlpha = Math.max(0.06, Math.sqrt(size / most))
      pen.fillStyle = style.getPropertyValue(at < mid ? '--good' : '--bad')
      pen.fillRect(k * w, y(at) - thick / 2, w + 0.5, thick)
    }
    pen.globalAlpha = 1
    pen.fillStyle = style.getPropertyValue('--text')
    for (const best of [bid_e4, ask_e4]) if (best !== null) pen.fillRect(k * w, y(best), w + 0.5, 1)
    pen.fillStyle = style.getPropertyValue('--warn')
    for (const [at = 0] of own) pen.fillRect(k * w, y(at) - 2, Math.max(3, w), 4)
  })
}
