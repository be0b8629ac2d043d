import type { FeedEvent } from '#engine/feeds/feed.js'

/** What an operator may bring: commands, other configurations, and what became of alerts. */
export type OperatorEvent = Extract<
  FeedEvent,
  { readonly type: 'CommandGiven' | 'ConfigChanged' | 'AlertDelivered' }
>

/** Most that may wait to be taken; more is refused. */
export const OPERATOR_MAX = 256

interface Answered {
  readonly answer: (seq: number) => void
  readonly refuse: (error: Error) => void
}

/**
 * What operators say to a running engine, in order. Each is answered with its sequence number once that is durable, and not
 * before: what was answered is in the log.
 */
export class OperatorQueue {
  readonly #waiting: OperatorEvent[] = []
  /** By event, until the engine has taken it. */
  readonly #asked = new Map<OperatorEvent, Answered>()
  readonly #taken: (Answered & { readonly seq: number })[] = []
  #arrived: () => void = () => undefined
  #isClosed = false

  /** Says something to the engine. The promise is kept when it is durable, and broken where the run is over. */
  submit(event: OperatorEvent): Promise<number> {
    if (this.#isClosed) return Promise.reject(new Error('the run is over'))
    if (this.#asked.size >= OPERATOR_MAX)
      return Promise.reject(new Error(`${OPERATOR_MAX} commands wait already`))
    return new Promise((answer, refuse) => {
      this.#waiting.push(event)
      this.#asked.set(event, { answer, refuse })
      this.#arrived()
    })
  }

  /** Calls whenever something arrives. */
  onArrival(call: () => void): void {
    this.#arrived = call
  }

  /** The next one; the engine says by `taken` what became of it. */
  next(): OperatorEvent | undefined {
    return this.#waiting.shift()
  }

  /** The engine has taken an event, if it was one of these, under this sequence number. */
  taken(event: object, seq: number): void {
    const asked = this.#asked.get(event as OperatorEvent)
    if (!asked) return
    this.#asked.delete(event as OperatorEvent)
    this.#taken.push({ ...asked, seq })
  }

  /** Whether an event is one of these, and not one that a feed has from an old log. */
  has(event: object): boolean {
    return this.#asked.has(event as OperatorEvent)
  }

  /** Everything up to `seq` is durable. */
  durable(seq: number): void {
    while (this.#taken[0] && this.#taken[0].seq <= seq) {
      const { seq: own, answer } = this.#taken.shift()!
      answer(own)
    }
  }

  /** The run is over: nobody is waited for any more. */
  close(): void {
    this.#isClosed = true
    for (const { refuse } of [...this.#asked.values(), ...this.#taken])
      refuse(new Error('the run is over'))
    this.#asked.clear()
    this.#taken.length = 0
  }
}
