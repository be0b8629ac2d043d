import { QuoteRefused, QuoteTargeted } from '#schemas/events/signal.js'
import type { Side } from '#schemas/levels.js'
import type { CancelReason, Refusal } from '#schemas/reasons.js'
import { price, shares } from '#schemas/units.js'
import type { Turn } from '#engine/core/turn.js'
import type { Deadline } from './deadline.js'
import type { Order } from './order.js'
import type { Orders } from './orders.js'

/** What an instance wants resting on one side of a token. */
export interface QuoteIntent {
  readonly instance: string
  readonly scope: string
  readonly token: number
  readonly side: Side
  /** 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share; 0: nothing. */
  readonly size: number
}

/** A target with what is in the market for it. */
export interface Target extends QuoteIntent {
  price: number
  size: number
  /** Sequence number of its `QuoteTargeted`. */
  seq: number
  /** The order that works for it, until it is closed. */
  order: Order | undefined
  /** Why it does not leave, as last said; empty where it may. */
  refused: string
  /** The exchange would not have it: nothing leaves until the target is another. */
  isBlocked: boolean
}

/** Risk's word on a quote: the size that may leave, or every reason against it. What is let through is reserved for `id`. */
export type QuoteGate = (
  turn: Turn,
  target: QuoteIntent,
  id: string,
) => { readonly size: number } | { readonly reasons: readonly Refusal[] }

/**
 * Quotes are targets: what is in the market is held against them, and the fewest messages are spent. An order that has the
 * price and at least half of the wanted size, and not more, stays where it is in the queue; anything else is cancelled, and
 * placed anew when the exchange has said what became of it. One order a target, so no side is ever quoted twice.
 */
export class Quotes {
  readonly targets = new Map<string, Target>()
  /** Targets of each token that has any. */
  readonly #perToken = new Map<number, number>()
  /** Tokens of which `wants` may answer otherwise than before. Who has read them empties it. */
  readonly changed = new Set<number>()
  /** Least time between placing a quote and replacing it, µs. */
  readonly #orders: Orders
  readonly #gate: QuoteGate
  /** Last number given to a quote of an instance, and the ordinal that it belongs to. */
  readonly #numbers = new Map<string, { ordinal: number; n: number }>()
  /** Targets that wait until they may be replaced. */
  readonly #delayed = new Set<string>()
  /** While true nothing new leaves: the run shuts down. */
  isClosed = false

  constructor(orders: Orders, gate: QuoteGate) {
    this.#orders = orders
    this.#gate = gate
  }

  /** Whether there is a target for a token: one that could not leave is tried again whenever its book moves. */
  wants(token: number): boolean {
    return this.#perToken.has(token)
  }

  /** An instance says what it wants. The same again says nothing, but a quote that was refused is tried again. */
  set(turn: Turn, cause: number, intent: QuoteIntent): void {
    const key = keyOf(intent)
    const known = this.targets.get(key)
    const isSame = known?.size === intent.size && (known.price === intent.price || known.size === 0)
    if (!known && intent.size === 0) return
    if (!known || !isSame) {
      const { instance, token, side } = intent
      const data = { instance, token, side, price: price(intent.price), size: shares(intent.size) }
      const seq = turn.decide(cause, QuoteTargeted.make(data))
      const fresh = { ...intent, order: known?.order, refused: known?.refused ?? '' }
      this.#keep(key, { ...fresh, seq, isBlocked: false })
    } else if (known.order) return
    const target = this.targets.get(key)
    if (target) this.#settle(turn, isSame ? cause : target.seq, key, target)
  }

  /** Nothing of this instance shall rest any more. */
  drop(turn: Turn, cause: number, instance: string): void {
    for (const [key, target] of [...this.targets]) {
      if (target.instance !== instance) continue
      target.size = 0
      this.#settle(turn, cause, key, target)
      if (!target.order) this.#forget(key, target)
    }
  }

  /** What kept quotes from leaving may be gone: those of these tokens (all, where none is named) are tried again. */
  retry(turn: Turn, cause: number, tokens?: ReadonlySet<number>): void {
    for (const [key, target] of this.targets)
      if (!target.order && (!tokens || tokens.has(target.token)))
        this.#settle(turn, cause, key, target)
  }

  /** Quotes of tokens whose books may not be traded leave the market. */
  pull(turn: Turn, of: { cause: number; why: CancelReason }, isPulled: (of: Target) => boolean) {
    for (const target of this.targets.values())
      if (target.order && isPulled(target)) this.#orders.cancel(turn, target.order, of)
  }

  /** An order is closed: its target may have another now. */
  closed(turn: Turn, order: Order, seq: number): void {
    if (order.action !== 'quote') return
    const key = keyOf({ instance: order.owner, token: order.token, side: order.side })
    const target = this.targets.get(key)
    if (target?.order?.id !== order.id) return
    target.order = undefined
    if (order.result === 'rejected') target.isBlocked = true
    if (target.size === 0) this.#forget(key, target)
    else this.#settle(turn, seq, key, target)
  }

  /** The next quote that may be replaced. */
  deadline(soonest: Deadline): Deadline {
    for (const key of this.#delayed) {
      const target = this.targets.get(key)
      if (!target?.order || target.order.cancels > 0) continue
      const dueUs = this.#replaceableUs(target.order)
      if (dueUs < soonest.dueUs) soonest = { dueUs, cause: target.seq }
    }
    return soonest
  }

  /** Quotes that had to wait move now. */
  ticked(turn: Turn): void {
    for (const key of [...this.#delayed]) {
      const target = this.targets.get(key)
      if (target?.order && turn.tUs < this.#replaceableUs(target.order)) continue
      this.#delayed.delete(key)
      if (target) this.#settle(turn, turn.input.seq, key, target)
    }
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { targets, isClosed } = this
    return { targets, isClosed, numbers: this.#numbers, delayed: this.#delayed }
  }

  load({ targets, isClosed, numbers, delayed }: ReturnType<Quotes['save']>): void {
    this.isClosed = isClosed
    for (const [key, target] of targets) {
      // The order is the one that the book of orders has, not a copy of it.
      const order = target.order && this.#orders.all.get(target.order.id)
      this.#keep(key, { ...target, order })
    }
    for (const [instance, of] of numbers) this.#numbers.set(instance, of)
    for (const key of delayed) this.#delayed.add(key)
  }

  #keep(key: string, target: Target): void {
    const { token } = target
    if (!this.targets.has(key)) this.#perToken.set(token, (this.#perToken.get(token) ?? 0) + 1)
    this.targets.set(key, target)
    this.changed.add(token)
  }

  #forget(key: string, { token }: Target): void {
    if (!this.targets.delete(key)) return
    const left = (this.#perToken.get(token) ?? 0) - 1
    if (left > 0) this.#perToken.set(token, left)
    else this.#perToken.delete(token)
    this.changed.add(token)
  }

  #settle(turn: Turn, cause: number, key: string, target: Target): void {
    const { order } = target
    if (!order) {
      if (target.size > 0 && !target.isBlocked && !this.isClosed) this.#place(turn, cause, target)
      return
    }
    if (order.cancels > 0) return
    const left = order.size - order.filled
    const fits = target.price === order.limit && left <= target.size && left * 2 >= target.size
    if (target.size > 0 && fits) {
      this.#delayed.delete(key)
      return
    }
    const isLess = target.size === 0 || (target.price === order.limit && left > target.size)
    if (!isLess && turn.tUs < this.#replaceableUs(order)) {
      this.#delayed.add(key)
      return
    }
    this.#delayed.delete(key)
    const why = target.size === 0 ? 'target-pulled' : 'target-moved'
    this.#orders.cancel(turn, order, { cause, why })
  }

  #replaceableUs({ placedUs }: Order): number {
    return placedUs + this.#orders.config.requote_min_ms * 1_000
  }

  #place(turn: Turn, cause: number, target: Target): void {
    const { instance, scope, token, side } = target
    const number = this.#nextNumber(instance, turn.ordinal)
    const id = `q${turn.ordinal}-${instance}.${number.n + 1}`
    const gated = this.#gate(turn, target, id)
    if ('reasons' in gated) {
      const said = gated.reasons.join()
      if (said === target.refused) return
      target.refused = said
      const { reasons } = gated
      turn.decide(cause, QuoteRefused.make({ instance, token, side, reasons }))
      return
    }
    number.n++
    target.refused = ''
    target.order = this.#orders.place(turn, cause, {
      ...{ id, owner: instance, action: 'quote', leg: 0, attempt: 1, actionAttempt: 1 },
      ...{ scope, token, side, limit: target.price, size: gated.size, bucket: 'thin' },
      tif: 'GTC',
      isPostOnly: true,
      untilUs: Number.POSITIVE_INFINITY,
    })
  }

  /** Numbers begin anew with each ordinal, so that they are other instances' business as little as earlier quotes. */
  #nextNumber(instance: string, ordinal: number): { ordinal: number; n: number } {
    const known = this.#numbers.get(instance)
    if (known?.ordinal === ordinal) return known
    const fresh = { ordinal, n: 0 }
    this.#numbers.set(instance, fresh)
    return fresh
  }
}

const keyOf = (of: { instance: string; token: number; side: Side }): string =>
  `${of.instance}|${of.token}|${of.side}`
