import type { Job } from '#schemas/harvest.js'
import { keyedBelow } from '#engine/gateways/sim/keyed-random.js'

/** A slot of a collector: the stretch of time that belongs to one run of it. Times in ms. */
export interface Slot {
  /** Intervals since the epoch. */
  readonly slot: number
  readonly intervalMs: number
  /** By how much it is moved from the middle of its place, −10 … +10 % of the interval. */
  readonly jitterMs: number
  readonly dueMs: number
}

/** What a collector does next. */
export type Next = { readonly missed: number; readonly from: number } & Slot

/**
 * The next slot of a collector after the one that it did last (undefined: it never ran), seen at this time. Slots that went by are
 * counted: each of them is run or said to be missed, whatever stood in between.
 */
export function nextSlot(of: {
  readonly job: Job
  readonly intervalMs: number
  readonly jitterBps: number
  readonly seed: number
  /** Start of the slot that was done last, ms. */
  readonly lastMs: number | undefined
  readonly nowMs: number
}): Next {
  const { job, intervalMs, jitterBps, seed, lastMs, nowMs } = of
  const now = Math.floor(nowMs / intervalMs)
  if (lastMs === undefined)
    return { missed: 0, from: now, slot: now, intervalMs, jitterMs: 0, dueMs: nowMs }
  const wanted = Math.floor(lastMs / intervalMs) + 1
  const slot = Math.max(wanted, now)
  const reachMs = Math.floor((intervalMs * jitterBps) / 10_000)
  const key = `${job}:${slot}`
  const jitterMs =
    keyedBelow({ seed, key, salt: intervalMs }, 2 * Math.min(reachMs, 500_000) + 1) -
    Math.min(reachMs, 500_000)
  return {
    missed: slot - wanted,
    from: wanted,
    slot,
    intervalMs,
    jitterMs,
    dueMs: slot * intervalMs + reachMs + jitterMs,
  }
}
