import { FeedFault } from '../../feed.js'
import {
  importFeed,
  type ImportFeed,
  type ImportOptions,
  type Tally,
} from '../../recorded/import-feed.js'
import { jsonObjects } from '../../recorded/json-objects.js'
import type { Meta } from '../../recorded/market-meta.js'
import { filesOf, firstIn, inOrder } from '../../recorded/paths.js'
import { PolymarketDecoder } from '../decode/messages.js'
import type { FileTimes } from '../../recorded/times.js'
import { textIn, timeIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

const WANTED = {
  isWanted: (name: string) => /book.*\.(json|jsonl|ndjson)(\.gz|\.zst)?$/.test(name),
  expected: 'a .json file of REST books (.gz or .zst too), or a folder with files named …book…',
}

/**
 * Books of Polymarket's REST interface (`GET /book`, `POST /books`), whole ones. Each has the time at which it last changed,
 * which its hash covers, and is told at that time: those of a file in their order.
 */
export function polymarketBooks(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'polymarket-books',
    async function* (tally, signal) {
      const decoder = new PolymarketDecoder(tally, meta)
      const first = (wire: Wire, times: FileTimes): number => timeIn(wire, 'timestamp', times)
      const files = await filesOf(paths, WANTED, tally)
      for (const file of await inOrder(files, one => firstIn(one, first), tally)) {
        tally.begin(file)
        const books: Timed[] = []
        for await (const wires of jsonObjects(file)) {
          if (signal.aborted) return
          for (const wire of wires) books.push({ wire, at: first(wire, tally.times) })
        }
        for (const { wire } of once(books, tally)) decoder.take(asFrame(wire))
        yield decoder.drained()
      }
      decoder.end()
      yield decoder.drained()
    },
    undefined,
    options,
  )
}

interface Timed {
  readonly wire: Wire
  readonly at: number
}

/** By time. A book that is told again is left out; two books of one token at one moment are a `FeedFault`. */
function once(books: readonly Timed[], tally: Tally): readonly Timed[] {
  const told = new Map<string, Wire>()
  const distinct = books.filter(({ wire, at }) => {
    const key = `${textIn(wire, 'asset_id')} ${at}`
    const before = told.get(key)
    told.set(key, wire)
    if (!before) return true
    if (levelsOf(before) !== levelsOf(wire))
      throw new FeedFault(
        `token ${textIn(wire, 'asset_id')} has two books at one moment`,
        wire.where,
        `one book; the other is ${before.where}`,
      )
    tally.skip('book told again', wire.where)
    return false
  })
  return distinct.sort((a, b) => a.at - b.at)
}

const levelsOf = ({ value }: Wire): string => JSON.stringify([value['bids'], value['asks']])

/** A REST book as the socket would send it. */
const asFrame = (wire: Wire): Wire => ({ ...wire, value: { ...wire.value, event_type: 'book' } })
