import { BID } from '#schemas/levels.js'
import type { Bucket } from '#schemas/reasons.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { proceedsOf, PRICE_MAX, sumOf } from '#schemas/units.js'
import { couldFill, WINDOW, type Wanted } from './print-window.js'
import { account, shadowFill, type Account, type ShadowProfile } from './shadow.js'
import type { World } from './world.js'

/** Why a shadow row is to be read with care; `INTERNAL_ERROR` is never written by this code. */
export type ShadowNote =
  | 'NO_TRADES'
  | 'WINDOW_EMPTY'
  | 'WINDOW_DATA_GAP'
  | 'TRADE_SIZE_SUSPECT'
  | 'MISSING_BID'
  | 'MISSING_BOOK'
  | 'BUCKET_THIN_NAN'
  | 'BUCKET_LIQUID_NAN'
  | 'DEPTH_UNIT_SUSPECT'
  | 'FILL_SHARE_P25_ZERO'
  | 'DEDUP_HIT'
  | 'SIGNAL_TOO_OLD'
  | 'LEGS_MISMATCH'
  | 'INVALID_PRICE'
  | 'INVALID_QTY'
  | 'INTERNAL_ERROR'

/** One leg in its window. */
export interface ShadowLeg extends Wanted {
  readonly key: string
  readonly bid: number
  readonly size: number
  /** What its first three asks held at the signal, in 1e-6 dollar. */
  readonly depth: number
  /** Prints that could have filled it, 1e-6 share. */
  volume: number
}

/** A signal and what happened in its window. */
export interface Shadow {
  readonly signal: string
  readonly tUs: number
  readonly market: string
  readonly strategy: string
  readonly bucket: Bucket
  readonly edge: number
  /** Venue id of the worst leg; empty where a depth cannot be trusted. */
  readonly worst: string
  readonly size: number
  readonly shareBps: number
  readonly legs: readonly ShadowLeg[]
  readonly notes: Set<ShadowNote>
  /** Prints of its tokens in the window, either side. */
  prints: number
  lastPrintUs: number
  isDone: boolean
}

/** Prints further apart than this leave a gap in a window. */
const GAP_US = 700_000
/** A print of this size (1e-6 share) or notional (1e-6 dollar) is suspect: a unit may be wrong. */
const SUSPECT = 50_000_000_000
/** A depth above this (1e-6 dollar) is suspect. */
const DEPTH_MAX = 10_000_000_000_000
/** A window that nothing closed before this age is old news. */
const OLD_US = 5_000_000

/** What the windows look up. */
export type ShadowWorld = Pick<World, 'depthOf' | 'markets' | 'marketKey' | 'tokenKey' | 'sidesOf'>

/** Keeps the windows of signals. Owned by the view that folds it; closed ones are its owner's. */
export class ShadowDesk {
  readonly #profile: ShadowProfile
  #open: Shadow[] = []

  constructor(profile: ShadowProfile) {
    this.#profile = profile
  }

  /** Takes a row; answers with the shadow of a signal that this row raised. */
  take({ tUs, event }: Recorded, world: ShadowWorld): Shadow | undefined {
    this.#closeBefore(tUs)
    switch (event.type) {
      case 'SignalRaised': {
        // The accounts are those of complete sets: one outcome alone, or one that is converted, has none.
        if (event.data.legs.length < 2 || event.data.converts === true) return undefined
        const shadow = shadowOf(event, tUs, { world, profile: this.#profile })
        this.#open.push(shadow)
        return shadow
      }
      case 'TradePrinted':
        for (const shadow of this.#open)
          if (isIn(shadow, tUs)) countPrint(shadow, world.sidesOf(event), tUs)
        return undefined
      case 'FeedLost':
        for (const shadow of this.#open)
          if (tUs <= shadow.tUs + WINDOW.toUs) shadow.notes.add('WINDOW_DATA_GAP')
        return undefined
      case 'DedupSignal':
        for (const shadow of this.#open)
          if (shadow.signal === event.data.signal) shadow.notes.add('DEDUP_HIT')
        return undefined
      default:
        return undefined
    }
  }

  #closeBefore(tUs: number): void {
    if (this.#open.length === 0) return
    for (const shadow of this.#open) {
      if (tUs <= shadow.tUs + WINDOW.toUs) break
      if (tUs > shadow.tUs + OLD_US) shadow.notes.add('SIGNAL_TOO_OLD')
      shadow.isDone = true
    }
    this.#open = this.#open.filter(({ isDone }) => !isDone)
  }
}

/** The same signal and window under other shares of the volume. */
export const under = (shadow: Shadow, { shareBps }: ShadowProfile): Shadow => ({
  ...shadow,
  shareBps: shareBps[shadow.bucket],
})

/** Fills per leg, in 1e-6 share. */
export const fillsOf = ({ legs, shareBps }: Shadow): number[] =>
  legs.map(({ size, volume }) => shadowFill({ asked: size, volume, shareBps }))

/** What the signal would have earned. */
export function accountOf(shadow: Shadow, profile: ShadowProfile): Account {
  const fills = fillsOf(shadow)
  const set = fills.length === 0 ? 0 : Math.min(...fills)
  return account(boughtOf(shadow, fills), set, profile)
}

/** The legs with other quantities: what the accounts say of them at the signal's prices. */
export const boughtOf = ({ legs }: Shadow, sizes: readonly number[]) =>
  legs.map(({ limit, bid }, k) => ({ limit, bid, filled: sizes[k] ?? 0 }))

/** All notes that hold now. A window that the log does not cover to its end has a gap. */
export function notesOf(shadow: Shadow): ShadowNote[] {
  const notes = [...shadow.notes]
  if (shadow.shareBps === 0) notes.push('FILL_SHARE_P25_ZERO')
  if (!shadow.isDone) notes.push('WINDOW_DATA_GAP')
  if (shadow.prints === 0) notes.push('WINDOW_EMPTY')
  if (shadow.legs.every(({ volume }) => volume === 0)) notes.push('NO_TRADES')
  return notes
}

function shadowOf(
  { data }: EventOf<'SignalRaised'>,
  tUs: number,
  { world, profile }: { world: ShadowWorld; profile: ShadowProfile },
): Shadow {
  const depths = data.legs.map(({ token }) => world.depthOf(token))
  const isDegraded = depths.some(depth => depth <= 0 || depth > DEPTH_MAX)
  const bucket = isDegraded ? 'thin' : data.bucket
  const shareBps = profile.shareBps[bucket]
  const worst = data.legs[data.worst]?.token
  const shadow: Shadow = {
    signal: data.signal,
    tUs,
    market: world.marketKey(data.market),
    strategy: data.strategy,
    bucket,
    edge: data.edge,
    worst: isDegraded ? '' : world.tokenKey(worst),
    size: data.size,
    shareBps,
    legs: data.legs.map(({ token, side, limit, bid, size }, k) => ({
      ...{ token, side, limit, bid, size, key: world.tokenKey(token) },
      ...{ depth: depths[k] ?? 0, volume: 0 },
    })),
    notes: new Set(),
    prints: 0,
    lastPrintUs: 0,
    isDone: false,
  }
  const notes: readonly (readonly [ShadowNote, boolean])[] = [
    ['BUCKET_THIN_NAN', isDegraded && data.bucket === 'thin'],
    ['BUCKET_LIQUID_NAN', isDegraded && data.bucket === 'liquid'],
    ['DEPTH_UNIT_SUSPECT', depths.some(depth => depth > DEPTH_MAX)],
    ['MISSING_BID', data.legs.some(({ bid }) => bid === 0)],
    ['MISSING_BOOK', data.legs.some(({ ask }) => ask === PRICE_MAX)],
    ['INVALID_PRICE', data.legs.some(({ limit }) => limit <= 0 || limit >= PRICE_MAX)],
    ['INVALID_QTY', data.size <= 0 || data.legs.some(({ size }) => size <= 0)],
    ['LEGS_MISMATCH', !isWholeSet(data, world)],
  ]
  for (const [note, holds] of notes) if (holds) shadow.notes.add(note)
  return shadow
}

/** Whether the legs buy every outcome of their market, which is what the accounts assume. */
function isWholeSet(
  { market, legs }: EventOf<'SignalRaised'>['data'],
  world: ShadowWorld,
): boolean {
  const tokens = world.markets.get(market)?.tokens ?? []
  if (legs.length !== tokens.length || legs.some(({ side }) => side !== BID)) return false
  return tokens.every(token => legs.some(leg => leg.token === token))
}

const isIn = (shadow: Shadow, tUs: number): boolean =>
  tUs >= shadow.tUs + WINDOW.fromUs && tUs <= shadow.tUs + WINDOW.toUs

/** One print, as each outcome that it concerns sees it. */
function countPrint(shadow: Shadow, sides: readonly EventOf<'TradePrinted'>[], tUs: number): void {
  const print = sides.find(({ data }) => shadow.legs.some(leg => leg.token === data.token))
  if (!print) return
  const { price, size } = print.data
  if (shadow.prints > 0 && tUs - shadow.lastPrintUs > GAP_US) shadow.notes.add('WINDOW_DATA_GAP')
  if (size >= SUSPECT || proceedsOf(price, size) >= SUSPECT) shadow.notes.add('TRADE_SIZE_SUSPECT')
  shadow.prints++
  shadow.lastPrintUs = tUs
  for (const leg of shadow.legs)
    if (sides.some(side => couldFill(leg, side))) leg.volume = sumOf(leg.volume, size)
}
