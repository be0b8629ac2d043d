import type { SignalLeg } from '#schemas/events/signal.js'
import type { Bucket, Stop, Withheld } from '#schemas/reasons.js'
import type { Quote } from '#engine/core/quote.js'
import type { Turn } from '#engine/core/turn.js'
import type { Order } from './order.js'
import type { QuoteGate } from './quotes.js'
import type { ProvisionalFill } from './settlements.js'

/** What the book-keeping of orders asks of the rest of the engine. */
export interface OrdersPort {
  readonly trip: (
    turn: Turn,
    of: { cause: number; why: Stop; detail: string; scope: string },
  ) => void
  /** The exchange took the order; `isLate`: only after it was asked about. */
  readonly accepted: (turn: Turn, order: Order, of: { cause: number; isLate: boolean }) => void
  readonly rejected: (turn: Turn, order: Order, cause: number) => void
  /** Books a fill. Answers the cost that it added to the position (a buy) or released from it (a sell), 1e-6 dollar. */
  readonly booked: (
    turn: Turn,
    order: Order,
    fill: { price: number; size: number; cash: number; fee: number },
  ) => number
  /** A fill is taken back, whose ever it was; `seq` is its `FillVoided`. */
  readonly voided: (turn: Turn, fill: ProvisionalFill, seq: number) => void
  /** Why an order that was signed must not leave now; undefined where it may. */
  readonly withheld: (order: Order) => Withheld | undefined
  /** The order is over: `seq` is its `OrderClosed`. */
  readonly closed: (turn: Turn, order: Order, seq: number) => void
}

/** What the OMS asks of the rest of the engine; `engine/run` hands it in, so that this room knows no other. */
export interface OmsPort extends Omit<OrdersPort, 'closed'> {
  readonly isStopped: (scope: string) => boolean
  readonly quote: (token: number) => Quote
  /** An order that is no leg is over: what it reserved is free again, unless nobody knows what became of it. */
  readonly over: (turn: Turn, order: Order) => void
  /** Whether the market of a token is decided: it takes no orders, and what was held is paid. */
  readonly isOver: (token: number) => boolean
  /** The signal is over. An unknown one keeps its reservation: it counts as full exposure. */
  readonly settled: (turn: Turn, of: Settled) => void
  /** What the first leg of a signal bought shall become the tokens of the others; `Oms.converted` says what came of it. */
  readonly convert: (
    turn: Turn,
    cause: number,
    of: { signal: string; scope: string; gives: number; takes: readonly number[]; size: number },
  ) => void
  /** Risk's word on a quote that would leave now. */
  readonly gateQuote: QuoteGate
}

/** How a signal ended. */
export interface Settled {
  readonly signal: string
  readonly scope: string
  readonly isKnown: boolean
  /** Sequence number of the `LegsSettled`. */
  readonly seq: number
  /** Cash less fees, each complete set counted as the dollar that it will pay; 1e-6 dollar. */
  readonly pnl: number
  /** Whether it bought anything. */
  readonly isTraded: boolean
  readonly tokens: readonly number[]
  /** Complete sets that are held, 1e-6 share. */
  readonly matched: number
}

/** An approved signal, as the gate hands it over. */
export interface Approved {
  readonly signal: string
  readonly scope: string
  /** The markets of its legs, each once. */
  readonly markets: readonly number[]
  readonly bucket: Bucket
  /** Expected net edge in bps. */
  readonly edge: number
  readonly legs: readonly SignalLeg[]
  /** Per leg: what its first asks hold. The thinnest is fired first. */
  readonly topDepth: readonly number[]
  /** Whether what the first leg buys is to become the tokens of the others, which are then sold. */
  readonly converts: boolean
  /** Sequence number of the `IntentApproved`. */
  readonly seq: number
}
