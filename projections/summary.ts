import type { Recorded } from '#schemas/recorded.js'
import { isInput, type Event } from '#schemas/registry.js'
import type { BookFold } from '#engine/book/fold.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { CompleteSets } from './complete-sets.js'
import type { Pnl } from './holdings.js'
import { Owners, type Owner } from './owners.js'
import type { Projection } from './projection.js'
import { part, type Counts, type Part } from './summary-parts.js'

interface State {
  readonly books: BookFold
  readonly touched: ReturnType<typeof untouched>
  readonly whole: Part
  readonly strategies: Map<string, Part>
  readonly markets: Map<number, Part>
  readonly sets: CompleteSets
  readonly owners: Owners
  /** Market of each token. */
  readonly marketOf: Map<number, number>
  readonly reasons: Map<string, number>
  dropped: number
  hardStop: string | undefined
  /** Gates that are closed, and what closed them. */
  readonly closed: Map<string, string>
  inputs: number
  decisions: number
  firstUs: number
  lastUs: number
  mode: string
  source: string
}

/** Counts and profit of one strategy or market. */
export interface PartView extends Counts {
  readonly pnlMicro: Pnl
}

/** What a trader wants to know of a run first. */
export interface Summary {
  readonly mode: string
  readonly source: string
  readonly signals: number
  /** Signals that led to no order: refused, repeated or dropped. */
  readonly dropped: number
  readonly byReason: Readonly<Record<string, number>>
  readonly orders: number
  readonly fills: number
  readonly setsMicro: number
  readonly pnlMicro: Pnl
  readonly byStrategy: Readonly<Record<string, PartView>>
  /** By market id; `label` is its question or venue id. */
  readonly byMarket: Readonly<Record<string, PartView & { readonly label: string }>>
  /** Why trading is stopped; null where it is not. */
  readonly hardStop: string | null
  /** Gates that are closed at the end, and what closed them. */
  readonly gates: Readonly<Record<string, string>>
  readonly inputs: number
  readonly decisions: number
  readonly durationUs: number
}

/** The summary of a run: counts, reasons, profit. */
export const summary: Projection<State, Summary> = {
  name: 'summary',
  version: 1,
  initialState: () => ({
    books: tsFold(),
    touched: untouched(),
    whole: part(''),
    strategies: new Map(),
    markets: new Map(),
    sets: new CompleteSets(),
    closed: new Map(),
    owners: new Owners(),
    marketOf: new Map(),
    reasons: new Map(),
    dropped: 0,
    hardStop: undefined,
    inputs: 0,
    decisions: 0,
    firstUs: 0,
    lastUs: 0,
    mode: '',
    source: '',
  }),
  evolve: (state, row) => {
    foldBooks(state, row)
    return tally(state, row)
  },
  view: state => summaryOver(state, token => state.books.view(token)?.bestBid ?? 0),
}

/** As `evolve`, where somebody else keeps the books. */
export function tally(state: State, row: Recorded): State {
  count(state, row)
  state.sets.take(row.event)
  state.owners.take(row.event)
  take(state, row.event)
  return state
}

function count(state: State, { seq, tUs, event }: Recorded): void {
  if (isInput(event.type)) state.inputs++
  else state.decisions++
  if (seq === 1) state.firstUs = tUs
  state.lastUs = tUs
}

/** Best bids are all that is asked of the books: trust in them is not folded. */
function foldBooks({ books, touched }: State, { tUs, event }: Recorded): void {
  switch (event.type) {
    case 'BookChanged':
    case 'BookSnapshot':
    case 'TickSizeChanged':
    case 'TokenListed':
      foldEvent(books, event, tUs, touched)
      clearTouched(touched)
      return
    default:
  }
}

function take(state: State, event: Event): void {
  switch (event.type) {
    case 'RunStarted':
      state.mode = event.data.mode
      state.source = event.data.source
      return
    case 'MarketListed':
      state.markets.set(event.data.market, part(event.data.question || event.data.key))
      return
    case 'TokenListed':
      state.marketOf.set(event.data.token, event.data.market)
      return
    case 'SignalRaised':
      each(state, event.data.signal, of => of.signals++)
      return
    case 'IntentApproved':
      each(state, event.data.signal, of => of.approved++)
      return
    case 'IntentRefused':
      drop(state, event.data.signal, event.data.reasons)
      return
    case 'DedupSignal':
      drop(state, event.data.signal, ['repeat'])
      return
    case 'SignalDropped':
      drop(state, event.data.signal, [event.data.reason])
      return
    case 'OrderPlaced':
      eachOfOrder(state, event.data, of => of.orders++)
      return
    case 'OrderFilled':
      eachOfOrder(state, event.data, of => {
        of.fills++
        of.held.take(event)
      })
      return
    case 'FillVoided':
      eachOfOrder(state, event.data, of => {
        of.fills--
        of.held.take(event)
      })
      return
    case 'PositionsConverted':
      eachOf(state, event.data, undefined, of => {
        of.held.take(event)
      })
      return
    case 'ConversionFailed':
      each(state, event.data.signal, of => {
        of.held.take(event)
      })
      return
    case 'LegsSettled':
      // One outcome alone is no set.
      if (event.data.legs.length > 1)
        each(state, event.data.signal, of => (of.sets += event.data.matched))
      return
    case 'MarketResolved':
      for (const { held } of allParts(state)) held.take(event)
      return
    case 'PositionAdopted':
      state.whole.held.take(event) // nobody's strategy bought it
      return
    case 'HardStopTripped':
      state.hardStop = `${event.data.why}: ${event.data.detail}`
      return
    case 'GateClosed':
      state.closed.set(gateOf(event.data), event.data.detail)
      return
    case 'GateOpened':
      state.closed.delete(gateOf(event.data))
      return
    case 'HardStopCleared':
      state.hardStop = undefined
      return
    default:
  }
}

/** What a state says, with what we hold valued at these best bids. */
export function summaryOver(state: State, bestBidOf: (token: number) => number): Summary {
  const bidOf = (token: number): number => (state.sets.isUnknown(token) ? 0 : bestBidOf(token))
  const setsAmong = (tokens: Iterable<number>): number[][] => state.sets.among(tokens)
  const pnl = ({ held }: Part): Pnl => held.pnl(bidOf, setsAmong)
  const partView = (of: Part): PartView => {
    const { signals, approved, orders, fills, sets } = of
    return { signals, approved, orders, fills, sets, pnlMicro: pnl(of) }
  }
  const { whole } = state
  const traded = [...state.markets].filter(([, { signals, orders }]) => signals + orders > 0)
  return {
    mode: state.mode,
    source: state.source,
    signals: whole.signals,
    dropped: state.dropped,
    byReason: Object.fromEntries([...state.reasons].sort(([a], [b]) => (a < b ? -1 : 1))),
    orders: whole.orders,
    fills: whole.fills,
    setsMicro: whole.sets,
    pnlMicro: pnl(whole),
    byStrategy: Object.fromEntries([...state.strategies].map(([name, of]) => [name, partView(of)])),
    byMarket: Object.fromEntries(
      traded.map(([id, of]) => [id, { label: of.label, ...partView(of) }]),
    ),
    hardStop: state.hardStop ?? null,
    gates: Object.fromEntries(state.closed),
    inputs: state.inputs,
    decisions: state.decisions,
    durationUs: state.lastUs - state.firstUs,
  }
}

function drop(state: State, signal: string, reasons: readonly string[]): void {
  if (state.owners.ofSignal(signal)) state.dropped++
  for (const reason of reasons) state.reasons.set(reason, (state.reasons.get(reason) ?? 0) + 1)
}

/** The run as a whole, the signal's strategy and its market. */
function each(state: State, signal: string, change: (of: Part) => void): void {
  eachOf(state, state.owners.ofSignal(signal), undefined, change)
}

/** The same of an order, which belongs to a signal or to an instance by itself. */
function eachOfOrder(
  state: State,
  { order, token }: { readonly order: string; readonly token: number },
  change: (of: Part) => void,
): void {
  eachOf(state, state.owners.ofOrder(order), token, change)
}

function eachOf(
  state: State,
  owner: Pick<Owner, 'strategy' | 'market'> | undefined,
  token: number | undefined,
  change: (of: Part) => void,
): void {
  change(state.whole)
  if (!owner) return
  const strategy = state.strategies.get(owner.strategy) ?? part(owner.strategy)
  state.strategies.set(owner.strategy, strategy)
  change(strategy)
  const id = owner.market ?? (token === undefined ? undefined : state.marketOf.get(token))
  const market = id === undefined ? undefined : state.markets.get(id)
  if (market) change(market)
}

function* allParts(state: State): Iterable<Part> {
  yield state.whole
  yield* state.strategies.values()
  yield* state.markets.values()
}

/** A gate, with the strategy that it is closed to where that is one. */
const gateOf = ({ gate, strategy }: { gate: string; strategy: string }): string =>
  strategy === '' ? gate : `${gate} of ${strategy}`
