import type { Feed, FeedInput } from '#engine/feeds/feed.js'
import type { OperatorQueue } from '#engine/run/operator-queue.js'

/** Longest time between two looks for commands while a paced feed waits, ms. */
const NAP_MS = 1_000

/**
 * A feed with what the operator says between its batches. `speed`: so many seconds of the feed in one of the machine's, or as
 * fast as it can; in a wait a command is handed on at once. It changes no stamp: the feed's inputs are what they were.
 */
export function operatorFeed(
  feed: Feed,
  operator: OperatorQueue,
  { speed }: { speed: number | undefined },
): Feed {
  const { rawChunks: _, ...rest } = feed // commands come between batches of inputs
  return {
    ...rest,
    async *open(opening) {
      let lastUs = 0
      const said = (): FeedInput[] => {
        const inputs: FeedInput[] = []
        for (let event = operator.next(); event; event = operator.next())
          inputs.push({ tUs: lastUs, event })
        return inputs
      }
      const pace = speed === undefined ? undefined : new Pace(speed, opening.signal)
      for await (const batch of feed.open(opening)) {
        if (!pace) {
          yield batch
          lastUs = batch[batch.length - 1]?.tUs ?? lastUs
        } else
          for (let at = 0; at < batch.length;) {
            let end = at
            while (end < batch.length && pace.waitMs(batch[end]!.tUs) <= 0) end++
            if (end > at) {
              yield batch.slice(at, end)
              lastUs = batch[end - 1]!.tUs
              at = end
            } else await pace.wait(Math.min(NAP_MS, pace.waitMs(batch[at]!.tUs)), operator)
            const commands = said()
            if (commands.length > 0) yield commands
            if (opening.signal.aborted) return
          }
        const commands = said()
        if (commands.length > 0) yield commands
      }
    },
  }
}

/** The machine's clock held against the stamps of a feed. */
class Pace {
  readonly #speed: number
  readonly #signal: AbortSignal
  #first: { readonly feedUs: number; readonly ms: number } | undefined

  constructor(speed: number, signal: AbortSignal) {
    this.#speed = speed
    this.#signal = signal
  }

  /** How long an input has to wait for its time, ms. */
  waitMs(tUs: number): number {
    this.#first ??= { feedUs: tUs, ms: performance.now() }
    const { feedUs, ms } = this.#first
    return (tUs - feedUs) / 1_000 / this.#speed - (performance.now() - ms)
  }

  /** Waits so long, or until the operator says something, or nobody wants more. */
  wait(ms: number, operator: OperatorQueue): Promise<void> {
    return new Promise(resolve => {
      const over = (): void => {
        clearTimeout(timer)
        operator.onArrival(() => undefined)
        this.#signal.removeEventListener('abort', over)
        resolve()
      }
      const timer = setTimeout(over, ms)
      operator.onArrival(over)
      this.#signal.addEventListener('abort', over, { once: true })
    })
  }
}
