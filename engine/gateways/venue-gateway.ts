import type { TimeInForce } from '#schemas/reasons.js'
import type { Side } from '#schemas/levels.js'
import type { Native } from '#engine/core/instruments.js'
import type { AnswerEvent, Gateway, Request } from './gateway.js'

/** A token as orders of it have to know it. */
export interface VenueInstrument extends Native {
  /** Price grid now, 1e-4 dollar. */
  readonly tick: number
  /** What a fill at a price (1e-4 dollar) of a size (1e-6 share) is charged, 1e-6 dollar. */
  readonly takerFee: (at: number, size: number) => number
  readonly makerFee: (at: number, size: number) => number
}

/** An order that the run placed before this life of the process. */
export interface VenueOrder {
  readonly order: string
  /** The venue's id of it; empty where it was never signed. */
  readonly venueOrder: string
  readonly token: number
  readonly side: Side
  readonly tif: TimeInForce
  /** Sequence number of its `OrderPlaced`, and when that was, µs. */
  readonly seq: number
  readonly placedUs: number
  readonly isOver: boolean
}

/** What a gateway is told when the run begins to hear it. */
export interface VenueSession {
  /** Where answers go, each with the sequence number of the decision that it answers. */
  readonly hear: (cause: number, event: AnswerEvent) => void
  readonly instrumentOf: (token: number) => VenueInstrument | undefined
  /** The run's number of a venue's token. */
  readonly tokenOf: (venue: string, key: string) => number | undefined
  readonly orders: readonly VenueOrder[]
}

/**
 * The way to an exchange outside of this process. Requests leave only after their decision is durable, once each, in the order
 * of the log; answers come when they come, any number for a request, and are recorded as inputs.
 */
export interface VenueGateway {
  /** Sends a request. Never throws: what goes wrong is an answer (a refusal, or an outcome that nobody knows). */
  readonly send: (request: Request, tUs: number) => void
  /** Whether `SendOrder` only signs an order, which is told as `OrderSigned` and leaves with `SubmitOrder`. */
  readonly isSigning?: boolean
  /** Trading has stopped in this very moment: what is signed and has not left stays here. */
  readonly withhold?: () => void
  /**
   * Begins to tell answers. Those that came before somebody listened are kept, and told first.
   */
  readonly listen: (session: VenueSession) => void
  /** Lets go of connections and timers; nothing is told afterwards. */
  readonly close?: () => Promise<void>
}

/** A venue as the engine's loop sees it: nothing of it is ever due, since what it answers is received. */
export const asGateway = (venue: VenueGateway): Gateway => ({
  leavesProcess: true,
  isSigning: venue.isSigning ?? false,
  withhold: () => {
    venue.withhold?.()
  },
  dueUs: Number.POSITIVE_INFINITY,
  send: (request, tUs) => {
    venue.send(request, tUs)
  },
  take: () => undefined,
  observe: () => undefined,
  save: () => undefined,
  load: () => undefined,
})
