import type { SignalLeg } from '#schemas/events/signal.js'
import type { Action, Bucket, LegResult } from '#schemas/reasons.js'
import { BID, type Side } from '#schemas/levels.js'
import type { Order } from './order.js'

/** One leg of a signal that is being executed. Sizes in 1e-6 share, cash in 1e-6 dollar. */
export interface Leg {
  readonly plan: SignalLeg
  /** The most that it may ever pay. */
  readonly cap: number
  bought: number
  sold: number
  cash: number
  fee: number
  /** Orders so far; the next one's number is one more. */
  attempts: number
}

/** The execution of one approved signal: fire, chase, flatten, settled. Owned and changed by the OMS. */
export interface Execution {
  readonly signal: string
  /** Purse that it trades with. */
  readonly scope: string
  /** The markets of its legs, each once. */
  readonly markets: readonly number[]
  readonly bucket: Bucket
  readonly budgetBps: number
  readonly legs: readonly Leg[]
  /** Indices of `legs`, thinnest first. */
  readonly turns: readonly number[]
  phase: Action
  /** Whether what the first leg bought is to become the tokens of the others, which are then sold. */
  converts: 'no' | 'yes' | 'asked' | 'over'
  /** What that cost, 1e-6 dollar. */
  gas: number
  /** Place in `turns` (chase) or in the legs (flatten) that is being worked on. */
  at: number
  /** Attempts within this phase at this place. */
  tries: number
  /** Complete sets that are kept once flattening begins. */
  matched: number
  hasResidue: boolean
  /** The order of which nobody knows what became; empty for none. */
  unknown: string
  order: Order | undefined
}

/** Leg indices, thinnest first; equal ones by index. */
export function thinnestFirst(topDepth: readonly number[]): number[] {
  return topDepth.map((_, k) => k).sort((a, b) => topDepth[a]! - topDepth[b]! || a - b)
}

/** What is held of a leg. */
export const heldOf = ({ bought, sold }: Leg): number => bought - sold

/** What the leg at this place of the turns may buy in all: what each leg before it holds. */
export function targetAt({ legs, turns }: Execution, place: number): number {
  return turns
    .slice(0, place)
    .reduce((least, k) => Math.min(least, heldOf(legs[k]!)), Number.MAX_SAFE_INTEGER)
}

/** Complete sets held now. */
export const matchedOf = ({ legs }: Execution): number =>
  // A buy that was taken back after it was sold leaves less than nothing.
  Math.max(
    0,
    legs.reduce((least, leg) => Math.min(least, heldOf(leg)), Number.MAX_SAFE_INTEGER),
  )

/** Books a fill on its leg. */
export function fillLeg(
  leg: Leg,
  of: { side: Side; size: number; cash: number; fee: number },
): void {
  if (of.side === BID) leg.bought += of.size
  else leg.sold += of.size
  leg.cash += of.cash
  leg.fee += of.fee
}

/** What came of a signal. */
export function outcomeOf(execution: Execution): { result: LegResult; matched: number } {
  const matched = matchedOf(execution)
  if (execution.unknown !== '') return { result: 'unknown', matched }
  if (execution.legs.every(({ bought }) => bought === 0)) return { result: 'none', matched: 0 }
  if (execution.legs.some(leg => heldOf(leg) !== matched)) return { result: 'unmatched', matched }
  return { result: execution.phase === 'flatten' ? 'flattened' : 'matched', matched }
}
