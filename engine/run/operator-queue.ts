import type { FeedEvent } from '#engine/feeds/feed.js'

/** What an operator may bring: commands, and other configurations. */
export type OperatorEvent = Extract<FeedEvent, { readonly type: 'CommandGiven' | 'ConfigChanged' }>

/** Most that may wait to be taken; more is refused. */
export const OPERATOR_MAX = 256

interface Waiting {
  readonly event: OperatorEvent
  readonly taken: (seq: number) => void
}

/**
 * What operators say to a running engine, in order. Each is answered with its sequence number once that is durable, and not
 * before: what was answered is in the log.
 */
export class OperatorQueue {
  readonly #waiting: Waiting[] = []
  readonly #taken: { readonly seq: number; readonly answer: (seq: number) => void }[] = []
  #arrived: () => void = () => undefined
  #isClosed = false

  /** Says something to the engine. The promise is kept when it is durable, and broken where the run is over. */
  submit(event: OperatorEvent): Promise<number> {
    if (this.#isClosed) return Promise.reject(new Error('the run is over'))
    if (this.#waiting.length >= OPERATOR_MAX)
      return Promise.reject(new Error(`${OPERATOR_MAX} commands wait already`))
    return new Promise((answer, refuse) => {
      const taken = (seq: number): void => {
        if (seq < 0) refuse(new Error('the run is over'))
        else this.#taken.push({ seq, answer })
      }
      this.#waiting.push({ event, taken })
      this.#arrived()
    })
  }

  /** Calls whenever something arrives. */
  onArrival(call: () => void): void {
    this.#arrived = call
  }

  /** The next one. `taken` is told its sequence number, once it has one. */
  next(): { readonly event: OperatorEvent; readonly taken: (seq: number) => void } | undefined {
    return this.#waiting.shift()
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
    for (const { taken } of this.#waiting.splice(0)) taken(-1)
  }
}
