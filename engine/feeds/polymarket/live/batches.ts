import { BATCH_MAX, type FeedInput } from '../../feed.js'

/** Most inputs that wait for whoever takes them. */
const WAITING_MAX = 65_536

/** What later inputs cannot do without: which markets and tokens there are, their grids, and which are decided. */
const KEPT: ReadonlySet<string> = new Set([
  ...['MarketListed', 'TokenListed', 'GroupListed', 'TickSizeChanged', 'MarketResolved'],
])

/** Inputs that come by themselves, for one who takes them in bounded batches. */
export class Batches {
  #waiting: FeedInput[] = []
  #wake: (() => void) | undefined
  #isOver = false
  #fault: Error | undefined

  /** Adds inputs; false where too many wait, and none of these is taken. */
  add(inputs: readonly FeedInput[]): boolean {
    if (this.#waiting.length + inputs.length > WAITING_MAX) return false
    for (const input of inputs) this.#waiting.push(input)
    this.#wake?.()
    return true
  }

  /** Forgets what waits, and what found no room, but for what every later input depends on. How much was forgotten. */
  drop(unfit: readonly FeedInput[] = []): number {
    const all = [...this.#waiting, ...unfit]
    this.#waiting = all.filter(({ event }) => KEPT.has(event.type))
    this.#wake?.()
    return all.length - this.#waiting.length
  }

  /** No more will come; with a fault, who takes them is told behind the last. */
  end(fault?: Error): void {
    this.#isOver = true
    this.#fault ??= fault
    this.#wake?.()
  }

  /** Batches of at least one input, until it has ended and all are taken. */
  async *taken(): AsyncGenerator<readonly FeedInput[]> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.splice(0, BATCH_MAX)
      if (this.#isOver) break
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#fault) throw this.#fault
  }
}
