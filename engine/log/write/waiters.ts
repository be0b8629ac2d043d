import * as E from 'fp-ts/lib/Either.js'
import type { LogFault } from '../event-log.js'

type Resolve<T> = (result: E.Either<LogFault, T>) => void

/** Who waits for the log: for room, for a sequence to be durable, for the pump to rest. A fault answers all of them. */
export class Waiters {
  #rooms: Resolve<void>[] = []
  #seqs: { readonly seq: number; readonly resolve: Resolve<number> }[] = []
  #idles: (() => void)[] = []
  #reached = 0

  /** Whether anybody waits for a sequence. */
  get hasSeq(): boolean {
    return this.#seqs.length > 0
  }

  forRoom(): Promise<E.Either<LogFault, void>> {
    return new Promise(resolve => this.#rooms.push(resolve))
  }

  forSeq(seq: number): Promise<E.Either<LogFault, number>> {
    if (seq <= this.#reached) return Promise.resolve(E.right(this.#reached))
    return new Promise(resolve => this.#seqs.push({ seq, resolve }))
  }

  forIdle(): Promise<void> {
    return new Promise(resolve => this.#idles.push(resolve))
  }

  room(): void {
    const rooms = this.#rooms
    if (rooms.length === 0) return
    this.#rooms = []
    for (const resolve of rooms) resolve(E.right(undefined))
  }

  reached(seq: number): void {
    this.#reached = seq
    if (this.#seqs.length === 0) return
    const [done, rest] = [
      this.#seqs.filter(waiter => waiter.seq <= seq),
      this.#seqs.filter(waiter => waiter.seq > seq),
    ]
    this.#seqs = rest
    for (const { resolve } of done) resolve(E.right(seq))
  }

  idle(): void {
    const idles = this.#idles
    this.#idles = []
    for (const resolve of idles) resolve()
  }

  fail(fault: LogFault): void {
    const waiting = [...this.#rooms, ...this.#seqs.map(({ resolve }) => resolve)]
    this.#rooms = []
    this.#seqs = []
    for (const resolve of waiting) resolve(E.left(fault))
  }
}
