import assert from 'node:assert'
import type { DecisionConfig } from '#schemas/config.js'
import type { Bucket, Mode } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import type { BookFold, Touched } from '#engine/book/fold.js'
import { untouched } from '#engine/book/ts-fold.js'
import type { BookView } from '#engine/book/view.js'
import type { MarketFacts } from '#engine/core/market.js'
import type { Quote } from '#engine/core/quote.js'
import { Oms, type Deadline } from '#engine/oms/oms.js'
import { Waiting } from '#engine/oms/waiting.js'
import { Exposure } from '#engine/risk/exposure.js'
import { Stopper } from '#engine/risk/hard-stop.js'
import { Dedup } from '#engine/strategies/dedup.js'
import type { Strategies } from '#engine/strategies/registry.js'
import type { Proposal, Strategy, World } from '#engine/strategies/strategy.js'

interface Market extends MarketFacts {
  readonly tokens: number[]
  isResolved: boolean
}

/** A signal on its way to the gate. */
export interface Signal {
  readonly signal: string
  readonly proposal: Proposal
  readonly bucket: Bucket
  /** Per leg: what its first asks hold, 1e-6 dollar. */
  readonly thickness: readonly number[]
  readonly expiresUs: number
  /** Sequence number of what brought it here: `SignalRaised` or `SignalQueued`. */
  readonly seq: number
}

/** What the engine remembers: a fold of the log, owned by `step` and changed in place. */
export class EngineState {
  config: DecisionConfig
  /** Feed inputs so far; ids come from it. */
  ordinal = 0
  readonly fold: BookFold
  readonly touched: Touched = untouched()
  /** Bits against each token as last said in an event. */
  readonly said: number[] = []
  /** Tokens whose trust changed and of which the next turns will say so. */
  readonly unsaid: (Deadline & { readonly token: number })[] = []
  readonly markets: (Market | undefined)[] = []
  /** Market of each token. */
  readonly marketOf: number[] = []
  readonly exposure: Exposure
  stop: Stopper
  dedup: Dedup
  strategies: readonly Strategy[]
  readonly oms: Oms
  readonly waiting = new Waiting<Signal>()
  readonly world: World & { tUs: number }
  readonly #known: Strategies

  /** Signals are recorded, orders are not sent. */
  readonly isShadow: boolean

  constructor(
    { config, mode }: { config: DecisionConfig; mode: Mode },
    fold: BookFold,
    known: Strategies,
  ) {
    this.config = config
    this.isShadow = mode === 'shadow'
    this.fold = fold
    this.#known = known
    this.exposure = new Exposure(config.risk.bankroll_micro)
    this.stop = new Stopper(config.risk.rejects_max)
    this.dedup = new Dedup(config)
    this.strategies = strategiesOf(config, known)
    this.world = { tUs: 0, book: token => this.book(token) }
    this.oms = new Oms(config.oms, {
      quote: token => this.quote(token),
      isStopped: () => this.stop.isStopped,
      trip: (turn, why) => {
        this.stop.trip(turn, why)
      },
      accepted: () => {
        this.stop.accepted()
      },
      rejected: (turn, of) => {
        this.stop.rejected(turn, of)
      },
      booked: ({ signal, token, side }, fill) => {
        this.exposure.book({ signal, token, side, ...fill })
      },
      settled: (_turn, { signal, isKnown }) => {
        if (isKnown) this.exposure.release(signal)
      },
    })
  }

  book(token: number): BookView {
    const view = this.fold.view(token)
    if (!view) assert.fail(`Invariant: token ${token} is not listed`)
    return view
  }

  quote(token: number): Quote {
    const { bestBid: bid, bestAsk: ask, tick } = this.book(token)
    return { bid, ask, tick }
  }

  market(id: number): Market {
    const market = this.markets[id]
    if (!market) assert.fail(`Invariant: market ${id} is not listed`)
    return market
  }

  list({ data }: EventOf<'MarketListed'>): void {
    const { market, minSize, feeRate, feeExponent } = data
    this.markets[market] ??= {
      market,
      minSize,
      feeRate,
      feeExponent,
      tokens: [],
      isResolved: false,
    }
  }

  listToken({ data: { token, market, index } }: EventOf<'TokenListed'>): void {
    this.market(market).tokens[index] = token
    this.marketOf[token] = market
    this.said[token] = this.fold.distrustOf(token)
  }

  /** All that it remembers between two turns, for a checkpoint. */
  save() {
    const { config, ordinal, said, unsaid, markets, marketOf, fold, exposure, stop, dedup, oms } =
      this
    return {
      config,
      ordinal,
      said,
      unsaid,
      markets,
      marketOf,
      fold: fold.save(),
      exposure: exposure.save(),
      stop: stop.save(),
      dedup: dedup.save(),
      strategies: this.strategies.map(strategy => strategy.save()),
      oms: oms.save(),
      waiting: this.waiting.all(),
    }
  }

  /** Takes up a checkpoint, before the first turn. */
  load(saved: ReturnType<EngineState['save']>): void {
    this.reconfigure(saved.config)
    this.ordinal = saved.ordinal
    this.said.push(...saved.said)
    this.unsaid.push(...saved.unsaid)
    this.markets.push(...saved.markets)
    this.marketOf.push(...saved.marketOf)
    this.fold.load(saved.fold)
    this.exposure.load(saved.exposure)
    this.stop.load(saved.stop)
    this.dedup.load(saved.dedup)
    this.strategies.forEach((strategy, k) => strategy.load(saved.strategies[k]))
    this.oms.load(saved.oms)
    this.waiting.load(saved.waiting)
  }

  /** From here on another configuration decides. Positions, gates and orders stay as they are. */
  reconfigure(config: DecisionConfig): void {
    const { isStopped, isPaused, rejects } = this.stop
    this.config = config
    this.stop = new Stopper(config.risk.rejects_max)
    Object.assign(this.stop, { isStopped, isPaused, rejects })
    this.dedup = new Dedup(config)
    this.strategies = strategiesOf(config, this.#known)
    this.oms.reconfigure(config.oms)
  }
}

function strategiesOf(config: DecisionConfig, known: Strategies): readonly Strategy[] {
  return config.strategy.names.map(name => {
    const make = known[name]
    assert(make, `Invariant: a run starts with known strategies only, not '${name}'`)
    return make(config)
  })
}
