import assert from 'node:assert'
import { completed, type DecisionConfig, type RecordedConfig } from '#schemas/config.js'
import { HoldingsRequested } from '#schemas/events/risk.js'
import type { Bucket, Mode } from '#schemas/reasons.js'
import type { EventOf } from '#schemas/registry.js'
import type { BookFold, Touched } from '#engine/book/fold.js'
import { untouched } from '#engine/book/touched.js'
import type { BookView } from '#engine/book/view.js'
import type { GroupFacts, MarketFacts } from '#engine/core/market.js'
import { Instruments } from '#engine/core/instruments.js'
import { rulesOf } from '#engine/venues/registry.js'
import type { Turn } from '#engine/core/turn.js'
import type { Quote } from '#engine/core/quote.js'
import { Oms, type Deadline, type Settled } from '#engine/oms/oms.js'
import { Waiting } from '#engine/oms/waiting.js'
import { Exposure } from '#engine/risk/exposure.js'
import { Gates } from '#engine/risk/gates.js'
import { Stopper } from '#engine/risk/hard-stop.js'
import { settleLate } from './facts.js'
import { Groups } from '#engine/core/groups.js'
import { Watching } from './watching.js'
import { Dedup } from '#engine/strategies/dedup.js'
import type { Strategies } from '#engine/strategies/registry.js'
import type { Proposal, Strategy, World } from '#engine/strategies/strategy.js'

interface Market extends MarketFacts {
  readonly tokens: number[]
  /** What one share of each token paid, 1e-4 dollar; empty until it is decided. */
  payouts: readonly (readonly [token: number, at: number])[]
  isResolved: boolean
}

/** A signal on its way to the gate. */
export interface Signal {
  readonly signal: string
  readonly strategy: string
  readonly proposal: Proposal
  readonly bucket: Bucket
  /** Per leg: what its first asks hold, 1e-6 dollar. */
  readonly thickness: readonly number[]
  readonly expiresUs: number
  /** Sequence number of what brought it here: `SignalRaised` or `SignalQueued`. */
  readonly seq: number
}

/** A question to the exchange what we hold. */
interface Asked {
  readonly seq: number
  /** Orders placed so far: with one more since then the answer proves nothing. */
  readonly placed: number
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
  readonly groups = new Groups()
  /** The run's numbers of markets and tokens. */
  readonly instruments = new Instruments()
  readonly exposure: Exposure
  readonly stop: Stopper
  readonly gates: Gates
  /** Rule of each signal in work. */
  readonly strategyOf = new Map<string, string>()
  /** The open question what we hold: its `HoldingsRequested`, and orders placed until then. */
  asked: Asked | undefined
  dedup: Dedup
  strategies: readonly Strategy[]
  readonly oms: Oms
  readonly waiting = new Waiting<Signal>()
  readonly world: World & { tUs: number }
  readonly #watching: Watching
  readonly #known: Strategies
  /** Version of the registry that the run was begun under: its markets are charged as they were then. */
  readonly #schema: number

  /** Signals are recorded, orders are not sent. */
  readonly isShadow: boolean

  constructor(
    { config: recorded, mode, schema }: { config: RecordedConfig; mode: Mode; schema: number },
    fold: BookFold,
    known: Strategies,
  ) {
    const config = completed(recorded)
    this.config = config
    this.isShadow = mode === 'shadow'
    this.#schema = schema
    this.fold = fold
    this.#known = known
    this.exposure = new Exposure(config.risk.bankroll_micro)
    this.stop = new Stopper(config.risk)
    this.gates = new Gates(config.risk)
    this.dedup = new Dedup(config)
    this.strategies = strategiesOf(config, known)
    this.world = { tUs: 0, book: token => this.book(token) }
    this.#watching = new Watching({
      fold,
      strategies: () => this.strategies,
      market: id => this.markets[id],
      group: key => this.group(key),
    })
    this.oms = new Oms(config.oms, {
      quote: token => this.quote(token),
      isStopped: () => this.stop.isStopped,
      trip: (turn, why) => {
        this.stop.trip(turn, why)
      },
      accepted: (turn, of) => {
        this.stop.accepted(turn, of)
      },
      rejected: (turn, of) => {
        this.stop.rejected(turn, of)
      },
      isOver: token => this.market(this.marketOf[token]!).isResolved,
      booked: (turn, { signal, token, side }, fill) => {
        this.exposure.book({ signal, token, side, ...fill })
        settleLate(this, turn, token)
      },
      settled: (turn, of) => {
        this.#settled(turn, of)
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

  group(key: string): GroupFacts | undefined {
    return this.groups.facts(key, id => this.markets[id])
  }

  /** The markets that these tokens belong to, each once. */
  marketsOf(legs: readonly { readonly token: number }[]): number[] {
    return [...new Set(legs.map(({ token }) => this.marketOf[token]!))]
  }

  list(event: EventOf<'MarketListed'>): void {
    this.instruments.market(event)
    const { data } = event
    const { market, venue, minSize, feeRate, feeExponent } = data
    this.markets[market] ??= {
      market,
      rules: rulesOf(venue, this.#schema),
      minSize,
      feeRate,
      feeExponent,
      tokens: [],
      payouts: [],
      isResolved: false,
    }
    this.groups.listed(market)
    this.moved(market)
  }

  listToken(event: EventOf<'TokenListed'>): void {
    this.instruments.token(event)
    const { token, market, index } = event.data
    this.market(market).tokens[index] = token
    this.marketOf[token] = market
    this.said[token] = this.fold.distrustOf(token)
    this.moved(market)
  }

  /** What rules may know of this market, or of its group, is other than it was. */
  moved(market: number): void {
    this.#watching.changed(market, this.groups.keyOf(market))
  }

  /** Makes the fold watch what rules and exchange have to be told of. */
  watch(listens: readonly number[]): void {
    this.#watching.sync(listens)
  }

  /** A signal is over: gates judge it, and once nothing is in flight the exchange is asked what we hold. */
  #settled(turn: Turn, { signal, isKnown, seq, made, isTraded }: Settled): void {
    if (isKnown) this.exposure.release(signal)
    const strategy = this.strategyOf.get(signal) ?? ''
    this.strategyOf.delete(signal)
    this.gates.settled(turn, seq, { signal, strategy, made, isTraded })
    if (!this.config.risk.reconcile || !isTraded || this.oms.open.size > 0) return
    const asked = turn.decide(seq, HoldingsRequested.make({ signal }))
    this.asked = { seq: asked, placed: this.oms.placed }
    turn.ask({ tag: 'RequestHoldings', signal, seq: asked })
  }

  /** All that it remembers between two turns, for a checkpoint. */
  save() {
    const { config, ordinal, said, markets, marketOf, fold, exposure, stop, gates, dedup, oms } =
      this
    const { unsaid, groups, strategyOf, asked } = this
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
      gates: gates.save(),
      groups: groups.save(),
      instruments: this.instruments.save(),
      strategyOf,
      asked,
      dedup: dedup.save(),
      strategies: this.strategies.map(strategy => strategy.save()),
      oms: oms.save(),
      waiting: this.waiting.all(),
    }
  }

  /** Takes up a checkpoint, before the first turn. */
  load(saved: ReturnType<EngineState['save']>): void {
    this.#use(saved.config)
    this.ordinal = saved.ordinal
    this.said.push(...saved.said)
    this.unsaid.push(...saved.unsaid)
    this.markets.push(...saved.markets)
    this.marketOf.push(...saved.marketOf)
    this.fold.load(saved.fold)
    this.exposure.load(saved.exposure)
    this.stop.load(saved.stop)
    this.gates.load(saved.gates)
    this.groups.load(saved.groups)
    this.instruments.load(saved.instruments)
    for (const [signal, name] of saved.strategyOf) this.strategyOf.set(signal, name)
    this.asked = saved.asked
    this.dedup.load(saved.dedup)
    this.strategies.forEach((strategy, k) => strategy.load(saved.strategies[k]))
    this.oms.load(saved.oms)
    this.waiting.load(saved.waiting)
    this.#rewatch()
  }

  /** From here on another configuration decides. Positions, gates and orders stay as they are. */
  reconfigure(recorded: RecordedConfig): void {
    this.#use(completed(recorded))
  }

  #use(config: DecisionConfig): void {
    this.config = config
    this.stop.config = config.risk
    this.gates.config = config.risk
    this.dedup = new Dedup(config)
    this.strategies = strategiesOf(config, this.#known)
    this.oms.reconfigure(config.oms)
    this.#rewatch()
  }

  #rewatch(): void {
    this.#watching.restart([...this.markets.keys()], this.groups.keys)
  }
}

function strategiesOf(config: DecisionConfig, known: Strategies): readonly Strategy[] {
  return config.strategy.names.map(name => {
    const make = known[name]
    assert(make, `Invariant: a run starts with known strategies only, not '${name}'`)
    return make(config)
  })
}
