import { decisionPart, defaults, type DecisionConfig } from '#schemas/config.js'
import { BookChanged, BookSnapshot, FeedLost, FeedResumed } from '#schemas/events/feed.js'
import {
  GroupListed,
  MarketListed,
  MarketResolved,
  TickSizeChanged,
  TokenListed,
} from '#schemas/events/market.js'
import { CommandGiven, RunEnded, RunStarted } from '#schemas/events/run.js'
import { UNSAID } from '#schemas/levels.js'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Exchange, Fault, Mode } from '#schemas/reasons.js'
import { SCHEMA, type Event, type EventOf, type TypeName } from '#schemas/registry.js'
import { bps, price, shares } from '#schemas/units.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { Gateway } from '#engine/gateways/gateway.js'
import { startEngine } from '../start.js'
import { EngineState } from '../state.js'
import type { EngineLoop } from '../engine-loop.js'

type Overrides = { readonly [S in keyof DecisionConfig]?: Partial<DecisionConfig[S]> }

/** Levels in words a trader writes: price in dollars, size in shares. */
export type Ladder = readonly (readonly [price: number, size: number])[]

/** Whole units from decimals that a test writes. */
export const cents = (dollars: number): number => Math.round(dollars * 10_000)
export const micro = (n: number): number => Math.round(n * 1_000_000)

/** The default decision configuration with some keys changed; a quiet exchange unless a test says otherwise. */
export function configWith(changes: Overrides = {}): DecisionConfig {
  const base = decisionPart(defaults())
  const quiet: Overrides = {
    sim: {
      reject_bps: 0,
      jitter_ms: 0,
      fill_share_liquid_bps: 10_000,
      fill_share_thin_bps: 10_000,
    },
    merge: { sets_min_micro: 0 },
  }
  const merged = Object.fromEntries(
    Object.entries(base).map(([section, keys]) => {
      const name = section as keyof DecisionConfig
      return [section, { ...keys, ...quiet[name], ...changes[name] }]
    }),
  )
  return merged as unknown as DecisionConfig
}

/** An engine's state under the rules of today, with a rule under test. */
export const stateWith = (config: DecisionConfig, rules: Strategies): EngineState =>
  new EngineState({ config, mode: 'paper_live', schema: SCHEMA }, tsFold(), rules)

/** `RunStarted` with a configuration. */
export const startedWith = (
  config: DecisionConfig,
  {
    mode = 'paper_live',
    seed = 1,
    faults = [],
    exchange,
  }: { mode?: Mode; seed?: number; faults?: readonly Fault[]; exchange?: Exchange } = {},
): EventOf<'RunStarted'> =>
  RunStarted.make({
    parent: '',
    mode,
    source: 'test',
    schema: SCHEMA,
    seed,
    faults,
    config,
    digest: '',
    ...(exchange && { exchange }),
  })

/** A run told step by step; keeps what the engine wrote. Times in ms from the start. */
export class Story {
  readonly rows: Recorded[] = []
  readonly loop: EngineLoop<never>
  readonly #writer = new LineWriter()

  constructor(
    changes: Overrides = {},
    {
      mode = 'paper_live',
      strategies,
      faults = [],
      gateway,
    }: {
      mode?: Mode
      strategies?: Strategies
      faults?: readonly Fault[]
      /** A venue outside of the engine; absent: the simulated exchange. */
      gateway?: Gateway
    } = {},
  ) {
    const started = startedWith(configWith(changes), {
      ...{ mode, faults },
      ...(gateway && { exchange: 'venue' }),
    })
    const keep = ({ rows }: { rows: readonly Recorded[] }): undefined => {
      this.rows.push(...rows)
      for (const { seq, tUs, cause, event } of rows) this.#writer.event(seq, tUs, cause, event)
    }
    this.loop = startEngine<never>(started, keep, {
      ...(strategies && { strategies }),
      ...(gateway && { gateway }),
    })
    this.loop.take(0, started)
  }

  /** The log as bytes. */
  get bytes(): Uint8Array {
    return this.#writer.bytes.slice()
  }

  /** Type names of all decisions from sequence `from` on. */
  decisions(from = 1): TypeName[] {
    const inputs = new Set(['OrderAcknowledged', 'OrderRejected', 'FillReported', 'ClockTicked'])
    return this.rows
      .filter(({ seq, event }) => seq >= from && !inputs.has(event.type))
      .map(({ event }) => event.type)
  }

  all<N extends TypeName>(type: N): EventOf<N>['data'][] {
    const found = this.rows.filter(({ event }) => event.type === type)
    return found.map(({ event }) => (event as EventOf<N>).data as EventOf<N>['data'])
  }

  one<N extends TypeName>(type: N): EventOf<N>['data'] {
    const found = this.all(type)
    const [only] = found
    if (!only || found.length !== 1)
      throw new Error(`${found.length} ${type} in ${this.decisions().join()}`)
    return only
  }

  /** Lists binary market `m` with tokens 2m − 1 (YES) and 2m (NO). */
  market(
    m = 1,
    {
      feeRate = 0,
      tick = 100,
      minSize = 5,
      venue = 'sim',
      endsMs = undefined as number | undefined,
      question = '',
    } = {},
  ): this {
    this.say(
      0,
      MarketListed.make({
        market: m,
        venue,
        key: `m${m}`,
        question,
        group: '',
        negRisk: false,
        minSize: shares(micro(minSize)),
        feeRate: bps(feeRate),
        feeExponent: 1,
        inferred: false,
        ...(endsMs !== undefined && { ends: endsMs * 1_000 }),
      }),
    )
    for (const index of [0, 1]) {
      const token = 2 * m - 1 + index
      const outcome = index === 0 ? 'Yes' : 'No'
      const key = `t${token}`
      this.say(0, TokenListed.make({ token, market: m, index, key, outcome, tick: price(tick) }))
    }
    return this
  }

  /** Ties markets together as the outcomes of one event of which exactly one pays, unless told otherwise. */
  group(
    markets: readonly number[],
    { exclusive = true, growing = false, outcomes = markets.length } = {},
  ): this {
    const facts = { group: 'e1', title: '', exclusive, growing, outcomes, markets }
    return this.say(0, GroupListed.make(facts))
  }

  book(
    ms: number,
    token: number,
    { bids = [], asks = [] }: { bids?: Ladder; asks?: Ladder },
  ): this {
    const flat = (ladder: Ladder) => ladder.flatMap(([at, size]) => [cents(at), micro(size)])
    return this.say(ms, BookSnapshot.make({ token, bids: flat(bids), asks: flat(asks) }))
  }

  /** One change; `best` is the venue's own bid and ask after it. */
  change(
    ms: number,
    token: number,
    side: 0 | 1,
    at: number,
    size: number,
    best?: readonly [bid: number, ask: number],
  ): this {
    const said = best ? best.map(cents) : [UNSAID, UNSAID]
    return this.say(ms, BookChanged.make({ d: [token, side, cents(at), micro(size), ...said] }))
  }

  lost(ms: number): this {
    return this.say(ms, FeedLost.make({ feed: 'test', why: 'closed' }))
  }

  resumed(ms: number): this {
    return this.say(ms, FeedResumed.make({ feed: 'test' }))
  }

  retick(ms: number, token: number, from: number, to: number): this {
    return this.say(ms, TickSizeChanged.make({ token, from: price(from), to: price(to) }))
  }

  resolve(ms: number, market: number, winner: number): this {
    const payouts = [2 * market - 1, 2 * market].map(
      token => [token, price(token === winner ? 10_000 : 0)] as const,
    )
    return this.say(ms, MarketResolved.make({ market, payouts }))
  }

  command(ms: number, command: 'pause' | 'resume' | 'hard-stop' | 'clear-hard-stop'): this {
    return this.say(ms, CommandGiven.make({ command, by: 'test' }))
  }

  /** Anything at all, at `ms`; what is due before comes first. */
  say(ms: number, event: Event): this {
    this.loop.catchUp(Math.max(ms * 1_000, this.loop.tUs))
    this.loop.take(ms * 1_000, event)
    return this
  }

  /** Lets everything pending come due, then ends the run. */
  end(): this {
    this.loop.catchUp(Number.POSITIVE_INFINITY)
    this.loop.take(this.loop.tUs, RunEnded.make({ why: 'source-ended' }))
    return this
  }
}
