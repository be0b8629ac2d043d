import {
  CancelRefused,
  FillReported,
  HoldingsReported,
  OpenOrdersReported,
  OrderAcknowledged,
  OrderCancelled,
  OrderRejected,
  OrderStatusReported,
} from '#schemas/events/order.js'
import { BID } from '#schemas/levels.js'
import { costOf, price, proceedsOf, shares, usdc } from '#schemas/units.js'
import type { CancelOrder, SendOrder } from '#engine/core/effects.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { AnswerEvent, Request } from '../gateway.js'
import type { VenueGateway } from '../venue-gateway.js'
import { keyedBelow } from '../sim/keyed-random.js'

/** How often things go wrong, in bps of orders or answers; times in ms. All of it is keyed by seed and order. */
export interface LoopbackFaults {
  /** Requests that never arrive. */
  readonly lostBps: number
  /** Answers that never arrive; what they say is still true. */
  readonly answerLostBps: number
  /** Answers that come late. */
  readonly lateBps: number
  readonly lateMs: number
  /** Orders that are refused. */
  readonly rejectBps: number
  /** Reports of fills that come twice. */
  readonly twiceBps: number
  /** Orders whose first fill is told before they are acknowledged. */
  readonly fillFirstBps: number
  /** Cancels that a fill crosses on its way. */
  readonly crossedBps: number
  /** Longest time between two partial fills of an order that rests. */
  readonly partialMs: number
  readonly latencyMs: number
}

/** No faults at all. */
export const FAULTLESS: LoopbackFaults = {
  ...{ lostBps: 0, answerLostBps: 0, lateBps: 0, lateMs: 0, rejectBps: 0, twiceBps: 0 },
  ...{ fillFirstBps: 0, crossedBps: 0, partialMs: 20_000, latencyMs: 40 },
}

interface Fill {
  readonly trade: string
  readonly size: number
}

interface VenueOrder {
  readonly order: SendOrder
  readonly fills: Fill[]
  filled: number
  state: 'open' | 'closed' | 'expired'
}

const [LOST, ANSWER, LATE, REJECT, TWICE, FIRST, CROSSED, PART, GAP] = [1, 2, 3, 4, 5, 6, 7, 8, 9]

/**
 * An exchange in this process that stands in for a real one: it lives by the clock, not by the engine. Orders fill in parts
 * over minutes, answers are lost, come late, twice or in another order, fills cross cancels, and it goes on while the engine
 * is down. What it holds is the truth that an engine's belief is compared with.
 */
export class LoopbackVenue {
  readonly orders = new Map<string, VenueOrder>()
  readonly positions = new Map<number, number>()
  /** 1e-6 dollar. */
  cash = 0
  /** Orders that came more than once: there must be none. */
  readonly repeated: string[] = []
  readonly strangers = new Set<string>()
  /** What goes wrong from now on: a test may change the script while it runs. */
  faults: LoopbackFaults
  readonly #clock: WallClock
  readonly #seed: number
  #hear: ((cause: number, event: AnswerEvent) => void) | undefined
  #counter = 0

  constructor(of: { clock: WallClock; seed: number; faults?: Partial<LoopbackFaults> }) {
    this.#clock = of.clock
    this.#seed = of.seed
    this.faults = { ...FAULTLESS, ...of.faults }
  }

  /** A connection for one life of the engine; an earlier one hears nothing any more. */
  connect(): VenueGateway {
    this.#hear = undefined
    let isOwn = true
    const connection: VenueGateway = {
      listen: ({ hear }) => {
        this.#hear = (cause, event) => {
          if (isOwn) hear(cause, event)
        }
      },
      send: request => {
        if (isOwn) this.#received(request)
      },
    }
    this.#disconnect = () => {
      isOwn = false
    }
    return connection
  }

  /** The engine is gone: what is told now is told to nobody. */
  disconnect(): void {
    this.#disconnect()
    this.#hear = undefined
  }
  #disconnect: () => void = () => undefined

  /** Whether nothing of ours is open. */
  get isFlat(): boolean {
    return [...this.orders.values()].every(({ state }) => state !== 'open')
  }

  #received(request: Request): void {
    const key = 'order' in request ? `${request.tag} ${request.order}` : request.tag
    if (this.#draw(`${key} ${this.#counter++}`, LOST) < this.faults.lostBps) return
    this.#later(this.faults.latencyMs / 2, () => {
      this.#serve(request)
    })
  }

  #serve(request: Request): void {
    switch (request.tag) {
      case 'SendOrder':
        this.#take(request)
        return
      case 'Convert': // no run at a venue asks for it
      case 'SubmitOrder': // it takes orders unsigned
        return
      case 'CancelEverything':
        for (const [order, { state }] of this.orders)
          if (state === 'open')
            this.#cancel({
              tag: 'CancelOrder',
              order,
              venueOrder: '',
              request: 0,
              seq: request.seq,
            })
        return
      case 'CancelOrder':
        this.#cancel(request)
        return
      case 'CancelStranger':
        this.strangers.delete(request.venueOrder)
        return
      case 'QueryOrder':
        this.#report(request.order, request.seq)
        return
      case 'RequestHoldings': {
        const held = [...this.positions].filter(([, size]) => size !== 0).sort(([a], [b]) => a - b)
        const positions = held.map(([token, size]) => [token, shares(size)] as const)
        this.#tell(request.seq, HoldingsReported.make({ cash: usdc(this.cash), positions }))
        return
      }
      case 'RequestOpenOrders': {
        const open = [...this.orders].filter(([, { state }]) => state === 'open')
        const orders = open.map(([id]) => id)
        this.#tell(request.seq, OpenOrdersReported.make({ orders, strangers: [...this.strangers] }))
      }
    }
  }

  #take(order: SendOrder): void {
    const { order: id, seq, size, tif } = order
    if (this.orders.has(id)) {
      this.repeated.push(id)
      return
    }
    if (this.#draw(id, REJECT) < this.faults.rejectBps) {
      this.#tell(
        seq,
        OrderRejected.make({ order: id, reason: 'venue-refused', detail: 'scripted' }),
      )
      return
    }
    const kept: VenueOrder = { order, fills: [], filled: 0, state: 'open' }
    this.orders.set(id, kept)
    const rests = tif === 'GTC' || tif === 'GTD'
    const part = rests || order.isPostOnly ? 0 : this.#partOf(id, size)
    const fill = part > 0 ? this.#fill(kept, part) : undefined
    if (!rests) kept.state = 'closed'
    const filled = shares(kept.filled)
    const ack = OrderAcknowledged.make({ order: id, venueOrder: `v-${id}`, filled })
    if (fill && this.#draw(id, FIRST) < this.faults.fillFirstBps) this.#tellFill(kept, fill)
    this.#tell(seq, ack)
    if (fill) this.#tellFill(kept, fill)
    if (!rests) return
    this.#fillLater(kept)
    if (tif === 'GTD')
      this.#clock.wakeAt(order.untilUs, () => {
        if (kept.state !== 'open') return
        kept.state = 'expired'
        this.#tellCancelled(kept, seq, 'expired')
      })
  }

  #cancel({ order: id, seq }: CancelOrder): void {
    const kept = this.orders.get(id)
    if (kept?.state !== 'open') {
      this.#tell(seq, CancelRefused.make({ order: id, detail: 'not in the book' }))
      return
    }
    if (this.#draw(id, CROSSED) < this.faults.crossedBps) {
      const fill = this.#fill(kept, this.#partOf(`${id} crossed`, kept.order.size - kept.filled))
      if (fill)
        this.#later(this.faults.latencyMs, () => {
          this.#tellFill(kept, fill) // told after the cancel
        })
    }
    kept.state = 'closed'
    this.#tellCancelled(kept, seq, 'requested')
  }

  #tellCancelled(kept: VenueOrder, seq: number, why: 'requested' | 'expired'): void {
    const filled = shares(kept.filled)
    this.#tell(seq, OrderCancelled.make({ order: kept.order.order, filled, why, detail: '' }))
  }

  /** What became of an order, and every fill of it once more. */
  #report(id: string, seq: number): void {
    const kept = this.orders.get(id)
    const filled = shares(kept?.filled ?? 0)
    const state = !kept ? 'not-found' : kept.state === 'open' ? 'resting' : 'closed'
    this.#tell(seq, OrderStatusReported.make({ order: id, state, filled }))
    for (const fill of kept?.fills ?? []) if (kept) this.#tellFill(kept, fill)
  }

  /** The next part of an order that rests, some time from now. */
  #fillLater(kept: VenueOrder): void {
    const { order, fills } = kept
    const key = `${order.order} ${fills.length}`
    const gap = 1 + this.#drawBelow(key, GAP, this.faults.partialMs)
    this.#later(gap, () => {
      if (kept.state !== 'open') return
      const fill = this.#fill(kept, this.#partOf(key, order.size - kept.filled))
      if (fill) this.#tellFill(kept, fill)
      if (kept.filled === order.size) kept.state = 'closed'
      else this.#fillLater(kept)
    })
  }

  #fill(kept: VenueOrder, size: number): Fill | undefined {
    const { token, side, limit, order: id } = kept.order
    if (size <= 0) return undefined
    const fill = { trade: `${id}/t${kept.fills.length + 1}`, size }
    kept.fills.push(fill)
    kept.filled += size
    const isBuy = side === BID
    this.positions.set(token, (this.positions.get(token) ?? 0) + (isBuy ? size : -size))
    this.cash += isBuy ? 0 - costOf(limit, size) : proceedsOf(limit, size)
    return fill
  }

  #tellFill({ order: { order, token, side, limit, tif, seq } }: VenueOrder, fill: Fill): void {
    const { trade, size } = fill
    const maker = tif === 'GTC' || tif === 'GTD'
    const of = { order, trade, token, side, price: price(limit), size: shares(size), fee: usdc(0) }
    this.#tell(seq, FillReported.make({ ...of, maker }))
    if (this.#draw(`${trade} twice`, TWICE) < this.faults.twiceBps)
      this.#tell(seq, FillReported.make({ ...of, maker }))
  }

  #tell(cause: number, event: AnswerEvent): void {
    const key = `answer ${this.#counter++}`
    const { answerLostBps, lateBps, lateMs, latencyMs } = this.faults
    if (this.#draw(key, ANSWER) < answerLostBps) return
    const extra = this.#draw(key, LATE) < lateBps ? this.#drawBelow(key, LATE, lateMs + 1) : 0
    const hear = this.#hear
    this.#later(latencyMs / 2 + extra, () => {
      // What was said to a connection that is gone is gone with it.
      if (hear && hear === this.#hear) hear(cause, event)
    })
  }

  #partOf(key: string, most: number): number {
    const tenths = 1 + this.#drawBelow(key, PART, 10)
    const part = Math.floor((most * tenths) / 10)
    return part - (part % 10_000)
  }

  #later(ms: number, call: () => void): void {
    this.#clock.wakeAt(this.#clock.nowUs() + Math.round(ms * 1_000), call)
  }

  #draw(key: string, salt: number): number {
    return keyedBelow({ seed: this.#seed, key, salt }, 10_000)
  }

  #drawBelow(key: string, salt: number, below: number): number {
    return below <= 0 ? 0 : keyedBelow({ seed: this.#seed, key, salt }, Math.min(below, 1 << 20))
  }
}
