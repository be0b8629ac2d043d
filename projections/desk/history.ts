import type { Recorded } from '#schemas/recorded.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { signalOf } from '../owners.js'

/** Most signals, and most orders, that are remembered; the oldest give way, and are counted. */
export const RECORDS_MAX = 500_000
/** What gives way at once, so that little is moved. */
const FORGET = 50_000

/** Where an event stands, when, and what it directly came of. */
export interface Place {
  readonly seq: number
  readonly tUs: number
  readonly cause: number
}

/** What became of a signal, step by step. */
export interface SignalStep extends Place {
  readonly state: 'queued' | 'approved' | 'refused' | 'dropped' | 'repeat' | 'settled'
  /** Why it was refused or dropped, what it repeats, or how it ended. */
  readonly reasons: readonly string[]
}

/** A signal and what became of it. */
export interface SignalRecord extends Place {
  readonly data: EventOf<'SignalRaised'>['data']
  readonly steps: SignalStep[]
}

/** What happened to an order: an event about it. */
export interface OrderStep extends Place {
  readonly event: OrderEvent
}

type OrderEvent = Extract<Event, { readonly data: { readonly order: string } }>

/** An order and what happened to it. */
export interface OrderRecord extends Place {
  readonly data: EventOf<'OrderPlaced'>['data']
  readonly strategy: string | undefined
  readonly steps: OrderStep[]
}

/** An operator's command as the log has it. */
export interface CommandRecord extends Place {
  readonly data: EventOf<'CommandGiven'>['data']
  /** Why an order of it did not leave. */
  refused?: readonly string[]
}

/**
 * What a run did, as lists that only grow: each entry knows the event that it came with, so that they show any moment of the run. Takes
 * every event but level changes and prints.
 */
export class History {
  readonly signals: SignalRecord[] = []
  readonly orders: OrderRecord[] = []
  readonly commands: CommandRecord[] = []
  /** Records that gave way. */
  forgotten = 0
  readonly #signals = new Map<string, SignalRecord>()
  readonly #orders = new Map<string, OrderRecord>()
  readonly #strategyOfInstance = new Map<string, string>()
  readonly #bySeq = new Map<number, CommandRecord>()

  take(row: Recorded): void {
    const { seq, tUs, cause, event } = row
    switch (event.type) {
      case 'RunStarted':
      case 'ConfigChanged': {
        const { names = [], instances = [] } = event.data.config.strategy ?? {}
        for (const name of names) this.#strategyOfInstance.set(name, name)
        for (const { id, strategy } of instances) this.#strategyOfInstance.set(id, strategy)
        return
      }
      case 'CommandGiven': {
        const record = { seq, tUs, cause, data: event.data }
        this.commands.push(record)
        this.#bySeq.set(seq, record)
        this.#bound(this.commands, ({ seq: old }) => this.#bySeq.delete(old))
        return
      }
      case 'QuoteRefused': {
        const command = this.#bySeq.get(cause)
        if (command) command.refused = event.data.reasons
        return
      }
      case 'SignalRaised': {
        const record = { seq, tUs, cause, data: event.data, steps: [] }
        this.signals.push(record)
        this.#signals.set(event.data.signal, record)
        this.#bound(this.signals, ({ data }) => this.#signals.delete(data.signal))
        return
      }
      case 'OrderPlaced': {
        const strategy = this.strategyOf(event.data.signal)
        const record = { seq, tUs, cause, data: event.data, strategy, steps: [] }
        this.orders.push(record)
        this.#orders.set(event.data.order, record)
        this.#bound(this.orders, ({ data }) => this.#orders.delete(data.order))
        return
      }
      default:
        this.#step(row, event)
    }
  }

  /** A signal by its id. */
  signal(id: string): SignalRecord | undefined {
    return this.#signals.get(id)
  }

  /** An order by its id. */
  order(id: string): OrderRecord | undefined {
    return this.#orders.get(id)
  }

  /** The strategy of a signal, an instance or an order of either; undefined for the operator's. */
  strategyOf(id: string): string | undefined {
    const owner = signalOf(id)
    return (
      this.#signals.get(owner)?.data.strategy ??
      this.#strategyOfInstance.get(owner) ??
      this.#orders.get(id)?.strategy
    )
  }

  #step({ seq, tUs, cause }: Recorded, event: Event): void {
    if ('order' in event.data) {
      const step = { seq, tUs, cause, event: event as OrderEvent } // it has an order: that is what makes it one
      this.#orders.get(event.data.order)?.steps.push(step)
      return
    }
    const said = stateOf(event)
    if (said) this.#signals.get(said.signal)?.steps.push({ seq, tUs, cause, ...said.step })
  }

  #bound<T>(list: T[], forget: (record: T) => void): void {
    if (list.length <= RECORDS_MAX) return
    for (const record of list.splice(0, FORGET)) forget(record)
    this.forgotten += FORGET
  }
}

/** What an event says about a signal. */
function stateOf(
  event: Event,
): { signal: string; step: Pick<SignalStep, 'state' | 'reasons'> } | undefined {
  const of = (
    signal: string,
    state: SignalStep['state'],
    reasons: readonly string[] = [],
  ): ReturnType<typeof stateOf> => ({ signal, step: { state, reasons } })
  switch (event.type) {
    case 'SignalQueued':
      return of(event.data.signal, 'queued')
    case 'IntentApproved':
      return of(event.data.signal, 'approved')
    case 'IntentRefused':
      return of(event.data.signal, 'refused', event.data.reasons)
    case 'SignalDropped':
      return of(event.data.signal, 'dropped', [event.data.reason])
    case 'DedupSignal':
      return of(event.data.signal, 'repeat', [event.data.repeats])
    case 'LegsSettled':
      return of(event.data.signal, 'settled', [event.data.result])
    default:
      return undefined
  }
}

/** How many entries of a list, which rise by `seq`, were there behind an event. */
export function countAt(list: readonly { readonly seq: number }[], seq: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.seq <= seq) low = middle + 1
    else high = middle
  }
  return low
}
