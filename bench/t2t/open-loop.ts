import { createHistogram, PerformanceObserver, type RecordableHistogram } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import type { LogWriter } from '#engine/log/event-log.js'
import { OFFER_EVERY, type Frame } from './market.js'
import type { Path } from './path.js'

/** Latencies in ns, from the moment at which a frame was due, whether or not anybody was ready for it. */
export interface Latencies {
  /** Until a frame that nothing follows from was done with. */
  readonly tick: RecordableHistogram
  /** Until the intent of one that is traded was enqueued. */
  readonly intent: RecordableHistogram
  /** Until that intent was durable. */
  readonly durable: RecordableHistogram
  readonly gc: { count: number; longestMs: number; totalMs: number }
}

const US = 1_000
const SLICE_MS = 0.03
const HOUR_NS = 3_600_000_000_000

/**
 * Frames arrive at a fixed rate, whatever the path makes of it: a pause makes all wait that arrive in it, and their
 * waiting counts. The first fifth warms the machine up and counts for nothing.
 */
export async function openLoop({
  path,
  log,
  frames,
  perSecond,
}: {
  path: Path
  log: LogWriter
  frames: readonly Frame[]
  perSecond: number
}): Promise<Latencies> {
  const found = { tick: histogram(), intent: histogram(), durable: histogram() }
  const gc = { count: 0, longestMs: 0, totalMs: 0 }
  const observer = new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) {
      gc.count++
      gc.totalMs += duration
      gc.longestMs = Math.max(gc.longestMs, duration)
    }
  })
  const waiting: { seq: number; due: number }[] = []
  log.onDurable(seq => {
    while (waiting.length > 0 && waiting[0]!.seq <= seq) record(found.durable, waiting.shift()!.due)
  })
  const cold = Math.floor(frames.length / 5)
  const period = 1_000 / perSecond
  const start = performance.now() + 5
  for (const [k, { bytes }] of frames.entries()) {
    const due = start + k * period
    await until(due)
    path.take(bytes, Math.round((k * 1e6) / perSecond) + US)
    if (k === cold) observer.observe({ entryTypes: ['gc'] })
    if (k < cold) continue
    record(path.placedSeq > 0 ? found.intent : found.tick, due)
    if (path.placedSeq > 0) waiting.push({ seq: path.placedSeq, due })
  }
  await log.flush()
  await setImmediate()
  observer.disconnect()
  return { ...found, gc }
}

/** Waits awake, and lets the event loop turn every 30 µs: a turn for each look at the clock would be garbage to collect. */
async function until(due: number): Promise<void> {
  do {
    await setImmediate()
    const slice = Math.min(due, performance.now() + SLICE_MS)
    while (performance.now() < slice);
  } while (performance.now() < due)
}

/** Frames that are traded, of so many. */
export const offersIn = (frames: number): number => Math.floor(frames / OFFER_EVERY)

const histogram = (): RecordableHistogram =>
  createHistogram({ lowest: 1, highest: HOUR_NS, figures: 3 })

function record(into: RecordableHistogram, sinceMs: number): void {
  into.record(Math.max(1, Math.round((performance.now() - sinceMs) * 1e6)))
}
