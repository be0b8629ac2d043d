import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { NaiveSide } from './naive-books.js'

const PEERS = join(resolve(import.meta.dirname, '..', '..', '..'), 'bench', 'peers')
const PRICE_MAX = 10_000

/** Both sides of one book. */
export type MakeBook = () => readonly [bids: NaiveSide, asks: NaiveSide]

/** Books that others publish on npm, by the name of their package; only those that are installed under bench/peers. */
export async function peerBooks(): Promise<Readonly<Record<string, MakeBook>>> {
  const found: Record<string, MakeBook> = {}
  for (const [name, load] of Object.entries(LOADERS))
    if (existsSync(join(PEERS, 'node_modules', name))) found[name] = await load()
  return found
}

/** Names of all of them. */
export const peerNames = (): string[] => Object.keys(LOADERS)

const LOADERS: Readonly<Record<string, () => Promise<MakeBook>>> = {
  'sorted-btree': () => Promise.resolve(sortedBtree()),
  ccxt: () => ccxt(),
  'nodejs-order-book': () => Promise.resolve(nodejsOrderBook()),
  orderbooks: () => Promise.resolve(orderbooks()),
}

/** Best first. */
type Levels = [number, number][]

function sortedBtree(): MakeBook {
  type Tree = {
    set: (k: number, v: number) => void
    delete: (k: number) => void
    minKey: () => number | undefined
    maxKey: () => number | undefined
    toArray: () => Levels
  }
  const { default: BTree } = required<{ default: new () => Tree }>('sorted-btree')
  const side = (isBid: boolean): NaiveSide => {
    const tree = new BTree()
    const none = isBid ? 0 : PRICE_MAX
    return {
      set: (price, size) => {
        if (size > 0) tree.set(price, size)
        else tree.delete(price)
      },
      best: () => (isBid ? tree.maxKey() : tree.minKey()) ?? none,
      levels: () => (isBid ? tree.toArray().reverse() : tree.toArray()),
    }
  }
  return () => [side(true), side(false)]
}

async function ccxt(): Promise<MakeBook> {
  type Side = Levels & { store: (price: number, size: number) => void }
  type Book = { bids: Side; asks: Side }
  const path = join(PEERS, 'node_modules/ccxt/js/src/base/ws/OrderBook.js')
  const { OrderBook } = (await import(path)) as { OrderBook: new () => Book }
  return () => {
    const { bids, asks } = new OrderBook()
    const side = (of: Side, none: number): NaiveSide => ({
      set: (price, size) => {
        of.store(price, size)
      },
      best: () => of[0]?.[0] ?? none,
      levels: () => of.map(([price, size]) => [price, size]),
    })
    return [side(bids, 0), side(asks, PRICE_MAX)]
  }
}

/** A book of orders: a level is one order, which is cancelled and placed anew with each change. */
function nodejsOrderBook(): MakeBook {
  type Book = {
    limit: (of: { side: string; id: string; size: number; price: number }) => unknown
    cancel: (id: string) => unknown
    depth: () => [asks: Levels, bids: Levels]
  }
  const { OrderBook } = required<{ OrderBook: new () => Book }>('nodejs-order-book')
  return () => {
    const book = new OrderBook()
    const side = (isBid: boolean): NaiveSide => {
      const held = new Set<number>()
      let best: number | undefined
      const none = isBid ? 0 : PRICE_MAX
      const isBetter = (a: number, b: number): boolean => (isBid ? a > b : a < b)
      return {
        set: (price, size) => {
          const id = `${isBid ? 'b' : 'a'}${price}`
          if (held.delete(price)) book.cancel(id)
          if (size > 0) {
            held.add(price)
            book.limit({ side: isBid ? 'buy' : 'sell', id, size, price })
            if (best === undefined || isBetter(price, best)) best = price
          } else if (price === best) {
            best = undefined
            for (const one of held) if (best === undefined || isBetter(one, best)) best = one
          }
        },
        // It publishes its best only as a copy of all levels; this is kept beside it, which flatters it.
        best: () => best ?? none,
        levels: () => {
          const [asks, bids] = book.depth()
          return [...(isBid ? bids : asks)].sort(([a], [b]) => (isBid ? b - a : a - b))
        },
      }
    }
    return [side(true), side(false)]
  }
}

function orderbooks(): MakeBook {
  type Level = [symbol: string, price: number, side: string, size: number]
  type Book = {
    handleDelta: (deleted: Level[], upserted: Level[]) => unknown
    handleSnapshot: (levels: Level[]) => unknown
    getBestBid: () => number | null
    getBestAsk: () => number | null
    getBookState: () => Level[]
  }
  const { OrderBook } = required<{ OrderBook: new (symbol: string, of: object) => Book }>(
    'orderbooks',
  )
  return () => {
    const book = new OrderBook('x', { checkTimestamps: false, maxDepth: 1_000 })
    book.handleSnapshot([])
    const side = (isBid: boolean): NaiveSide => {
      const name = isBid ? 'Buy' : 'Sell'
      const none = isBid ? 0 : PRICE_MAX
      return {
        set: (price, size) => {
          const level: Level = ['x', price, name, size]
          if (size > 0) book.handleDelta([], [level])
          else book.handleDelta([level], [])
        },
        best: () => (isBid ? book.getBestBid() : book.getBestAsk()) ?? none,
        levels: () =>
          book
            .getBookState()
            .filter(([, , of]) => of === name)
            .map(([, price, , size]): [number, number] => [price, size])
            .sort(([a], [b]) => (isBid ? b - a : a - b)),
      }
    }
    return [side(true), side(false)]
  }
}

function required<T>(name: string): T {
  return createRequire(join(PEERS, 'package.json'))(name) as T
}
