import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

interface ChartProps {
  readonly label: string
  readonly height: number
  /** Seconds since the epoch, rising. */
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
  /** A line at this time. */
  readonly mark?: number | undefined
  readonly format: (value: number) => string
  readonly onPick?: (x: number) => void
}

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** A value over time. It is drawn anew only when its data or its width changes. */
export function Chart({ label, height, x, y, mark, format, onPick }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const now = useRef({ mark, onPick })
  now.current = { mark, onPick }
  useEffect(() => {
    const element = host.current
    if (!element) return
    const axis = { stroke: colour('--dim'), grid: { stroke: colour('--line'), width: 1 } }
    const made = new uPlot(
      {
        width: Math.max(80, element.clientWidth),
        height,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { x: { time: true } },
        tzDate: ts => uPlot.tzDate(new Date(ts * 1_000), 'UTC'),
        axes: [
          {
            ...axis,
            size: 32,
            font: '11px system-ui',
            values: (_, ticks) => ticks.map(s => new Date(s * 1_000).toISOString().slice(11, 19)),
          },
          { ...axis, size: 62, font: '11px system-ui', values: (_, ticks) => ticks.map(format) },
        ],
        series: [{}, { stroke: colour('--accent'), width: 1.5, fill: colour('--accent-soft') }],
        hooks: {
          draw: [
            chart => {
              const at = now.current.mark
              if (at === undefined) return
              const px = chart.valToPos(at, 'x', true)
              chart.ctx.fillStyle = colour('--warn')
              chart.ctx.fillRect(px, chart.bbox.top, 2, chart.bbox.height)
            },
          ],
        },
      },
      [[...x], [...y]] as uPlot.AlignedData,
      element,
    )
    plot.current = made
    const pick = (event: MouseEvent): void => {
      const box = made.over.getBoundingClientRect()
      now.current.onPick?.(made.posToVal(event.clientX - box.left, 'x'))
    }
    made.over.addEventListener('click', pick)
    const watch = new ResizeObserver(() => {
      made.setSize({ width: Math.max(80, element.clientWidth), height })
    })
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = undefined
    }
    // Data comes by `setData`: a new chart for each value would cost frames.
  }, [height])
  useEffect(() => {
    plot.current?.setData([[...x], [...y]] as uPlot.AlignedData)
  }, [x, y])
  useEffect(() => {
    plot.current?.redraw(false)
  }, [mark])
  return <div className="chart" ref={host} role="img" aria-label={label} />
}
