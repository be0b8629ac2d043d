import { setImmediate } from 'node:timers/promises'
import type { Recorded } from '#schemas/recorded.js'
import type { LogFault, LogWriter } from '#engine/log/event-log.js'
import { orRefuse } from '#cli/runs.js'
import { quantile } from './stopwatch.js'

/** Events before the clock starts: the segment is there then, and the code is warm. */
const WARM = 500

/** How long until an event is durable, in milliseconds, over all events. */
export interface Delays {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

/**
 * Appends at a fixed rate whatever the log does, one turn each, and tells how long after the moment at which it was due
 * each was durable: a log that falls behind is not spared by a source that waits for it.
 */
export async function openLoop(
  log: LogWriter,
  { events, perS, rowAt }: { events: number; perS: number; rowAt: (seq: number) => Recorded },
): Promise<Delays> {
  for (let seq = 1; seq <= WARM; seq++) taken(log.append([rowAt(seq)]))
  orRefuse(await log.flush())
  const delays = new Float64Array(events)
  const perMs = perS / 1_000
  const startedMs = performance.now()
  let acked = 0
  log.onDurable(seq => {
    const nowMs = performance.now()
    for (; acked < seq - WARM; acked++) delays[acked] = nowMs - startedMs - acked / perMs
  })
  for (let seq = 1; seq <= events;) {
    const due = Math.min(events, Math.floor((performance.now() - startedMs) * perMs) + 1)
    for (; seq <= due; seq++) {
      const room = log.ready()
      if (room) await room
      taken(log.append([rowAt(WARM + seq)]))
    }
    await setImmediate()
  }
  orRefuse(await log.flush())
  return quantilesOf([...delays])
}

/** Appends as fast as the log has room; delays of one event in each thousand, and what an event costs this thread. */
export async function saturated(
  log: LogWriter,
  { events, rowAt }: { events: number; rowAt: (seq: number) => Recorded },
): Promise<Delays & { readonly perS: number; readonly callNs: number }> {
  const SAMPLE = 1_000
  const sent: number[] = []
  const delays: number[] = []
  log.onDurable(seq => {
    const nowMs = performance.now()
    while (delays.length < sent.length && (delays.length + 1) * SAMPLE <= seq)
      delays.push(nowMs - sent[delays.length]!)
  })
  const startedMs = performance.now()
  const calls: number[] = []
  let sinceMs = startedMs
  for (let seq = 1; seq <= events; seq++) {
    taken(log.append([rowAt(seq)]))
    const room = log.ready()
    if (seq % SAMPLE !== 0 && !room) continue
    const nowMs = performance.now()
    if (seq % SAMPLE === 0) sent.push(nowMs)
    if (seq % SAMPLE === 0 && !room) calls.push(((nowMs - sinceMs) * 1e6) / SAMPLE)
    if (room) await room
    else await setImmediate()
    sinceMs = performance.now()
    // A thousand that were cut by a wait are not counted as one.
    if (room && seq % SAMPLE !== 0) sinceMs = Number.NaN
  }
  orRefuse(await log.flush())
  const tookMs = performance.now() - startedMs
  const whole = calls.filter(ns => !Number.isNaN(ns))
  return {
    ...quantilesOf(delays),
    perS: (events / tookMs) * 1_000,
    callNs: quantile(whole, 0.5),
  }
}

function taken(fault: LogFault | undefined): void {
  if (fault) throw new Error(JSON.stringify(fault))
}

/** The quantiles of a list of delays. */
export const quantilesOf = (list: readonly number[]): Delays => ({
  p50: quantile(list, 0.5),
  p99: quantile(list, 0.99),
  p999: quantile(list, 0.999),
})
