import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { failuresOf } from '#schemas/failures.js'
import { priceOfDouble, sizeOfDouble } from '#engine/feeds/decimal.js'

/** One level of a snapshot: price in 1e-4 dollar, size in 1e-6 share. */
export interface Level {
  readonly price: number
  size: number
}

/** What one leg wants, in exact units. */
export interface Intent {
  readonly intentId: string
  readonly tokenId: string
  readonly marketId: string
  readonly side: 'BUY' | 'SELL'
  /** FAK, IOC and PAPER take a part; anything else is all or none. */
  readonly orderType: string
  /** 1e-4 dollar; between two of them a buy's limit is the upper, a sale's the lower. */
  readonly limit: number | undefined
  /** 1e-6 share, rounded down. */
  readonly shares: number | undefined
  /** 1e-6 dollar, rounded down. */
  readonly notional: number | undefined
}

/** What a token's book was, in exact units; levels best first. */
export interface Snapshot {
  readonly bestBid: number | undefined
  readonly bestAsk: number | undefined
  /** Smallest order, 1e-6 share, rounded up. */
  readonly minSize: number
  /** 1e-4 dollar; 1 where the snapshot has none. */
  readonly tick: number
  readonly bids: readonly Level[]
  readonly asks: readonly Level[]
}

/** A request of the paper book-sim in exact units. */
export interface BookSimRequest {
  readonly slippageBps: number
  readonly intents: readonly Intent[]
  readonly snapshots: ReadonlyMap<string, Snapshot>
}

const number = (name: string, holds: (x: number) => boolean): t.Type<number> => {
  const is = (u: unknown): u is number => typeof u === 'number' && Number.isFinite(u) && holds(u)
  return new t.Type(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity)
}
/** The same, or nothing: missing and null mean the same. */
const maybe = <A>(codec: t.Type<A>): t.Type<A | undefined> =>
  new t.Type<A | undefined>(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, c) => (u === undefined || u === null ? t.success(undefined) : codec.validate(u, c)),
    t.identity,
  )
const Amount = number('number ≥ 0', x => x >= 0)
const Spoken = number('number', () => true)
const Slippage = number('whole number ≥ 0', x => Number.isSafeInteger(x) && x >= 0)
const Side = t.keyof({ BUY: null, SELL: null }, '"BUY" or "SELL"')

const SpokenIntent = t.type(
  {
    intent_id: t.string,
    token_id: t.string,
    market_id: t.string,
    side: Side,
    order_type: t.string,
    limit_price: maybe(Spoken),
    shares: maybe(Amount),
    notional_usd: maybe(Amount),
  },
  'intent',
)
const SpokenLevels = t.array(t.type({ price: Amount, size: Amount }, 'level'), 'list of levels')
const SpokenSnapshot = t.type(
  {
    market_id: t.string,
    best_bid: maybe(Amount),
    best_ask: maybe(Amount),
    min_order_size: maybe(Amount),
    tick_size: maybe(Amount),
    bids: SpokenLevels,
    asks: SpokenLevels,
  },
  'snapshot',
)
const SpokenRequest = t.type(
  {
    slippage_bps: Slippage,
    intents: t.array(SpokenIntent, 'list of intents'),
    snapshots: t.record(t.string, SpokenSnapshot, 'snapshots by token'),
  },
  'request',
)

/** Thrown and caught within this file: a number of the request is no whole number of units. */
class Unfit extends Error {}

/** A request in exact units, or what is wrong with it, where, and what was expected. */
export function requestFrom(spoken: unknown): E.Either<string, BookSimRequest> {
  const shape = SpokenRequest.decode(spoken)
  if (E.isLeft(shape)) return E.left(failuresOf(shape.left))
  const { slippage_bps, intents, snapshots } = shape.right
  try {
    return E.right({
      slippageBps: slippage_bps,
      intents: intents.map(intentFrom),
      snapshots: new Map(
        Object.entries(snapshots).map(([token, one]) => [token, snapshotFrom(one, token)]),
      ),
    })
  } catch (fault) {
    if (fault instanceof Unfit) return E.left(fault.message)
    throw fault
  }
}

function intentFrom(of: t.TypeOf<typeof SpokenIntent>, k: number): Intent {
  const at = `intents.${k}`
  const toLimit = of.side === 'BUY' ? Math.ceil : Math.floor
  return {
    intentId: of.intent_id,
    tokenId: of.token_id,
    marketId: of.market_id,
    side: of.side,
    orderType: of.order_type,
    limit: roughly(of.limit_price, { at: `${at}.limit_price`, places: 4, round: toLimit }),
    shares: roughly(of.shares, { at: `${at}.shares`, places: 6, round: Math.floor }),
    notional: roughly(of.notional_usd, { at: `${at}.notional_usd`, places: 6, round: Math.floor }),
  }
}

function snapshotFrom(of: t.TypeOf<typeof SpokenSnapshot>, token: string): Snapshot {
  const at = `snapshots.${token}`
  const tick = exactly(of.tick_size, `${at}.tick_size`) ?? 1
  if (tick === 0) throw new Unfit(`${at}.tick_size is 0, expected a tick above 0`)
  const levels = (side: 'bids' | 'asks'): Level[] =>
    of[side]
      .map(({ price, size }, k) => ({
        price: exactly(price, `${at}.${side}.${k}.price`) ?? 0,
        size: roughly(size, { at: `${at}.${side}.${k}.size`, places: 6, round: Math.floor }) ?? 0,
      }))
      .filter(({ size }) => size > 0)
  const least = { at: `${at}.min_order_size`, places: 6, round: Math.ceil } as const
  return {
    bestBid: exactly(of.best_bid, `${at}.best_bid`),
    bestAsk: exactly(of.best_ask, `${at}.best_ask`),
    minSize: roughly(of.min_order_size, least) ?? 0,
    tick,
    bids: levels('bids').sort((a, b) => b.price - a.price),
    asks: levels('asks').sort((a, b) => a.price - b.price),
  }
}

/** A price that must be a whole number of 1e-4 dollar. */
function exactly(x: number | undefined, at: string): number | undefined {
  if (x === undefined) return undefined
  const units = priceOfDouble(x)
  if (typeof units !== 'number')
    throw new Unfit(`${at} is ${x}, expected a whole number of 0.0001 dollar`)
  return units
}

/** A decimal that may be finer than the unit, which then `round` decides. */
function roughly(
  x: number | undefined,
  of: { at: string; places: 4 | 6; round: (units: number) => number },
): number | undefined {
  if (x === undefined) return undefined
  const units = of.places === 4 ? priceOfDouble(x) : sizeOfDouble(x)
  if (typeof units === 'number') return units
  const rounded = of.round(x * 10 ** of.places)
  if (!Number.isSafeInteger(rounded))
    throw new Unfit(`${of.at} is ${x}, expected less than 2^53 units of 1e-${of.places}`)
  return rounded
}
