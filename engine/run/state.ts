import assert from 'node:assert'
import { completed, type DecisionConfig, type RecordedConfig } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import type { BookFold, Touched } from '#engine/book/fold.js'
import { untouched } from '#engine/book/touched.js'
import type { BookView } from '#engine/book/view.js'
import type { GroupFacts } from '#engine/core/market.js'
import { Instruments } from '#engine/core/instruments.js'
import { rulesOf } from '#engine/venues/registry.js'
import type { Quote } from '#engine/core/quote.js'
import type { GatewayInterest } from '#engine/gateways/gateway.js'
import { NEVER, type Deadline } from '#engine/oms/deadline.js'
import { DUST } from '#engine/oms/fills.js'
import { Oms } from '#engine/oms/oms.js'
import { Waiting } from '#engine/oms/waiting.js'
import type { Exposure } from '#engine/risk/exposure.js'
import { KillSwitch } from '#engine/risk/kill-switch.js'
import { Purses, SHARED } from '#engine/risk/purses.js'
import { Groups } from '#engine/core/groups.js'
import { Dedup } from '#engine/strategies/dedup.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { contextOf } from './context.js'
import { Conversions } from './conversions.js'
import { DirectionalPositions } from './directional.js'
import { Exits } from './exits.js'
import { Holdings } from './holdings.js'
import { Instances } from './instances.js'
import type { Market, Origin, Signal, Undelivered } from './memory.js'
import { omsPortOf } from './oms-port.js'
import { Recovery } from './recovery.js'
import { StopCheck } from './stop-check.js'
import { Timers } from './timers.js'
import { VenueState } from './venue-state.js'
import { rulesOfSchema } from './schema-rules.js'
import { FoldSubscriptions } from './fold-subscriptions.js'

/** What the engine remembers: a fold of the log, owned by `step` and changed in place. */
export class EngineState {
  config: DecisionConfig
  /** Market inputs so far (in logs of the first schemas all feed inputs); ids come from it. */
  ordinal = 0
  readonly fold: BookFold
  readonly touched: Touched = untouched()
  /** Bits against each token, as the last event about it recorded them. */
  readonly recordedDistrust: number[] = []
  /** Tokens whose trust changed without room for the event in that turn: the next turns record it. */
  readonly unrecorded: (Deadline & { readonly token: number })[] = []
  readonly markets: (Market | undefined)[] = []
  /** Market of each token. */
  readonly marketOf: number[] = []
  readonly groups = new Groups()
  readonly purses: Purses
  readonly kill: KillSwitch
  /** Instance of each signal in work. */
  readonly instanceOf = new Map<string, string>()
  readonly dedup: Dedup
  readonly instances: Instances
  readonly timers = new Timers()
  /** The run's numbers of markets and tokens. */
  readonly instruments = new Instruments()
  readonly oms: Oms
  readonly holdings: Holdings
  readonly recovery: Recovery
  readonly venue: VenueState
  readonly stopCheck: StopCheck
  readonly exits: Exits
  readonly directional: DirectionalPositions
  readonly conversions: Conversions
  readonly waiting = new Waiting<Signal>()
  /** What instances are still to be told of in this turn: empty between two turns. */
  readonly undelivered: Undelivered[] = []
  /** Time of the input, as strategies see it. */
  readonly now = { tUs: 0 }
  /** Earliest time at which the book of a quote may be stale, µs; Infinity for none. */
  staleCheck: Deadline = NEVER
  readonly #subscriptions: FoldSubscriptions
  /** Version of the registry that the run was begun under: it is decided as it was then. */
  readonly #schema: number
  /** Whether the run decides by the rules of the first schemas. */
  readonly isStrict: boolean
  /** Whether a sale may leave, whatever the limits of new risk say. */
  readonly letsOut: boolean
  /** Whether orders are signed before they leave, and every token is compared before it is traded. */
  readonly isSigned: boolean
  /** Signals are recorded, orders are not sent. */
  readonly isShadow: boolean
  /** Whether orders are answered outside of this process. */
  readonly isVenue: boolean

  constructor(origin: Origin, fold: BookFold, known: Strategies) {
    const config = completed(origin.config)
    this.config = config
    this.isShadow = origin.mode === 'shadow'
    this.isVenue = origin.exchange === 'venue'
    this.#schema = origin.schema
    const rules = rulesOfSchema(origin.schema)
    this.isStrict = rules.isStrict
    this.letsOut = rules.letsOut
    this.isSigned = this.isVenue && rules.isSigned
    this.fold = fold
    this.dedup = new Dedup(config)
    this.instances = new Instances({ known, contextOf: scope => contextOf(this, scope) }, config)
    this.purses = new Purses(config.risk, [SHARED, ...this.instances.scopes])
    this.kill = new KillSwitch(config.risk, () => this.purses.isSingle)
    this.#subscriptions = new FoldSubscriptions({
      fold,
      instances: () => this.instances.all,
      market: id => this.markets[id],
      group: key => this.group(key),
      marketOf: token => this.marketOf[token],
      quotes: () => this.oms.quotes,
    })
    this.oms = new Oms(config.oms, omsPortOf(this))
    this.oms.book.isStrict = this.isStrict
    if (this.isSigned) this.oms.roundsTo(DUST)
    this.oms.quotes.isClosed = this.isShadow
    const { oms, purses, isStrict, kill } = this
    const timeoutMs = (): number => this.config.oms.answer_timeout_ms
    const everyMs = (): number => (isStrict ? 0 : this.config.risk.reconcile_every_ms)
    const isComparedFirst = this.isSigned
    this.holdings = new Holdings({ oms, purses, isStrict, isComparedFirst, timeoutMs, everyMs })
    const listEveryMs = (): number => (this.isVenue ? everyMs() : 0)
    this.recovery = new Recovery({ oms, holdings: this.holdings, timeoutMs, listEveryMs })
    this.venue = new VenueState(this.recovery)
    this.stopCheck = new StopCheck({ kill, timeoutMs })
    this.exits = new Exits(this)
    this.directional = new DirectionalPositions(this.purses)
    this.conversions = new Conversions(this)
  }

  /** The shared purse's cash and positions. */
  get exposure(): Exposure {
    return this.purses.of(SHARED).exposure
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
    const { market, key, question, venue, minSize, feeRate, feeExponent, ends: endsUs } = data
    this.markets[market] ??= {
      ...{ market, key, question, rules: rulesOf(venue, this.#schema) },
      ...{ minSize, feeRate, feeExponent },
      ...(endsUs !== undefined && { endsUs }),
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
    this.recordedDistrust[token] = this.fold.distrustOf(token)
    this.moved(market)
  }

  /** What rules may know of this market, or of its group, is other than it was. */
  moved(market: number): void {
    this.#subscriptions.changed(market, this.groups.keyOf(market))
  }

  /** What a purse holds of a token is other than it was: instances that want to know are told in this turn. */
  positionMoved(scope: string, token: number): void {
    for (const { id, scope: own, running } of this.instances.all) {
      if (own !== scope || running.subscribes.positions !== true) continue
      const size = this.purses.of(scope).exposure.positions.get(token)?.size ?? 0
      this.undelivered.push({ instance: id, event: { tag: 'position', token, size } })
    }
  }

  /** Makes the fold stop walks at what strategies, quotes and the exchange have to see. */
  subscribe(gateway: GatewayInterest | undefined): void {
    this.#subscriptions.sync(gateway)
  }

  /** When the engine next wants to hear from the clock. */
  get deadline(): Deadline {
    const [unrecorded] = this.unrecorded
    // What is not recorded yet is due at once: nothing in flight is due before now.
    if (unrecorded) return unrecorded
    let soonest = this.oms.deadline
    if (this.isStrict) return soonest
    if (this.isSigned) soonest = this.stopCheck.deadline(soonest)
    soonest = this.timers.deadline(this.holdings.deadline(this.recovery.deadline(soonest)))
    return this.staleCheck.dueUs < soonest.dueUs ? this.staleCheck : soonest
  }

  /** All that it remembers between two turns, for a checkpoint. */
  save() {
    const { config, ordinal, recordedDistrust, unrecorded, markets, marketOf } = this
    const { instanceOf, staleCheck } = this
    return {
      ...{ config, ordinal, recordedDistrust, unrecorded, markets, marketOf },
      ...{ instanceOf, staleCheck },
      fold: this.fold.save(),
      purses: this.purses.save(),
      kill: this.kill.save(),
      groups: this.groups.save(),
      instruments: this.instruments.save(),
      dedup: this.dedup.save(),
      instances: this.instances.save(),
      timers: this.timers.save(),
      oms: this.oms.save(),
      holdings: this.holdings.save(),
      recovery: this.recovery.save(),
      venue: this.venue.save(),
      stopCheck: this.stopCheck.save(),
      exits: this.exits.save(),
      directional: this.directional.save(),
      conversions: this.conversions.save(),
      waiting: this.waiting.all(),
    }
  }

  /** Takes up a checkpoint, before the first turn. */
  load(saved: ReturnType<EngineState['save']>): void {
    this.#use(saved.config)
    this.ordinal = saved.ordinal
    this.staleCheck = saved.staleCheck
    this.recordedDistrust.push(...saved.recordedDistrust)
    this.unrecorded.push(...saved.unrecorded)
    this.markets.push(...saved.markets)
    this.marketOf.push(...saved.marketOf)
    this.fold.load(saved.fold)
    this.purses.load(saved.purses)
    this.kill.load(saved.kill)
    this.groups.load(saved.groups)
    this.instruments.load(saved.instruments)
    for (const [signal, id] of saved.instanceOf) this.instanceOf.set(signal, id)
    this.dedup.load(saved.dedup)
    this.instances.load(saved.instances)
    this.timers.load(saved.timers)
    this.oms.load(saved.oms)
    this.holdings.load(saved.holdings)
    this.recovery.load(saved.recovery)
    this.venue.load(saved.venue)
    this.stopCheck.load(saved.stopCheck)
    this.exits.load(saved.exits)
    this.directional.load(saved.directional)
    this.conversions.load(saved.conversions)
    this.waiting.load(saved.waiting)
    this.#resubscribe()
  }

  /**
   * From here on another configuration decides. Only instances whose plan changed are remade; what was seen and signalled,
   * positions, gates and orders stay as they are. Answers the instances that ended or were remade.
   */
  reconfigure(recorded: RecordedConfig): string[] {
    return this.#use(completed(recorded))
  }

  #use(config: DecisionConfig): string[] {
    this.config = config
    this.kill.config = config.risk
    this.dedup.reconfigure(config, this.isStrict)
    const ended = this.instances.reconfigure(config, this.isStrict)
    for (const scope of this.instances.scopes) this.purses.open(scope)
    this.purses.reconfigure(config.risk, this.isStrict)
    this.oms.reconfigure(config.oms)
    this.#resubscribe()
    return ended
  }

  #resubscribe(): void {
    this.#subscriptions.restart([...this.markets.keys()], this.groups.keys)
  }
}
