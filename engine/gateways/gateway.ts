import type { EventOf, TypeName, TYPES } from '#schemas/registry.js'
import type { Event } from '#schemas/registry.js'
import type { Effect, RequestSnapshot } from '#engine/core/effects.js'

type AnswerName = {
  [N in TypeName]: (typeof TYPES)[N]['kind'] extends 'answer' ? N : never
}[TypeName]

/** What an exchange may answer: the inputs of kind `answer`. */
export type AnswerEvent = { [N in AnswerName]: EventOf<N> }[AnswerName]

/** What a gateway is asked for: all that the engine asks of the world but snapshots, which the feed fetches. */
export type Request = Exclude<Effect, RequestSnapshot>

/** One answer with the time it is due and the order it belongs to. */
export interface Answer {
  readonly dueUs: number
  /** The order that it is about; empty for none. */
  readonly order: string
  /** Sequence number of the decision that it answers. */
  readonly cause: number
  readonly event: AnswerEvent
}

/** What an exchange has to be told of the feed, token by token. Resolutions and configurations it is told in any case. */
export interface GatewayInterest {
  /** Tokens of which it may have changed. Who has read them empties it. */
  readonly changed: Set<number>
  /** Whether all of a token: something of ours rests in its book. */
  readonly isWhole: (token: number) => boolean
  /** Levels of a token, side and price in turn: their changes, and snapshots of the book. */
  readonly levelsOf: (token: number) => readonly number[]
}

/**
 * What we ask of the world, as the runner sees it: effects go in, answers come out as inputs with a due time. Answers
 * come in the order of (due, order id); those of one order in the order they were made. A simulated exchange is a pure
 * fold behind this, so that no scheduling decides an order of fills.
 */
export interface Gateway {
  /** False for an exchange inside this process: its orders may be taken before their line is durable. */
  readonly leavesProcess: boolean
  /** Whether `SendOrder` only signs an order, which leaves with `SubmitOrder`: nothing has to be durable for that. */
  readonly isSigning?: boolean
  /** Trading has stopped in this very moment: what is signed and has not left must stay. To hold back needs no durable line. */
  readonly withhold?: () => void
  readonly send: (request: Request, tUs: number) => void
  /** When the next answer is due, in µs; Infinity for none. */
  readonly dueUs: number
  /** Takes the next answer, or moves on where nothing comes of what was due; to be called only when `dueUs` is finite. */
  readonly take: () => Answer | undefined
  /** What of the feed `observe` has to be told; absent where it is nothing. */
  readonly interest?: GatewayInterest
  /** Tells the exchange what the feed said and when (µs), before the engine is told: all but what `interest` leaves out. */
  readonly observe: (event: Event, tUs: number) => void
  /** All that it remembers, for a checkpoint: plain values, maps and sets. */
  readonly save: () => unknown
  /** Takes up what `save` of the same exchange gave. */
  readonly load: (saved: unknown) => void
}
