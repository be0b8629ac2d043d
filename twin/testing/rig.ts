import { BookChanged, TradePrinted } from '#schemas/events/feed.js'
import { MarketListed, TokenListed } from '#schemas/events/market.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { bps, price, shares } from '#schemas/units.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { Keys } from '../auth/credentials.js'
import { TwinClock } from '../clock.js'
import { Exchange, type Placed, type Refused } from '../exchange/exchange.js'
import { ONE, sharesFor } from '../exchange/money.js'
import type { OrderSide, OrderType, TwinOrder } from '../exchange/order.js'
import type { UserFrame } from '../exchange/views.js'
import { SimulatedFlow } from '../exchange/simulated.js'
import { Faults, type ScriptedFault } from '../faults.js'
import type { TwinFrame } from '../frames.js'
import { TwinMarkets } from '../markets.js'

/** When the clock of a rig begins, µs since the epoch. */
const BEGIN_US = 1_780_000_000_000_000

/** A clock that goes on when it is told to. */
export interface ManualClock extends WallClock {
  /** Lets so many ms go by, with everything that is due on the way. */
  readonly advance: (ms: number) => void
}

/** A clock that stands still until it is told to go on. */
export function manualClock(): ManualClock {
  let nowUs = BEGIN_US
  const timers = new Set<{ atUs: number; call: () => void }>()
  return {
    nowUs: () => nowUs,
    wakeAt: (atUs, call) => {
      const timer = { atUs, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: ms => {
      const untilUs = nowUs + ms * 1_000
      for (;;) {
        const [due] = [...timers].sort((a, b) => a.atUs - b.atUs)
        if (!due || due.atUs > untilUs) break
        timers.delete(due)
        nowUs = Math.max(nowUs, due.atUs)
        due.call()
      }
      nowUs = untilUs
    },
  }
}

/** A market of a rig; of cents and without fees where nothing is said. */
export interface RigMarket {
  readonly tick?: number
  readonly feeRate?: number
  readonly group?: string
}

/** One order as a test wants it. */
export interface Wanted {
  readonly who?: number
  readonly market?: number
  readonly outcome?: 0 | 1
  readonly side: OrderSide
  /** 1e-4 dollar. */
  readonly price: number
  /** Shares; dollars where `isForDollars`. */
  readonly size: number
  readonly type?: OrderType
  readonly isForDollars?: boolean
  readonly isPostOnly?: boolean
  readonly expirationS?: number
}

/** An exchange without sockets, in time that a test moves, with what it said. */
export function rig(
  of: {
    markets?: readonly RigMarket[]
    faults?: readonly ScriptedFault[]
    seed?: number
    keptMax?: number
  } = {},
) {
  const wall = manualClock()
  const clock = new TwinClock(wall)
  const faults = new Faults(of.faults ?? [], () => clock.nowMs() - BEGIN_US / 1_000)
  const markets = new TwinMarkets('rig')
  const told: { market: TwinFrame[]; user: UserFrame[] } = { market: [], user: [] }
  const exchange = new Exchange({
    ...{
      markets,
      clock,
      faults,
      random: prng(of.seed ?? 1, 'rig'),
      startCash: 10_000 * ONE,
      keptMax: of.keptMax ?? 1_000,
    },
    times: { minedMs: [100, 200], confirmedMs: [300, 400] },
    out: {
      market: frames => told.market.push(...frames),
      user: frame => told.user.push(frame),
    },
  })
  const say = (frames: readonly TwinFrame[]): void => void told.market.push(...frames)
  const flow = new SimulatedFlow({ exchange, markets, nowMs: () => clock.nowMs(), say })
  const plans = of.markets ?? [{}]
  plans.forEach((plan, k) => list(markets, plan, k + 1))
  const keys = new Keys({ seed: 'rig', chainId: 137, nowMs: () => clock.nowMs() })
  const ownerOf = (who: number) => keys.of(`0x${String(who + 1).padStart(40, '0')}`, 0n)
  const walletOf = (who: number) => {
    const { address } = ownerOf(who)
    return exchange.ledger.open({ address, owner: address, signatureType: 0 })!
  }
  let orders = 0
  const orderOf = (wanted: Wanted): TwinOrder => {
    const { who = 0, outcome = 0, side, type = 'GTC' } = wanted
    const market = markets.byNumber((wanted.market ?? 0) + 1)!
    const units = Math.round(wanted.size * ONE)
    const isForDollars = wanted.isForDollars === true
    return {
      id: `0x${(++orders).toString(16).padStart(64, '0')}`,
      ...{ owner: ownerOf(who), wallet: walletOf(who), market, asset: market.assets[outcome]! },
      ...{ outcome, side, type, price: wanted.price },
      size: isForDollars ? sharesFor(units, wanted.price) : units,
      budget: isForDollars ? units : undefined,
      ...{ isPostOnly: wanted.isPostOnly === true, expirationS: wanted.expirationS ?? 0 },
      ...{ createdMs: clock.nowMs(), matched: 0, spent: 0, status: 'LIVE', trades: [] },
      ...{ ahead: 0, cut: 0 },
    }
  }
  const place = (wanted: Wanted): Placed | Refused => exchange.place(orderOf(wanted))
  return {
    ...{ exchange, markets, flow, wall, clock, faults, told, keys, ownerOf, walletOf },
    ...{ orderOf, place },
    /** Places an order that is taken. */
    placed: (wanted: Wanted): TwinOrder => {
      const result = place(wanted)
      if ('error' in result) throw new Error(result.error)
      return result.order
    },
    /** Sets a level of the simulated market, and its mirror. */
    level: (side: Side, at: number, size: number, market = 0): void => {
      flow.take(BookChanged.make({ d: mirroredLevel(side, at, size * ONE, market) }))
    },
    /** Lets the simulated market trade on the first outcome: the taker's side, price and shares. */
    trade: (side: Side, at: number, size: number, market = 0): void => {
      const token = 2 * market + 1
      flow.take(
        TradePrinted.make({ token, side, price: price(at), size: shares(size * ONE), id: 'sim' }),
      )
    },
    /** Gives a wallet shares of both outcomes, against cash. */
    split: (who: number, size: number, market = 0): void => {
      const wallet = walletOf(who)
      const assets = markets.byNumber(market + 1)!.assets
      exchange.ledger.move(
        assets.map((asset, k) => ({
          wallet,
          cash: k === 0 ? -size * ONE : 0,
          asset,
          shares: size * ONE,
        })),
      )
    },
  }
}

function mirroredLevel(side: Side, at: number, size: number, market: number): number[] {
  const [yes, no] = [2 * market + 1, 2 * market + 2]
  const other = side === BID ? ASK : BID
  return [yes, side, at, size, -1, -1, no, other, 10_000 - at, size, -1, -1]
}

function list(markets: TwinMarkets, plan: RigMarket, id: number): void {
  const { tick = 100, feeRate = 0, group = '' } = plan
  const listed = MarketListed.make({
    ...{ market: id, venue: 'sim', key: `rig-${id}`, question: `Question ${id}?`, group },
    ...{ negRisk: group !== '', minSize: shares(5 * ONE), feeRate: bps(feeRate) },
    ...{ feeExponent: 1, inferred: false },
  })
  markets.take(listed, 0)
  for (const index of [0, 1] as const) {
    const [token, outcome] = [2 * id - 1 + index, index === 0 ? 'Yes' : 'No']
    const key = `rig-${id}-${outcome}`
    const at = price(tick)
    markets.take(TokenListed.make({ token, market: id, index, key, outcome, tick: at }), 0)
  }
}
