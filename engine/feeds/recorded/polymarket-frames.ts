import { basename } from 'node:path'
import { priceFrom, sizeFrom } from '../decimal.js'
import type { FeedInput } from '../feed.js'
import { importFeed } from './import-feed.js'
import type { ImportFeed } from './import-feed.js'
import { jsonObjects } from './json-objects.js'
import { exactly } from './market-meta.js'
import type { MarketMeta, Meta } from './market-meta.js'
import { MessageScan } from './message-scan.js'
import { readMeta } from './meta.js'
import { filesOf } from './paths.js'
import { PolymarketDecoder } from './polymarket-decode.js'
import { piecesOf } from './text-file.js'
import { maybeTextIn, textIn } from './wire.js'
import type { Wire } from './wire.js'

const WANTED = {
  isWanted: (name: string) => /\.(json|jsonl|ndjson)(\.gz|\.zst)?$/.test(name),
  expected: 'a .json or .jsonl file of raw frames (.gz or .zst too), or a folder of them',
}

/**
 * Raw frames of Polymarket's market channel: a JSON array, or JSON lines. Files named `gamma_…` (markets of the Gamma
 * API) and `book_…` (REST books) describe the markets and are not frames. The frames carry the venue's time only.
 */
export function polymarketFrames(paths: readonly string[], meta: Meta = []): ImportFeed {
  return importFeed('polymarket-frames', async function* (tally, signal) {
    const files = await filesOf(paths, WANTED, tally)
    const beside = await sorted(files)
    const decoder = new PolymarketDecoder(tally, [...meta, ...beside.meta])
    for (const file of beside.frames)
      for await (const inputs of inputsIn(file, decoder)) {
        if (signal.aborted) return
        yield inputs
      }
    decoder.end()
    yield decoder.drained()
  })
}

/** The inputs of one file: messages in the usual form out of their bytes, all others by `JSON.parse`. */
async function* inputsIn(
  file: string,
  decoder: PolymarketDecoder,
): AsyncGenerator<readonly FeedInput[]> {
  const scan = new MessageScan(basename(file), {
    bytes: (bytes, at, place) => decoder.takeUsual(bytes, at, place),
    wire: wire => {
      decoder.take(wire)
    },
  })
  for await (const piece of piecesOf(file)) {
    scan.push(piece)
    yield decoder.drained()
  }
  scan.end()
}

const isGamma = (file: string): boolean => basename(file).startsWith('gamma_')

/** What lies beside the frames: markets of the Gamma API, and REST books, which are no frames as they have no type. */
async function sorted(files: readonly string[]): Promise<{ frames: string[]; meta: Meta }> {
  const [frames, markets, books]: [string[], MarketMeta[], MarketMeta[]] = [[], [], []]
  for (const file of files) {
    const book = basename(file).startsWith('book_') ? await restBookIn(file) : undefined
    if (isGamma(file)) markets.push(...(await readMeta(file)))
    else if (book) books.push(metaOfBook(book))
    else frames.push(file)
  }
  return { frames, meta: [...markets, ...books] }
}

async function restBookIn(file: string): Promise<Wire | undefined> {
  for await (const [first] of jsonObjects(file))
    if (first) return first.value['event_type'] === undefined ? first : undefined
  return undefined
}

/** What a REST book says of its market: smallest order, tick and neg-risk. It does not name the other token. */
function metaOfBook(wire: Wire): MarketMeta {
  const tick = exactly(maybeTextIn(wire, 'tick_size'), priceFrom, wire.where)
  return {
    venue: 'polymarket',
    key: textIn(wire, 'market'),
    negRisk: wire.value['neg_risk'] === true,
    minSize: exactly(maybeTextIn(wire, 'min_order_size'), sizeFrom, wire.where),
    tokens: [{ key: textIn(wire, 'asset_id'), tick }],
  }
}
