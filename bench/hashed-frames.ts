import { ASK, BID } from '#schemas/levels.js'
import { HashedBook, sha1, type TextLevel } from '#engine/feeds/polymarket/decode/book-hash.js'
import type { MarketFrames } from './market-frames.js'

interface Row {
  readonly asset_id: string
  readonly price: string
  readonly size: string
  readonly side: 'BUY' | 'SELL'
}

interface Message {
  readonly market: string
  readonly price_changes: readonly Row[]
  readonly timestamp: string
}

/** The same frames as a recording that can be checked: snapshots instead of the opening, then the hash of each whole book. */
export function hashedFrames({ opening, live }: Omit<MarketFrames, 'assets'>): Buffer[] {
  const books = new Map<string, Known>()
  for (const frame of opening) follow(messageIn(frame), books)
  const last = messageIn(opening.at(-1) ?? Buffer.from('{}')).timestamp
  const snapshots = [...books].map(([asset, known]) => snapshotOf(asset, known, last))
  return [...snapshots, ...live.map(frame => hashed(frame, books))]
}

interface Known {
  readonly market: string
  readonly book: HashedBook
  readonly sides: readonly [Map<string, string>, Map<string, string>]
}

// A frame that `marketFrames` made.
const messageIn = (frame: Buffer): Message => JSON.parse(frame.toString()) as Message

function follow({ market, price_changes }: Message, books: Map<string, Known>): void {
  for (const { asset_id: asset, price, size, side } of price_changes) {
    let known = books.get(asset)
    if (!known) {
      const book = new HashedBook(market, asset, { tickSize: TICK })
      book.restate([], [])
      books.set(asset, (known = { market, book, sides: [new Map(), new Map()] }))
    }
    const of = side === 'BUY' ? BID : ASK
    known.book.change(of, { price, size })
    if (Number(size) === 0) known.sides[of].delete(price)
    else known.sides[of].set(price, size)
  }
}

const TICK = '0.001'

function snapshotOf(asset: string, { market, book, sides }: Known, timestamp: string): Buffer {
  const [bids, asks] = sides.map(side =>
    [...side].map(([price, size]): TextLevel => ({ price, size })),
  )
  const hash = sha1(book.preimage(timestamp)(''))
  const message = { market, asset_id: asset, timestamp, hash, bids, asks, tick_size: TICK }
  return Buffer.from(JSON.stringify({ ...message, event_type: 'book' }))
}

/** The hash of a row is that of its book behind the whole frame, which has one row a book. */
function hashed(frame: Buffer, books: Map<string, Known>): Buffer {
  const message = messageIn(frame)
  follow(message, books)
  const hashes = message.price_changes.map(({ asset_id: asset }) =>
    sha1(books.get(asset)?.book.preimage(message.timestamp)('') ?? ''),
  )
  let k = 0
  return Buffer.from(
    frame.toString().replace(/"hash":"[0-9a-f]{40}"/g, () => `"hash":"${hashes[k++]!}"`),
  )
}
