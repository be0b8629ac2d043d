import type { Recorded } from '#schemas/recorded.js'
import type { OrderResult, Settlement } from '#schemas/reasons.js'
import { ASK, type Side } from '#schemas/levels.js'

/** One order of a run, as its log tells it. Times in µs since the epoch, undefined while it has not come to that. */
export interface OrderTold {
  readonly order: string
  readonly side: 'buy' | 'sell'
  /** 1e-4 dollar, 1e-6 share. */
  readonly limit: number
  readonly size: number
  readonly placedUs: number
  /** The id that we derived when we signed it, and the one that the venue gave. */
  hash: string
  venueOrder: string
  signedUs?: number
  ackedUs?: number
  /** The venue's word against it. */
  refusal: string
  filled: number
  /** Cash before fees (a cost is negative), and fees, 1e-6 dollar. */
  cash: number
  fee: number
  cancelUs?: number
  cancelledUs?: number
  closedUs?: number
  result?: OrderResult
  /** By trade: how far the settlement of its fills is. */
  readonly settlements: Map<string, Settlement>
}

/** What is told of the orders of one instance, in the order in which they were placed. */
export class OrderStory {
  readonly orders: OrderTold[] = []
  /** Why risk does not let the next one out, as it said last. */
  refused: readonly string[] = []
  /** Why trading stopped; empty while it goes on. */
  stopped = ''
  /** Conditions of the venue that hold. */
  readonly conditions = new Set<string>()
  /** Those that ever held. */
  readonly met = new Set<string>()
  readonly #instance: string
  readonly #byId = new Map<string, OrderTold>()

  constructor(instance: string) {
    this.#instance = instance
  }

  /** Takes the events of a turn. */
  take(turn: readonly Recorded[]): void {
    for (const row of turn) this.#one(row)
  }

  #one({ tUs, event }: Recorded): void {
    switch (event.type) {
      case 'OrderPlaced':
        if (event.data.signal === this.#instance) this.#placed(tUs, event.data)
        return
      case 'QuoteRefused':
        this.refused = event.data.reasons
        return
      case 'HardStopTripped':
        this.stopped = `${event.data.why}: ${event.data.detail}`
        return
      case 'VenueConditionReported':
        if (event.data.active) {
          this.conditions.add(event.data.condition)
          this.met.add(event.data.condition)
        } else this.conditions.delete(event.data.condition)
        return
      default: {
        if (!('order' in event.data)) return
        const told = this.#byId.get(event.data.order)
        if (told) about(told, tUs, event)
      }
    }
  }

  #placed(
    placedUs: number,
    of: {
      readonly order: string
      readonly side: Side
      readonly limit: number
      readonly size: number
    },
  ): void {
    const { order, limit, size } = of
    const told: OrderTold = {
      ...{ order, limit, size, placedUs, side: of.side === ASK ? 'sell' : 'buy' },
      ...{ hash: '', venueOrder: '', refusal: '', filled: 0, cash: 0, fee: 0 },
      settlements: new Map(),
    }
    this.refused = []
    this.orders.push(told)
    this.#byId.set(order, told)
  }
}

/** One event about an order. */
function about(told: OrderTold, tUs: number, event: Recorded['event']): void {
  switch (event.type) {
    case 'OrderSigned':
      told.signedUs = tUs
      told.hash = event.data.venueOrder
      return
    case 'OrderAcknowledged':
      told.ackedUs ??= tUs
      told.venueOrder = event.data.venueOrder
      return
    case 'OrderRejected':
      told.refusal = `${event.data.reason}: ${event.data.detail}`
      return
    case 'OrderWithheld':
      told.refusal = `it was held back: ${event.data.why}`
      return
    case 'OrderFilled':
      told.filled += event.data.size
      told.cash += event.data.cash
      told.fee += event.data.fee
      told.settlements.set(tradeOf(event.data.trade), 'matched')
      return
    case 'SettlementReported':
      told.settlements.set(tradeOf(event.data.trade), event.data.state)
      return
    case 'CancelRequested':
      told.cancelUs ??= tUs
      return
    case 'OrderCancelled':
      told.cancelledUs ??= tUs
      return
    case 'OrderClosed':
      told.closedUs = tUs
      told.result = event.data.result
      return
    default:
  }
}

/** The venue's trade of a fill: what several resting orders gave has one part each behind a slash. */
const tradeOf = (trade: string): string => trade.split('/')[0] ?? trade

/** An order for `--json`: money and sizes in 1e-6, prices in 1e-4 dollar, times in ms. */
export function jsonOf(told: OrderTold): Readonly<Record<string, unknown>> {
  const { order, side, hash, refusal, filled, cash, fee } = told
  return {
    ...{ order, side, priceE4: told.limit, sizeMicro: told.size, hash },
    ...{ result: told.result ?? 'open', filledMicro: filled, cashMicro: cash, feeMicro: fee },
    settled: [...told.settlements.values()],
    ...(refusal !== '' && { refusal }),
  }
}
