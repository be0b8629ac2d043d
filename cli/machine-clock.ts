import type { WallClock } from '#engine/core/wall-clock.js'

/** Longest wait of one timer, ms: beyond it `setTimeout` fires at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/**
 * The clock of this machine, in whole µs. Between two readings it goes on by the monotonic clock and never back; where the machine's
 * time of day is set forward it follows.
 */
export function machineClock(): WallClock {
  let lastUs = 0
  const nowUs = (): number => {
    const us = Math.floor((performance.timeOrigin + performance.now()) * 1_000)
    const wallUs = Date.now() * 1_000
    // The monotonic clock knows nothing of a time of day that was set: a second apart, the wall clock is right.
    const now = Math.abs(us - wallUs) > 1_000_000 ? wallUs : us
    return (lastUs = Math.max(lastUs, now))
  }
  return {
    nowUs,
    wakeAt: (atUs, call) => {
      let timer: NodeJS.Timeout
      const wait = (): void => {
        const leftMs = Math.ceil((atUs - nowUs()) / 1_000)
        timer =
          leftMs > TIMER_MAX_MS
            ? setTimeout(wait, TIMER_MAX_MS)
            : setTimeout(call, Math.max(0, leftMs))
      }
      wait()
      return () => {
        clearTimeout(timer)
      }
    },
  }
}
