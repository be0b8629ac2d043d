import type { FeedInput } from '../feed.js'
import { importFeed, type ImportFeed } from './import-feed.js'
import { jsonObjects } from './json-objects.js'
import type { Meta } from './market-meta.js'
import { filesOf } from './paths.js'
import { PolymarketDecoder } from './polymarket-decode.js'
import type { Wire } from './wire.js'

const WANTED = {
  isWanted: (name: string) => /book.*\.(json|jsonl|ndjson)(\.gz|\.zst)?$/.test(name),
  expected: 'a .json file of REST books (.gz or .zst too), or a folder with files named …book…',
}

/**
 * Books of Polymarket's REST interface (`GET /book`, `POST /books`): an array of whole books, asked for at one moment. The
 * `timestamp` of each is when it last changed, which its hash covers; the moment is taken to be the newest of them.
 */
export function polymarketBooks(paths: readonly string[], meta: Meta = []): ImportFeed {
  return importFeed('polymarket-books', async function* (tally, signal) {
    const decoder = new PolymarketDecoder(tally, meta)
    for (const file of await filesOf(paths, WANTED, tally)) {
      const inputs: FeedInput[] = []
      for await (const wires of jsonObjects(file)) {
        if (signal.aborted) return
        for (const wire of wires) decoder.take(asFrame(wire))
        inputs.push(...decoder.drained())
      }
      const tUs = inputs.reduce((newest, input) => Math.max(newest, input.tUs), 0)
      yield inputs.map(({ event }) => ({ tUs, event }))
    }
    decoder.end()
    yield decoder.drained()
  })
}

/** A REST book as the socket would send it. */
const asFrame = (wire: Wire): Wire => ({ ...wire, value: { ...wire.value, event_type: 'book' } })
