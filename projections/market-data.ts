import { askCell, bidCell, microCell, msCell, priceCell } from './csv.js'
import { taken, tableOf, type Column, type RowView } from './view.js'
import type { World } from './world.js'

/** The touch of one token. */
interface Touch {
  readonly token: string
  readonly bid: number
  readonly ask: number
  /** What the first three asks hold, 1e-6 dollar. */
  readonly depth: number
}

interface Tick extends Touch {
  readonly tUs: number
  readonly market: string
}

/** The touch after each frame, for each token that the frame touched, whether it moved or not. */
export const ticks: RowView<Tick[], Tick> = {
  name: 'ticks',
  version: 1,
  initialState: () => [],
  evolve: (rows, { tUs }, world) => {
    for (const token of world.touched) {
      const facts = world.tokens.get(token)
      const book = world.books.view(token)
      rows.push({
        tUs,
        market: world.marketKey(facts?.market),
        token: facts?.key ?? '',
        bid: book?.bestBid ?? 0,
        ask: book?.bestAsk ?? 10_000,
        depth: book ? world.depthIn(book) : 0,
      })
    }
  },
  drain: taken,
  rest: () => [],
}

/** `ticks.csv`. */
export const ticksFile = tableOf(ticks, [
  ['ts_recv_us', ({ tUs }) => String(tUs), 'integer'],
  ['market_id', ({ market }) => market, 'text'],
  ['token_id', ({ token }) => token, 'text'],
  ['best_bid', ({ bid }) => bidCell(bid), 'price'],
  ['best_ask', ({ ask }) => askCell(ask), 'price'],
  ['ask_depth3_usdc', ({ depth }) => microCell(depth), 'micro'],
])

/** Between two rows of a market lies at least this much event time. */
const EVERY_US = 1_000_000
/** Legs that a row has room for. */
const LEGS_SHOWN = 3

interface Snapshot {
  readonly tUs: number
  readonly market: string
  readonly legs: number
  readonly touches: readonly Touch[]
}

interface Snapshots {
  readonly rows: Snapshot[]
  /** Per market: time of its last row. */
  readonly lastUs: Map<number, number>
}

/**
 * All legs of a market side by side, once each has been heard of, at most once a second: with the first frame a second
 * after the row before.
 */
export const snapshots: RowView<Snapshots, Snapshot> = {
  name: 'snapshots',
  version: 1,
  initialState: () => ({ rows: [], lastUs: new Map() }),
  evolve: ({ rows, lastUs }, { tUs }, world) => {
    for (const token of world.touched) {
      const market = world.marketOf(token)
      if (market === undefined) continue
      const last = lastUs.get(market)
      if (last !== undefined && tUs - last < EVERY_US) continue
      const tokens = world.markets.get(market)?.tokens ?? []
      if (tokens.some(leg => world.books.view(leg)?.updatedUs === 0)) continue // half a market
      lastUs.set(market, tUs)
      const touches = tokens.slice(0, LEGS_SHOWN).map(leg => touchOf(leg, world))
      rows.push({ tUs, market: world.marketKey(market), legs: tokens.length, touches })
    }
  },
  drain: ({ rows }) => taken(rows),
  rest: () => [],
}

/** `snapshots.csv`. */
export const snapshotsFile = tableOf(snapshots, [
  ['ts_ms', ({ tUs }) => msCell(tUs), 'integer'],
  ['market_id', ({ market }) => market, 'text'],
  ['legs_n', ({ legs }) => String(legs), 'integer'],
  ...[0, 1, 2].flatMap(legColumns),
])

interface Print {
  readonly tUs: number
  readonly market: string
  readonly token: string
  readonly price: number
  readonly size: number
  readonly id: string
  readonly lagUs: number | undefined
}

/** What others traded. */
export const trades: RowView<Print[], Print> = {
  name: 'trades',
  version: 1,
  initialState: () => [],
  evolve: (rows, { tUs, event }, world) => {
    if (event.type !== 'TradePrinted') return
    const { token, price, size, id, lag } = event.data
    const market = world.marketKey(world.marketOf(token))
    rows.push({ tUs, market, token: world.tokenKey(token), price, size, id, lagUs: lag })
  },
  drain: taken,
  rest: () => [],
}

/** `trades.csv`. */
export const tradesFile = tableOf(trades, [
  ['ts_ms', ({ tUs }) => msCell(tUs), 'integer'],
  ['market_id', ({ market }) => market, 'text'],
  ['token_id', ({ token }) => token, 'text'],
  ['price', ({ price }) => priceCell(price), 'price'],
  ['size', ({ size }) => microCell(size), 'micro'],
  ['trade_id', ({ id }) => id, 'text'],
  ['ingest_ts_ms', ({ tUs }) => msCell(tUs), 'integer'],
  [
    'exchange_ts_ms',
    ({ tUs, lagUs }) => (lagUs === undefined ? '' : msCell(tUs - lagUs)),
    'integer',
  ],
])

function touchOf(token: number, world: World): Touch {
  const book = world.books.view(token)
  return {
    token: world.tokenKey(token),
    bid: book?.bestBid ?? 0,
    ask: book?.bestAsk ?? 10_000,
    depth: world.depthOf(token),
  }
}

function legColumns(place: number): readonly Column<Snapshot>[] {
  const cell =
    (of: (touch: Touch) => string) =>
    ({ touches }: Snapshot): string => {
      const touch = touches[place]
      return touch ? of(touch) : ''
    }
  return [
    [`leg${place}_token_id`, cell(({ token }) => token), 'text'],
    [`leg${place}_best_bid`, cell(({ bid }) => bidCell(bid)), 'price'],
    [`leg${place}_best_ask`, cell(({ ask }) => askCell(ask)), 'price'],
    [`leg${place}_depth3_usdc`, cell(({ depth }) => microCell(depth)), 'micro'],
  ]
}
