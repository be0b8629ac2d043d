import type { SignalLeg } from '#schemas/events/signal.js'
import type { LegResult } from '#schemas/reasons.js'
import type { Order } from './order.js'

/** The legs of one approved signal, fired one after the other. Owned and changed by the OMS. */
export interface Legs {
  readonly signal: string
  readonly market: number
  readonly legs: readonly SignalLeg[]
  /** Indices of `legs` in the order of firing: thinnest first. */
  readonly turns: readonly number[]
  /** Sequence number of the `IntentApproved`. */
  readonly seq: number
  /** Orders so far, in the order of firing. */
  readonly orders: Order[]
}

/** Leg indices, thinnest first; equal ones by index. */
export function thinnestFirst(thickness: readonly number[]): number[] {
  return thickness.map((_, k) => k).sort((a, b) => thickness[a]! - thickness[b]! || a - b)
}

/** How much the next leg may buy: what every leg so far has filled; the full size before the first. */
export function matchable({ legs, orders }: Legs): number {
  return orders.reduce((least, { filled }) => Math.min(least, filled), legs[0]?.size ?? 0)
}

/** What came of it. Complete sets count only when every leg was fired. */
export function outcomeOf(of: Legs): { result: LegResult; matched: number } {
  const fired = of.orders.length === of.legs.length
  const matched = fired ? matchable(of) : 0
  const some = of.orders.some(({ filled }) => filled > 0)
  if (of.orders.some(({ result }) => result === 'unknown')) return { result: 'unknown', matched }
  if (!some) return { result: 'none', matched: 0 }
  const even = fired && of.orders.every(({ filled }) => filled === matched)
  return { result: even ? 'matched' : 'unmatched', matched }
}
