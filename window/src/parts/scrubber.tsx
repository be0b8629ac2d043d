import { useEffect, useRef } from 'react'
import { clock, count, date } from '../lib/format.js'
import { SPEEDS, timeAt, useTravel } from '../lib/travel.js'

const HEIGHT = 26

/** Where the desk stands in the run, and the ways to go elsewhere. */
export function Scrubber() {
  const travel = useTravel()
  const { at, goTo, step, nudge, isPlaying, setPlaying, speed, setSpeed, timeline, status } = travel
  const last = Math.max(1, status?.seq ?? 0, timeline?.last_seq ?? 0)
  const here = at ?? last
  const us = at === undefined ? (status?.t_us ?? 0) : timeAt(timeline, here)
  return (
    <section className="scrubber" aria-label="time travel">
      <div className="controls">
        <button
          type="button"
          onClick={() => step('last')}
          title="last thing that the run did ( [ )"
          aria-label="step back by cause"
        >
          |◀
        </button>
        <button
          type="button"
          onClick={() => nudge(-1)}
          title="one event back (←)"
          aria-label="one event back"
        >
          ◀
        </button>
        <button
          type="button"
          className="play"
          aria-pressed={isPlaying}
          title="play (space)"
          onClick={() => setPlaying(!isPlaying)}
        >
          {isPlaying ? 'pause' : 'play'}
        </button>
        <button
          type="button"
          onClick={() => nudge(1)}
          title="one event on (→)"
          aria-label="one event on"
        >
          ▶
        </button>
        <button
          type="button"
          onClick={() => step('next')}
          title="next thing that the run did ( ] )"
          aria-label="step on by cause"
        >
          ▶|
        </button>
        <label>
          <span className="sr">speed</span>
          <select value={speed} onChange={event => setSpeed(Number(event.target.value))}>
            {SPEEDS.map(one => (
              <option key={one} value={one}>
                {one}×
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className={at === undefined ? 'live on' : 'live'}
          aria-pressed={at === undefined}
          onClick={() => {
            setPlaying(false)
            goTo(undefined)
          }}
          title="as it is now (l)"
        >
          now
        </button>
        <output className="where" aria-live="off">
          event <b data-testid="seq">{count(here)}</b> of {count(last)} · {date(us)} {clock(us)}
          {status && !status.is_read && status.trouble === null
            ? ` · reading ${count(status.seq)} of ${count(status.log_seq)}`
            : ''}
        </output>
      </div>
      <div className="track">
        <Marks last={last} />
        <input
          type="range"
          min={1}
          max={last}
          value={here}
          aria-label="event"
          aria-valuetext={`event ${here}, ${clock(us)}`}
          onChange={event => {
            setPlaying(false)
            goTo(Number(event.target.value))
          }}
        />
      </div>
    </section>
  )
}

const COLOURS: Readonly<Record<string, string>> = {
  ...{ signal: '--accent', order: '--dim', fill: '--good', command: '--warn', stop: '--bad' },
}

/** What happened where, on one canvas: thousands of elements would cost frames. */
function Marks({ last }: { last: number }) {
  const { timeline } = useTravel()
  const canvas = useRef<HTMLCanvasElement>(null)
  const marks = timeline?.marks
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const draw = (): void => {
      const width = element.clientWidth
      const ratio = devicePixelRatio
      element.width = width * ratio
      element.height = HEIGHT * ratio
      const pen = element.getContext('2d')
      if (!pen) return
      pen.scale(ratio, ratio)
      const style = getComputedStyle(document.documentElement)
      for (const { seq, kind } of marks ?? []) {
        pen.fillStyle = style.getPropertyValue(COLOURS[kind] ?? '--dim')
        const isTall = kind === 'stop' || kind === 'command'
        const height = isTall ? HEIGHT : kind === 'fill' ? HEIGHT * 0.7 : HEIGHT * 0.4
        pen.fillRect((seq / last) * (width - 16) + 8, HEIGHT - height, isTall ? 2 : 1, height)
      }
    }
    draw()
    const watch = new ResizeObserver(draw)
    watch.observe(element)
    return () => {
      watch.disconnect()
    }
  }, [marks, last])
  return <canvas ref={canvas} aria-hidden="true" />
}
