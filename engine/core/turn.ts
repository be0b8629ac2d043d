import type { Recorded } from '#schemas/recorded.js'
import type { Event } from '#schemas/registry.js'
import type { Effect } from './effects.js'

/**
 * One input and what it caused, while `step` is taking it. Decisions are numbered as they are made, so that a later one
 * can name an earlier one as its cause. Owned by the caller of `step`, which reuses it.
 */
export class Turn {
  /** The input first, then its decisions. */
  readonly rows: Recorded[] = []
  readonly effects: Effect[] = []
  /** Position of this input among the feed inputs, from 1; the last one's for other inputs. */
  ordinal = 0
  /** Signals raised in this turn so far. */
  signals = 0

  /** The input of this turn. */
  get input(): Recorded {
    const first = this.rows[0]
    if (!first) throw new Error('Invariant: a turn begins with its input')
    return first
  }

  get tUs(): number {
    return this.input.tUs
  }

  begin(input: Recorded): void {
    const { rows, effects } = this
    while (rows.length > 0) rows.pop() // setting the length is slower for these few
    while (effects.length > 0) effects.pop()
    this.signals = 0
    this.rows.push(input)
  }

  /** Sequence number that the next decision will have. */
  get nextSeq(): number {
    return this.input.seq + this.rows.length
  }

  /** Records a decision with the sequence number of its direct cause. Returns its own. */
  decide(cause: number, event: Event): number {
    const { seq, tUs } = this.input
    const own = seq + this.rows.length
    this.rows.push({ seq: own, tUs, cause, event })
    return own
  }

  /** Asks for an effect; the runner acts on it once this turn is durable. */
  ask(effect: Effect): void {
    this.effects.push(effect)
  }
}
