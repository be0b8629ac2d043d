import type { FeedInput } from '#engine/feeds/feed.js'

interface Part {
  readonly inputs: readonly FeedInput[]
  readonly taken: () => void
}

/** What collectors have to say, in the order in which they said it; each waits until it was taken, so that none is ahead of what is recorded. */
export class Outbox {
  readonly #parts: Part[] = []
  readonly #waiting = new Set<() => void>()
  #wake: (() => void) | undefined
  #isEnded = false
  #isOver: boolean

  constructor(signal: AbortSignal) {
    this.#isOver = signal.aborted
    signal.addEventListener(
      'abort',
      () => {
        this.#isOver = true
        for (const resolve of this.#waiting) resolve()
        this.#woken()
      },
      { once: true },
    )
  }

  /** Nothing is taken any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Comes back once all of it was taken, or nothing is any more. */
  async put(inputs: readonly FeedInput[]): Promise<void> {
    if (this.#isOver || inputs.length === 0) return
    await new Promise<void>(resolve => {
      const taken = (): void => {
        this.#waiting.delete(taken)
        resolve()
      }
      this.#waiting.add(taken)
      this.#parts.push({ inputs, taken })
      this.#woken()
    })
  }

  /** Nobody says anything any more: what waits is still given. */
  end(): void {
    this.#isEnded = true
    this.#woken()
  }

  /** What was put, until the end. */
  async *parts(): AsyncGenerator<Part> {
    for (;;) {
      const part = this.#parts.shift()
      if (part) yield part
      else if (this.#isEnded || this.#isOver) return
      else
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
    }
  }

  #woken(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
