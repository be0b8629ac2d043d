import type { Key } from '#schemas/config-codecs.js'
import type { SignalLeg } from '#schemas/events/signal.js'
import type { Side } from '#schemas/levels.js'
import type { OrderResult, Refusal, TimeInForce } from '#schemas/reasons.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import type { BookView } from '#engine/book/view.js'
import type { Trigger } from '#engine/book/trigger.js'

/** What a strategy is told. Times are those of the context; prices in 1e-4 dollar, sizes in 1e-6 share. */
export type StrategyEvent =
  /** Books of a market that it subscribes to have changed, or its trust in them. */
  | { readonly tag: 'book'; readonly market: MarketFacts }
  /** Books of a group of markets have changed. */
  | { readonly tag: 'group'; readonly group: GroupFacts }
  /** Others traded. `side` is the taker's. */
  | {
      readonly tag: 'trade'
      readonly token: number
      readonly side: Side
      readonly price: number
      readonly size: number
    }
  /** An order of its own rests in the exchange's book, or is over. */
  | {
      readonly tag: 'order'
      readonly order: string
      readonly token: number
      readonly side: Side
      readonly state: 'resting' | OrderResult
    }
  /** An order of its own was filled, in part or whole. */
  | {
      readonly tag: 'fill'
      readonly order: string
      readonly token: number
      readonly side: Side
      readonly price: number
      readonly size: number
    }
  /** Risk did not let a single order of its own out: nothing of it left, nothing is reserved. */
  | {
      readonly tag: 'refused'
      readonly token: number
      readonly side: Side
      readonly reasons: readonly Refusal[]
    }
  /** What its purse holds of a token is other than it was. */
  | { readonly tag: 'position'; readonly token: number; readonly size: number }
  /** A timer that it set has come. */
  | { readonly tag: 'timer'; readonly key: string }
  /** Slow data: a sample of a source outside of the books, a whole number in the source's unit. */
  | {
      readonly tag: 'reference'
      readonly source: string
      readonly name: string
      readonly value: number
    }

/** A complete set of legs: bought together or undone, by fire, chase and flatten. */
export interface Proposal {
  /** Market of the first leg. */
  readonly market: number
  /** The event whose outcomes the legs are; only for a basket. */
  readonly group?: string
  /** Shares of every leg, 1e-6. */
  readonly size: number
  /** 1e-6 dollar on the books as they stand, rounded up. */
  readonly cost: number
  readonly fee: number
  /** Expected net in bps of the payout, rounded down. */
  readonly edge: number
  readonly ttlMs: number
  readonly legs: readonly SignalLeg[]
  /** Whether what the first leg buys is to become the tokens of the others, which are then sold. */
  readonly converts?: boolean
  /** Whether it waits for the operator: it is recorded, and not traded by itself. */
  readonly isManual?: boolean
  /** What it went by besides prices, by name: recorded with the signal. */
  readonly used?: readonly (readonly [name: string, value: number])[]
}

/** What a strategy wants. Nothing of it is done before risk has let it through. */
export type Intent =
  | { readonly tag: 'set'; readonly proposal: Proposal }
  /** What shall rest on one side of a token from here on; size 0: nothing. The OMS holds what is in the market against it. */
  | {
      readonly tag: 'quote'
      readonly token: number
      readonly side: Side
      readonly price: number
      readonly size: number
    }
  /** One order of its own. */
  | {
      readonly tag: 'order'
      readonly token: number
      readonly side: Side
      readonly limit: number
      readonly size: number
      readonly tif: TimeInForce
      readonly post?: boolean
      /** End of a GTD order, µs. */
      readonly untilUs?: number
      /** What it is for, in a word: recorded with the order. */
      readonly purpose?: string
    }
  | { readonly tag: 'cancel'; readonly order: string }
  /** Tell me `key` at this time, in µs; instead of the time that this key had. Once. */
  | { readonly tag: 'timer'; readonly key: string; readonly atUs: number }

/** What a strategy may look at: books, facts, its purse, and the time of the input. No clock, no randomness. */
export interface Context {
  /** µs since the epoch. */
  readonly tUs: number
  readonly book: (token: number) => BookView
  /** Bits against a book; 0 is tradable. */
  readonly distrustOf: (token: number) => number
  readonly market: (id: number) => MarketFacts | undefined
  readonly marketOf: (token: number) => number | undefined
  /** Shares of a token in its purse, 1e-6. */
  readonly position: (token: number) => number
  /** Cash of its purse that nothing is reserved for, 1e-6 dollar. */
  readonly cash: () => number
}

/**
 * What it is told of. Books and groups come with a cheap test, which must hold wherever `on` would answer, or would remember
 * something that it did not: books of which it says no are never shown. It is asked again when the facts change, and `on` is
 * called once after the test has ceased to hold. No test for a market: it is never told of it as it is.
 */
export interface Subscriptions {
  readonly books?: (market: MarketFacts) => Trigger | undefined
  readonly groups?: (group: GroupFacts) => Trigger | undefined
  /** Trades of these markets. */
  readonly trades?: (market: MarketFacts) => boolean
  readonly orders?: boolean
  readonly fills?: boolean
  /** Of single orders. */
  readonly refusals?: boolean
  readonly positions?: boolean
  readonly references?: boolean
}

/** Nothing wanted. */
export const NONE: readonly Intent[] = []

/** A strategy as an instance runs it: its parameters are read, its memory is its own. */
export interface Running {
  readonly subscribes: Subscriptions
  readonly on: (event: StrategyEvent, context: Context) => readonly Intent[]
  /** All that it remembers, for a checkpoint: plain values, maps and sets. */
  readonly save: () => unknown
  /** Takes up what `save` of the same strategy gave. */
  readonly load: (saved: unknown) => void
}

/** Parameters by name, each with codec, default, unit and meaning. */
export type ParamTable = Readonly<Record<string, Key>>

/** A strategy as a value, its own types hidden: what the registry holds. */
export interface Strategy {
  readonly name: string
  readonly doc: string
  /** Grows with each change that may change a decision: stands in the log as the code of an instance. */
  readonly version: number
  readonly params: ParamTable
  /** Whether what it earns depends on the outcome: `strategy.safe_only` holds its signals back outside of shadow. */
  readonly isDirectional: boolean
  /** Digest of its compiled code where it came from a file, hex: stands in the log behind the version. Absent: built in. */
  readonly code?: string
  /** Starts an instance with parameters that fit `params`. */
  readonly start: (params: unknown) => Running
}

/** A strategy as it is written: parameters `P` as `params` declares them, memory `M` of plain values, maps and sets. */
export interface StrategyOf<P, M> {
  readonly name: string
  readonly doc: string
  readonly version: number
  readonly params: ParamTable
  /** Absent: no, it is an arbitrage or a quoter. */
  readonly isDirectional?: boolean
  readonly subscribes: (params: P) => Subscriptions
  readonly init: (params: P) => M
  /**
   * Pure but for the memory, which is the instance's own and may be changed in place: the same events, parameters and
   * contexts give the same intents.
   */
  readonly on: (
    event: StrategyEvent,
    context: Context & { readonly params: P; readonly memory: M },
  ) => readonly Intent[]
}

/** Hides the types of a strategy, so that a registry can hold all of them. */
export function strategy<P, M>(of: StrategyOf<P, M>): Strategy {
  const { name, doc, version, params, isDirectional = false } = of
  return {
    name,
    doc,
    version,
    params,
    isDirectional,
    start: given => {
      // What `params` declares was decoded by its codecs before an instance is made of it.
      const own = given as P
      const frame = { params: own, memory: of.init(own) }
      // One object for all calls: the engine's context, with what is this instance's own.
      let seen: (Context & { params: P; memory: M }) | undefined
      return {
        subscribes: of.subscribes(own),
        on: (event, context) => {
          seen ??= Object.assign(Object.create(context) as Context, frame)
          return of.on(event, seen)
        },
        save: () => frame.memory,
        load: saved => {
          frame.memory = saved as M
          seen = undefined
        },
      }
    },
  }
}
