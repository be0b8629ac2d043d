import type { WallClock } from '#engine/core/wall-clock.js'

/** Longest wait of one timer of the machine, ms: beyond it `setTimeout` fires at once. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** The one clock of a twin, in ms since the epoch: everything that waits or is stamped reads it. */
export class TwinClock {
  readonly #of: WallClock
  readonly #calls = new Set<() => void>()

  constructor(of: WallClock = machineClock()) {
    this.#of = of
  }

  /** Now, whole ms since the epoch. */
  nowMs(): number {
    return Math.floor(this.#of.nowUs() / 1_000)
  }

  /** Calls once, so many ms from now; the answer takes the call back. */
  after(ms: number, call: () => void): () => void {
    const cancel = this.#of.wakeAt(this.#of.nowUs() + Math.max(0, ms) * 1_000, () => {
      this.#calls.delete(cancel)
      call()
    })
    this.#calls.add(cancel)
    return () => {
      this.#calls.delete(cancel)
      cancel()
    }
  }

  /** Comes back after so many ms, or as soon as the signal is aborted. */
  async pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        cancel()
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.after(ms, done)
      signal?.addEventListener('abort', done)
    })
  }

  /** Forgets every call that is still to come. */
  stop(): void {
    for (const cancel of this.#calls) cancel()
    this.#calls.clear()
  }
}

/** The clock of this machine; it never goes back. */
function machineClock(): WallClock {
  let lastUs = 0
  const nowUs = (): number => (lastUs = Math.max(lastUs, Date.now() * 1_000))
  return {
    nowUs,
    wakeAt: (atUs, call) => {
      const waitMs = Math.min(Math.max(0, Math.ceil((atUs - nowUs()) / 1_000)), TIMER_MAX_MS)
      const timer = setTimeout(call, waitMs)
      return () => {
        clearTimeout(timer)
      }
    },
  }
}
