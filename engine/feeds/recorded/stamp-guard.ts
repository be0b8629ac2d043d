import type { FramesCheck } from '#engine/book/frame-walk.js'
import { EARLIEST_US } from './times.js'

/** How far a stamp may step back, or leap ahead without others that follow it, unless configured: a minute, µs. */
export const SKEW_US = 60_000_000

/** Other stamps behind a leap that confirm it: one rogue stamp, or two, are no proof. */
const CONFIRM = 3
/** Most messages that wait for a verdict. */
const HELD_MAX = 4_096

/** A message with its stamp. */
export interface Stamped<M> {
  readonly message: M
  /** µs since the epoch. */
  readonly stampUs: number
  /** Whether it states how things stand, with the time of their last change: such a stamp may be old. */
  readonly isState: boolean
  /** Whether its stamp tells what time it is now, so that it speaks against one that leapt. */
  readonly tellsTime: boolean
}

/** What became of a stamped message. */
export interface Judged<M> extends Stamped<M> {
  readonly isTaken: boolean
  /** The source's time at which it is taken or refused: never back. */
  readonly tUs: number
}

/**
 * Keeps one source's clock from rogue stamps. A stamp within the bound of the time so far is taken, one before it with the
 * difference. One that steps back further is refused. One that leaps further waits: it is taken once those that follow have
 * moved on too (a quiet night is no leap), and refused when they have not. Owned by one opening of a feed.
 */
export class StampGuard<M> {
  readonly boundUs: number
  readonly #latestUs: number
  #held: Stamped<M>[] = []
  /** Refused before anything was taken: told once the source has a time. */
  readonly #early: Stamped<M>[] = []
  #last: number | undefined

  constructor({ boundUs = SKEW_US, latestUs }: { boundUs?: number; latestUs: number }) {
    this.boundUs = boundUs
    this.#latestUs = latestUs
  }

  /** The source's time so far, µs; undefined before its first message was taken. */
  get lastUs(): number | undefined {
    return this.#last
  }

  /** Which stamps may be taken by somebody else: none while a verdict is open. */
  get stamps(): FramesCheck['stamps'] {
    const { boundUs } = this
    const isOpen = this.#last === undefined || this.#held.length > 0
    return { lastUs: this.#last ?? 0, boundUs, latestUs: isOpen ? 0 : this.#latestUs }
  }

  /** Somebody else took messages up to this time, all within the window. */
  passed(tUs: number): void {
    if (this.#last !== undefined) this.#last = Math.max(this.#last, tUs)
  }

  /** Whether a stamp is within the window while no verdict is open, so that its message is taken as it is: the time moves on to it. */
  passes(stampUs: number): boolean {
    const last = this.#last
    if (last === undefined || this.#held.length > 0) return false
    if (stampUs < last || stampUs > last + this.boundUs || stampUs > this.#latestUs) return false
    this.#last = stampUs
    return true
  }

  /** Takes a message; answers with those, in order, that are decided by it. */
  take(of: Stamped<M>): readonly Judged<M>[] {
    const { stampUs } = of
    const { lastUs, latestUs } = this.stamps
    if (stampUs >= lastUs && stampUs <= Math.min(lastUs + this.boundUs, latestUs)) {
      this.#last = stampUs
      return [{ ...of, isTaken: true, tUs: stampUs }]
    }
    if (this.#isImpossible(of)) {
      if (this.#last !== undefined && this.#held.length === 0) return [this.#refused(of)]
      if (this.#held.length === 0) this.#early.push(of)
      else this.#held.push(of)
      return []
    }
    this.#held.push(of)
    return this.#decided(this.#held.length > HELD_MAX)
  }

  /** The source is over: what nothing contradicts is taken. */
  end(): readonly Judged<M>[] {
    return this.#decided(true)
  }

  #decided(isOver: boolean): readonly Judged<M>[] {
    const judged: Judged<M>[] = []
    for (let first = this.#held[0]; first; first = this.#held[0]) {
      const isTaken = this.#verdict(first, this.#held.slice(1, HELD_MAX), isOver)
      if (isTaken === undefined) break
      this.#held.shift()
      if (!isTaken && this.#last === undefined) {
        this.#early.push(first)
        continue
      }
      if (isTaken) this.#last = Math.max(this.#last ?? 0, first.stampUs)
      // What was refused before stands first: a listing that came with it is needed by what is taken.
      for (const early of this.#early.splice(0)) judged.push(this.#refused(early))
      judged.push({ ...first, isTaken, tUs: this.#last ?? 0 })
    }
    if (isOver) for (const early of this.#early.splice(0)) judged.push(this.#refused(early))
    return judged
  }

  #refused(of: Stamped<M>): Judged<M> {
    return { ...of, isTaken: false, tUs: this.#last ?? 0 }
  }

  #isImpossible({ stampUs, isState }: Stamped<M>): boolean {
    return stampUs > this.#latestUs || (stampUs < EARLIEST_US && !isState)
  }

  /** Whether a message is taken; undefined where that is not known yet. */
  #verdict(of: Stamped<M>, behind: readonly Stamped<M>[], isOver: boolean): boolean | undefined {
    const { stampUs, isState } = of
    if (this.#isImpossible(of)) return false
    const [last, bound] = [this.#last, this.boundUs]
    if (last !== undefined && stampUs <= last + bound) return isState || stampUs >= last - bound
    const possible = behind.filter(one => !this.#isImpossible(one))
    const [since, until] = [(last ?? 0) - bound, stampUs - bound]
    const movedOn = distinct(
      possible.filter(one => one.stampUs >= until && one.stampUs !== stampUs),
    )
    const returned = distinct(
      possible.filter(one => one.tellsTime && one.stampUs < until && one.stampUs >= since),
    )
    // The first stamp of all has nothing before it: it takes two against it.
    if (returned > movedOn && returned >= (last === undefined ? 2 : 1)) return false
    if (movedOn >= CONFIRM && movedOn > returned) return true
    return isOver ? returned <= movedOn : undefined
  }
}

/** How many different stamps: what one message says in parts has one. */
const distinct = (all: readonly Stamped<unknown>[]): number =>
  new Set(all.map(({ stampUs }) => stampUs)).size
