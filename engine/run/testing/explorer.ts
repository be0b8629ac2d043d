import {
  FillReported,
  OrderAcknowledged,
  OrderOutcomeUnknown,
  OrderRejected,
} from '#schemas/events/order.js'
import { BookSnapshot } from '#schemas/events/feed.js'
import { MarketResolved } from '#schemas/events/market.js'
import { CommandGiven } from '#schemas/events/run.js'
import { BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Event } from '#schemas/registry.js'
import { price, shares, usdc } from '#schemas/units.js'
import { packed, unpacked } from '#engine/core/saved.js'
import type { Gateway, Request } from '#engine/gateways/gateway.js'
import type { Order } from '#engine/oms/order.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { setIntent } from '#engine/strategies/sets.js'
import { NONE, strategy } from '#engine/strategies/strategy.js'
import { EngineLoop, type SavedEngine } from '../engine-loop.js'
import { cents, configWith, micro, stateWith, Story } from './story.js'

/** An exchange that says nothing by itself: an explorer says it. */
class Mute implements Gateway {
  readonly leavesProcess = false
  readonly dueUs = Number.POSITIVE_INFINITY
  sent: Request[] = []
  readonly send = (request: Request): void => {
    this.sent.push(request)
  }
  readonly take = (): undefined => undefined
  readonly observe = (): void => undefined
  readonly save = (): unknown => this.sent
  readonly load = (saved: unknown): void => {
    this.sent = saved as Request[]
  }
}

/** How the books stand, all alike. */
export type Books = 'both' | 'no bids' | 'no asks'

/** One state that can be reached, with the shortest way found to it. */
export interface Place {
  readonly saved: string
  readonly way: readonly string[]
  readonly books: Books
  readonly isResolved: boolean
  /** Late fills so far; one is enough. */
  readonly late: number
  /** Terminal events of the signal so far. */
  readonly settled: number
}

/** One thing that may happen next. */
export interface Step {
  readonly from: Place
  readonly to: Place
  readonly rows: readonly Recorded[]
  readonly wasStopped: boolean
  readonly engine: Engine
}

export type Engine = EngineLoop<never>

interface Stimulus {
  readonly name: string
  readonly events: (engine: Engine) => readonly Event[]
  readonly books?: Books
  readonly isResolved?: boolean
  readonly late?: number
}

const OMS = { answer_timeout_ms: 3_000, query_every_ms: 9_000, query_deadline_ms: 2_000 }
/** Shares of each leg. */
export const SIZE = micro(4)
/** Explores all that can happen to one approved signal of so many legs, each a binary market's YES. */
export class Explorer {
  readonly #legs: number
  readonly #rows: Recorded[] = []

  constructor(legs: number) {
    this.#legs = legs
  }

  /** The signal is approved and its first order is out. */
  start(): Place & { readonly rows: readonly Recorded[] } {
    const engine = this.#engine()
    const story = new Story({ strategy: { names: [] } })
    for (let m = 1; m <= this.#legs; m++) story.market(m)
    const { rows } = story
    for (const { tUs, event } of rows) engine.take(tUs, event)
    this.#rows.length = 0
    for (const event of this.#books('both')) engine.take(1_000, event)
    const settled = settledIn(this.#rows)
    return {
      saved: packed(engine.save()),
      way: [],
      books: 'both',
      isResolved: false,
      late: 0,
      settled,
      rows: [...this.#rows],
    }
  }

  /** An engine that stands at this place. */
  at({ saved }: Place): Engine {
    const engine = this.#engine()
    engine.load(unpacked(saved) as SavedEngine)
    return engine
  }

  /** All that may happen at this place, each on an engine of its own. */
  steps(from: Place): Step[] {
    return this.#stimuli(from).map(of => this.#step(from, of))
  }

  /** Nobody says anything any more: only the clock runs, until it wants nothing. */
  silence(from: Place): { engine: Engine; rows: readonly Recorded[] } {
    const engine = this.at(from)
    this.#rows.length = 0
    engine.catchUp(Number.MAX_SAFE_INTEGER)
    return { engine, rows: [...this.#rows] }
  }

  #engine(): Engine {
    const config = configWith({
      strategy: { names: ['once'] },
      oms: OMS,
      risk: { rejects_max: 1_000, error_rate_max_bps: 0, book_age_max_ms: 86_400_000 },
    })
    const state = stateWith(config, this.#rule())
    return new EngineLoop<never>(state, new Mute(), ({ rows }) => {
      this.#rows.push(...rows)
      return undefined
    })
  }

  /** Raises one signal over all markets, once every book is there. */
  #rule(): Strategies {
    const tokens = Array.from({ length: this.#legs }, (_, k) => 2 * k + 1)
    const once = strategy<unknown, { isRaised: boolean }>({
      name: 'once',
      doc: 'raises one signal over all markets',
      version: 1,
      params: {},
      subscribes: () => ({
        books: ({ tokens: listed }) => ({ test: 'touched', limit: 0, tokens: listed }),
      }),
      init: () => ({ isRaised: false }),
      on: (_, { book, memory }) => {
        if (memory.isRaised || tokens.some(token => book(token).bestAsk === 10_000)) return NONE
        memory.isRaised = true
        const at = { side: BID as typeof BID, limit: price(cents(0.2)), ask: price(cents(0.2)) }
        const bid = price(cents(0.18))
        const legs = tokens.map(token => ({ ...at, token, bid, size: shares(SIZE) }))
        const proposal = { market: 1, size: SIZE, cost: micro(5), fee: 0, edge: 300, ttlMs: 5_000 }
        return setIntent({ ...proposal, legs })
      },
    })
    return { once }
  }

  #books(books: Books): Event[] {
    return Array.from({ length: this.#legs }, (_, k) =>
      BookSnapshot.make({
        token: 2 * k + 1,
        bids: books === 'no bids' ? [] : [cents(0.18), micro(500)],
        asks: books === 'no asks' ? [] : [cents(0.2), micro(100 + k)],
      }),
    )
  }

  #step(from: Place, { name, events, ...changes }: Stimulus): Step {
    const engine = this.at(from)
    const wasStopped = engine.state.kill.isStopped
    const said = events(engine)
    this.#rows.length = 0
    if (name === 'silence') engine.takeDue()
    for (const event of said) engine.take(engine.tUs + 1_000, event)
    const rows = [...this.#rows]
    const settled = from.settled + settledIn(rows)
    const way = [...from.way, name]
    const to = { ...from, ...changes, saved: packed(engine.save()), way, settled }
    return { from, to, rows, wasStopped, engine }
  }

  #stimuli(from: Place): Stimulus[] {
    const { state, dueUs } = this.at(from)
    const [execution] = state.oms.open.values()
    const order = execution?.order?.result === undefined ? execution?.order : undefined
    const found: Stimulus[] = []
    if (order) found.push(...answersTo(order))
    if (dueUs !== Number.POSITIVE_INFINITY) found.push({ name: 'silence', events: () => [] })
    // Books matter where the next order is priced, so before an order's first answer is as good as after it.
    const isFresh = order?.acknowledged === undefined && order?.filled === 0 && order.queries === 0
    if (execution && isFresh) {
      for (const books of ['both', 'no bids', 'no asks'] as const)
        if (books !== from.books)
          found.push({ name: books, books, events: () => this.#books(books) })
      if (!state.kill.isStopped)
        found.push({
          name: 'hard stop',
          events: () => [CommandGiven.make({ command: 'hard-stop', by: 'test' })],
        })
      if (!from.isResolved)
        found.push({ name: 'resolved', isResolved: true, events: () => resolved() })
    }
    if (!execution || !isFresh) return found
    const lost = [...state.oms.orders.values()].find(
      ({ result, filled, size }) => result === 'unknown' && filled < size,
    )
    if (lost && from.late === 0)
      found.push({
        name: 'late fill',
        late: 1,
        events: () => [fillOf(lost, lost.size - lost.filled)],
      })
    return found
  }
}

/** Everything that an exchange may say about an order that is out. */
function answersTo(order: Order): Stimulus[] {
  const { id, size, filled, acknowledged } = order
  const [all, half] = [size - filled, Math.floor((size - filled) / 2)]
  const ack = (sum: number): Event =>
    OrderAcknowledged.make({ order: id, venueOrder: `v-${id}`, filled: shares(sum) })
  if (acknowledged !== undefined)
    return [{ name: 'the fill it announced', events: () => [fillOf(order, acknowledged - filled)] }]
  const answers: readonly (readonly [string, readonly Event[]])[] = [
    ['rejected', [OrderRejected.make({ order: id, reason: 'venue-refused', detail: '' })]],
    ['unknown', [OrderOutcomeUnknown.make({ order: id, why: 'timeout' })]],
    ['acknowledged, nothing', [ack(filled)]],
    ['acknowledged, half', [ack(filled + half), fillOf(order, half)]],
    ['half, acknowledged', [fillOf(order, half), ack(filled + half)]],
    ['acknowledged, all', [ack(size), fillOf(order, all)]],
    ['all', [fillOf(order, all)]],
    ['acknowledged all, no fill', [ack(size)]],
    ['half, no acknowledgement', [fillOf(order, half)]],
    [
      'half, told twice',
      [fillOf(order, half), fillOf(order, half), ack(filled + half), ack(filled + half)],
    ],
  ]
  return (
    answers
      // An order for less fills whole or not at all: so the states stay finite.
      .filter(([name]) => size - filled >= SIZE || !name.includes('half'))
      .filter(([name]) => order.queries === 0 || name !== 'unknown')
      .map(([name, events]) => ({ name, events: () => events }))
  )
}

function fillOf({ id, token, side, limit, filled }: Order, size: number): Event {
  const trade = `${id}/${filled}`
  return FillReported.make({
    order: id,
    trade,
    token,
    side,
    price: price(limit),
    size: shares(size),
    fee: usdc(0),
  })
}

const resolved = (): Event[] => [
  MarketResolved.make({
    market: 1,
    payouts: [
      [1, price(10_000)],
      [2, price(0)],
    ],
  }),
]

/**
 * What decides how a place goes on. Ids, whether the market is decided, attempts, cash and time are left out: no rule of the
 * order management looks at them.
 */
export function keyOf(place: Place, { state }: Engine): string {
  if (state.oms.open.size === 0) return `over ${place.settled}`
  const works = [...state.oms.open.values()].map(execution => {
    const { phase, at, tries, matched, hasResidue, unknown, legs, order } = execution
    const open = order && [order.leg, order.limit, order.size, order.filled, order.result ?? 'open']
    return [
      ...[phase, at, tries, matched, hasResidue, unknown !== ''],
      legs.map(({ bought, sold }) => [bought, sold]),
      ...[open ?? '', order?.acknowledged ?? 'none', order?.queries ?? 0],
    ]
  })
  const { books, late, settled } = place
  return JSON.stringify([works, books, late, settled, state.kill.isStopped])
}

const settledIn = (rows: readonly Recorded[]): number =>
  rows.filter(({ event }) => event.type === 'LegsSettled').length
