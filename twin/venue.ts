import { setImmediate } from 'node:timers/promises'
import type { WallClock } from '#engine/core/wall-clock.js'
import { Instruments } from '#engine/core/instruments.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import type { TwinFrame } from './frames.js'
import { Keys } from './auth/credentials.js'
import { TwinClock } from './clock.js'
import { TwinXTracker } from './collected/xtracker.js'
import { DataApi } from './data-api.js'
import { Exchange } from './exchange/exchange.js'
import { ONE } from './exchange/money.js'
import { SETTLEMENT_TIMES, type SettlementTimes } from './exchange/settlement.js'
import { SimulatedFlow } from './exchange/simulated.js'
import { Faults, type FaultKind, type ScriptedFault } from './faults.js'
import { MarketChannel } from './market-channel.js'
import { TwinMarkets } from './markets.js'
import { AccountDesk } from './private/account-desk.js'
import { CancelDesk } from './private/cancel-desk.js'
import { Heartbeats } from './private/heartbeats.js'
import { OrderDesk } from './private/order-desk.js'
import { PositionDesk } from './private/position-desk.js'
import { PrivateRest } from './private/private-rest.js'
import { Records } from './private/records.js'
import { ELITE, Limiter, type RateLimits } from './rate-limits.js'
import { MarketRest } from './rest.js'
import { TwinServer } from './server.js'
import { Truth } from './truth.js'
import { UserChannel } from './user-channel.js'

/** A wallet that an EOA trades for, told before its first use. */
export interface KnownWallet {
  /** 0x and 40 hex digits each. */
  readonly address: string
  readonly owner: string
  /** 0 EOA, 1 proxy, 2 Safe, 3 deposit wallet. */
  readonly signatureType: number
}

/** What a twin is made of. */
export interface TwinOptions {
  /** A scenario of the simulator. */
  readonly scenario: string
  readonly seed: number
  /** Simulated seconds in one of the clock's. */
  readonly speed: number
  /** Inputs of the scenario; as many as it has where nothing is said. */
  readonly events?: number
  /** 0 for any that is free. */
  readonly port?: number
  readonly faults?: readonly ScriptedFault[]
  /** What each wallet begins with, 1e-6 dollar; 10,000 dollars where nothing is said. */
  readonly startCash?: number
  /** Who trades for which wallet; any other is its first user's. */
  readonly wallets?: readonly KnownWallet[]
  /** How long settlements take; about what the venue's do where nothing is said. */
  readonly settlement?: SettlementTimes
  /** What each signer may send; the venue's highest tier where nothing is said. */
  readonly limits?: RateLimits
  /** Chain that is signed for: 137 (Polygon) where nothing is said. */
  readonly chainId?: number
  /** Numbers of the simulated markets that are of protocol version v2, from 1. */
  readonly v2?: readonly number[]
  /** Most orders, trades and submissions that are kept, each; 50,000 where nothing is said. */
  readonly keptMax?: number
  /** The machine's clock where none is given. */
  readonly clock?: WallClock
}

/** What a wallet begins with where nothing is said, 1e-6 dollar. */
const START_CASH = 10_000 * ONE
const POLYGON = 137
/** Accounts whose posts are counted. */
const HANDLES = ['elonmusk', 'ZelenskyyUa']
/** A twin may run for days. */
const KEPT_MAX = 50_000
/** Most simulated inputs that are told in one go before other work gets its turn. */
const BURST = 500
/** How often a paused twin looks whether it goes on, ms. */
const PAUSED_MS = 50
/** 1e-4 dollar in a cent, and in the tick that follows it. */
const [CENT, TENTH] = [100, 10]

/**
 * The counterpart of the venue on this machine: REST and both channels over loopback, in the venue's own words, of a simulated
 * market in which accounts trade, and which goes on by a clock.
 */
export class TwinVenue {
  readonly markets: TwinMarkets
  readonly channel: MarketChannel
  readonly users: UserChannel
  readonly exchange: Exchange
  /** What is true, whatever was told. */
  readonly truth: Truth
  readonly keys: Keys
  readonly server: TwinServer
  readonly #of: TwinOptions
  readonly #clock: TwinClock
  readonly #faults: Faults
  readonly #flow: SimulatedFlow
  readonly #ends = new AbortController()
  #startedMs = 0
  /** Frames of the market channel told so far. */
  frames = 0
  isOver = false
  #isPaused = false

  constructor(of: TwinOptions) {
    this.#of = of
    const { scenario, seed, faults: script = [], chainId = POLYGON, keptMax = KEPT_MAX } = of
    const clock = new TwinClock(of.clock)
    const nowMs = (): number => clock.nowMs()
    const faults = new Faults(script, () => clock.nowMs() - this.#startedMs)
    const markets = new TwinMarkets(`${scenario} ${seed}`, of.v2)
    const keys = new Keys({ seed: `${scenario} ${seed}`, chainId, nowMs })
    const say = (frames: readonly TwinFrame[]): void => {
      for (const frame of frames) {
        this.frames++
        this.channel.send(frame)
      }
    }
    this.#clock = clock
    this.#faults = faults
    this.markets = markets
    this.keys = keys
    this.channel = new MarketChannel({ markets, clock, faults, random: prng(seed, 'twin faults') })
    this.users = new UserChannel({ keys, clock, faults, random: prng(seed, 'twin user faults') })
    const exchange = new Exchange({
      ...{ markets, clock, faults, random: prng(seed, 'twin exchange') },
      out: { market: say, user: frame => this.users.send(frame) },
      ...{
        keptMax,
        startCash: of.startCash ?? START_CASH,
        times: of.settlement ?? SETTLEMENT_TIMES,
      },
    })
    this.exchange = exchange
    for (const { address, owner, signatureType } of of.wallets ?? [])
      exchange.ledger.open({
        ...{ address: address.toLowerCase(), owner: owner.toLowerCase(), signatureType },
      })
    this.#flow = new SimulatedFlow({ exchange, markets, nowMs, say })
    const records = new Records(keptMax)
    this.truth = new Truth(exchange, records)
    const limiter = new Limiter(of.limits ?? ELITE, nowMs)
    const desk = { exchange, faults, limiter, records, nowMs }
    const secret = new PrivateRest({
      ...{ keys, faults, positions: new PositionDesk(exchange, markets) },
      ...{
        cancels: new CancelDesk(desk),
        accounts: new AccountDesk({ exchange, faults, chainId }),
      },
      orders: new OrderDesk({ ...desk, markets, ledger: exchange.ledger, chainId }),
      heartbeats: new Heartbeats(exchange, clock),
    })
    const data = new DataApi(markets, exchange, nowMs)
    const xtracker = new TwinXTracker({ seed, handles: HANDLES, beginMs: nowMs() })
    const rest = new MarketRest({ markets, faults, data, xtracker, nowMs })
    this.server = new TwinServer({
      ...{ clock, faults },
      answer: asked => secret.answer(asked) ?? rest.answer(asked),
      channels: new Map([
        ['/ws/market', socket => this.channel.serve(socket)],
        ['/ws/user', socket => this.users.serve(socket)],
      ]),
    })
  }

  /** Begins to serve; the base address, without a slash. */
  async start(): Promise<string> {
    const base = await this.server.start(this.#of.port ?? 0)
    this.#startedMs = this.#clock.nowMs()
    for (const fault of this.#of.faults ?? []) this.#watch(fault)
    await new Promise<void>(resolve => void this.#play(resolve))
    return base
  }

  async stop(): Promise<void> {
    this.#ends.abort()
    this.#clock.stop()
    await this.server.stop()
  }

  /** Lets the simulated market do nothing any more: everything is still served. */
  pause(): void {
    this.#isPaused = true
  }

  /** Lets the simulated market go on. */
  resume(): void {
    this.#isPaused = false
  }

  /** Lets something go wrong from now on, for so many ms. */
  script(kind: FaultKind, forMs = 1_000): void {
    const fault = { kind, fromMs: this.#clock.nowMs() - this.#startedMs, forMs }
    this.#faults.add(fault)
    this.#watch(fault)
  }

  /** Tells what the simulated market does, each thing at its time; `listed` once its markets and books are there. */
  async #play(listed: () => void): Promise<void> {
    const { scenario, seed, speed, events } = this.#of
    const { signal } = this.#ends
    const clock = this.#clock
    const feed = simulatorFeed({ scenario, seed, ...(events !== undefined && { events }) })
    let [firstUs, told] = [-1, 0]
    for await (const batch of feed.open({ signal, instruments: new Instruments().opening() })) {
      for (const { tUs, event } of batch) {
        while (this.#isPaused && !signal.aborted) await clock.pause(PAUSED_MS, signal)
        if (signal.aborted) return
        if (firstUs < 0) firstUs = tUs
        if (tUs > firstUs) listed()
        const dueMs = this.#startedMs + (tUs - firstUs) / 1_000 / speed
        const waitMs = dueMs - clock.nowMs()
        if (waitMs > 1) await clock.pause(waitMs, signal)
        else if (++told % BURST === 0) await setImmediate() // no wait of the clock: others get their turn
        this.#flow.take(event)
      }
    }
    this.isOver = true
    listed()
  }

  /** What happens once when a fault begins. */
  #watch({ kind, fromMs }: ScriptedFault): void {
    const once: Partial<Record<FaultKind, () => void>> = {
      close: () => this.channel.drop(),
      'close-user': () => this.users.drop(),
      'tick-change': () => this.#refineTicks(),
    }
    const happens = once[kind]
    if (happens) this.#clock.after(this.#startedMs + fromMs - this.#clock.nowMs(), happens)
  }

  /** Every market of cents goes to tenths of a cent. */
  #refineTicks(): void {
    for (const book of this.markets.books.values())
      if (book.tick === CENT && this.markets.byAsset.get(book.facts.assetId)?.isClosed === false)
        this.exchange.regrid(book, TENTH)
  }
}
