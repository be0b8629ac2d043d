import type { Bucket } from '#schemas/reasons.js'
import { ratioOf } from './csv.js'

/** Costs and shares of the shadow accounts, in bps. */
export interface ShadowProfile {
  readonly name: string
  /** Of cost and of proceeds of single legs. */
  readonly feeBps: number
  /** Of the dollar that a complete set pays. */
  readonly mergeBps: number
  /** How far below the bid a leftover leg is sold. */
  readonly dumpBps: number
  /** Part of the window's volume that we would have had. */
  readonly shareBps: Readonly<Record<Bucket, number>>
}

/** The constants of the earlier system Razor: flat 200 and 10 bps, 5 % slippage, 30 and 10 % of the volume. */
export const RAZOR_FLAT: ShadowProfile = {
  name: 'razor-flat',
  feeBps: 200,
  mergeBps: 10,
  dumpBps: 500,
  shareBps: { liquid: 3_000, thin: 1_000 },
}

/** A leg as the accounts see it: prices of the signal (1e-4 dollar), and how much was bought (1e-6 share). */
export interface Bought {
  readonly limit: number
  /** Best bid at the signal; 0 for none. */
  readonly bid: number
  readonly filled: number
}

/** What a signal earned under a profile: cash in 1e-6 dollar, sizes in 1e-6 share. */
export interface Account {
  readonly set: number
  readonly costSet: number
  readonly proceedsSet: number
  readonly pnlSet: number
  /** Per leg: what is left over, and what that earns. */
  readonly left: readonly { readonly size: number; readonly pnl: number }[]
  readonly pnlLeft: number
  readonly total: number
  readonly fillAverage: number
  /** Sets ÷ mean fill in 1e-6, rounded down; 0 where nothing filled. */
  readonly setRatio: number
}

const BPS = 10_000n

/** Part of the volume that we would have had, at most what we asked for; rounded down. */
export const shadowFill = (of: { asked: number; volume: number; shareBps: number }): number =>
  Math.min(of.asked, Number((BigInt(of.volume) * BigInt(of.shareBps)) / BPS))

/**
 * Accounts of a signal: complete sets pay a dollar less the merge fee; leftover legs are sold below the bid of the
 * signal. Exact until one rounding each: costs up, proceeds down, a leftover's result down.
 */
export function account(legs: readonly Bought[], set: number, profile: ShadowProfile): Account {
  const fee = BigInt(profile.feeBps)
  const limits = legs.reduce((sum, { limit }) => sum + limit, 0)
  const costSet = ceil(BigInt(set) * BigInt(limits) * (BPS + fee), BPS * BPS)
  const proceedsSet = floor(BigInt(set) * (BPS - BigInt(profile.mergeBps)), BPS)
  const left = legs.map(leg => leftOf(leg, set, profile))
  const pnlLeft = left.reduce((sum, { pnl }) => sum + pnl, 0)
  const bought = legs.reduce((sum, { filled }) => sum + filled, 0)
  return {
    set,
    costSet,
    proceedsSet,
    pnlSet: proceedsSet - costSet,
    left,
    pnlLeft,
    total: proceedsSet - costSet + pnlLeft,
    fillAverage: legs.length === 0 ? 0 : Math.floor(bought / legs.length),
    setRatio: bought === 0 ? 0 : ratioOf(set * legs.length, bought),
  }
}

/** What selling at the dumped bid brings, fees paid, in 1e-6 dollar, rounded down. */
export function exitOf(bid: number, size: number, { dumpBps, feeBps }: ShadowProfile): number {
  const kept = (BPS - BigInt(dumpBps)) * (BPS - BigInt(feeBps))
  return floor(BigInt(size) * BigInt(bid) * kept, BPS * BPS * BPS)
}

function leftOf(
  { limit, bid, filled }: Bought,
  set: number,
  { dumpBps, feeBps }: ShadowProfile,
): { size: number; pnl: number } {
  const size = filled - set
  const kept = BigInt(bid) * (BPS - BigInt(dumpBps)) * (BPS - BigInt(feeBps))
  const paid = BigInt(limit) * (BPS + BigInt(feeBps)) * BPS
  return { size, pnl: floor(BigInt(size) * (kept - paid), BPS * BPS * BPS) }
}

function floor(a: bigint, b: bigint): number {
  const quotient = a / b
  return Number(a % b !== 0n && a < 0n ? quotient - 1n : quotient)
}

const ceil = (a: bigint, b: bigint): number => -floor(-a, b)
