import type { Event } from '#schemas/registry.js'

/** Whose an order is. */
export interface Owner {
  readonly strategy: string
  /** Market of the signal's first leg; undefined where the order belongs to no signal. */
  readonly market?: number
  /** The event whose outcomes the signal's legs are; empty for none. */
  readonly group: string
}

/** Orders that are over and remembered, for fills that are told late; the oldest give way. */
const OVER_MAX = 4_096

/** Which strategy an order belongs to: that of its signal, or of the instance that quotes or trades by single orders. */
export class Owners {
  readonly #signals = new Map<string, Owner>()
  /** Strategy of each instance. */
  readonly #instances = new Map<string, string>()
  /** Orders of instances. Those of signals name their signal. */
  readonly #orders = new Map<string, Owner>()
  readonly #over: string[] = []

  take(event: Event): void {
    switch (event.type) {
      case 'RunStarted':
      case 'ConfigChanged': {
        // The configuration names them all; `RunStarted` names them too, but not in the oldest logs, nor in a pass of a sweep.
        const { names = [], instances = [] } = event.data.config.strategy ?? {}
        for (const name of names) this.#instances.set(name, name)
        for (const { id, strategy } of instances) this.#instances.set(id, strategy)
        return
      }
      case 'SignalRaised': {
        const { signal, strategy, market, group = '' } = event.data
        this.#signals.set(signal, { strategy, market, group })
        return
      }
      case 'IntentRefused':
      case 'DedupSignal':
      case 'SignalDropped':
        this.#forget(event.data.signal)
        return
      case 'LegsSettled':
        // The orders of an unknown one may still fill.
        if (event.data.result !== 'unknown') this.#forget(event.data.signal)
        return
      case 'OrderPlaced': {
        const { order, signal } = event.data
        const strategy = this.#signals.has(signal) ? undefined : this.#instances.get(signal)
        if (strategy !== undefined) this.#orders.set(order, { strategy, group: '' })
        return
      }
      case 'OrderClosed':
        if (this.#orders.has(event.data.order)) this.#forget(event.data.order)
        return
      default:
    }
  }

  /** Of a signal, by its id; undefined where nobody raised it, or long ago. */
  ofSignal(signal: string): Owner | undefined {
    return this.#signals.get(signal)
  }

  /** Of an order, by its id; undefined for the operator's. */
  ofOrder(order: string): Owner | undefined {
    return this.#orders.get(order) ?? this.#signals.get(signalOf(order))
  }

  /** What ended is remembered for a while: what follows it finds it. */
  #forget(id: string): void {
    this.#over.push(id)
    if (this.#over.length <= 2 * OVER_MAX) return
    for (const oldest of this.#over.splice(0, OVER_MAX)) {
      this.#orders.delete(oldest)
      this.#signals.delete(oldest)
    }
  }
}

/** `<signal>.<leg>.<attempt>` names its signal. */
export const signalOf = (order: string): string => order.split('.')[0] ?? ''
