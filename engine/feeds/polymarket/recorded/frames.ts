import assert from 'node:assert'
import { basename } from 'node:path'
import { sizeFrom } from '../../decimal.js'
import type { RawChunk } from '../../feed.js'
import { importFeed } from '../../recorded/import-feed.js'
import type { ImportFeed, ImportOptions, Tally } from '../../recorded/import-feed.js'
import { jsonObjects } from '../../recorded/json-objects.js'
import { exactly, tickFrom } from '../../recorded/market-meta.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { MessageScan } from '../../recorded/message-scan.js'
import { readMeta } from '../../recorded/meta.js'
import { filesOf, firstIn, inOrder } from '../../recorded/paths.js'
import { PolymarketDecoder } from '../decode/messages.js'
import { piecesInTurn, piecesOf } from '../../recorded/text-file.js'
import type { FileTimes } from '../../recorded/times.js'
import { maybeTextIn, textIn, timeIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

const WANTED = {
  isWanted: (name: string) => /\.(json|jsonl|ndjson)(\.gz|\.zst)?$/.test(name),
  expected: 'a .json or .jsonl file of raw frames (.gz or .zst too), or a folder of them',
}

/**
 * Raw frames of Polymarket's market channel: a JSON array, or JSON lines. Files named `gamma_…` (markets of the Gamma
 * API) and `book_…` (REST books) describe the markets and are not frames. The frames carry the venue's time only.
 */
export function polymarketFrames(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  const filesFor = async (tally: Tally) => {
    const { frames, meta: found } = await sorted(await filesOf(paths, WANTED, tally))
    const ordered = await inOrder(frames, file => firstIn(file, timeOf), tally)
    return { frames: ordered, meta: [...meta, ...found] }
  }
  return importFeed(
    'polymarket-frames',
    async function* (tally, signal) {
      const { frames, meta: known } = await filesFor(tally)
      const decoder = new PolymarketDecoder(tally, known)
      for (const file of frames) {
        tally.begin(file)
        const scan = scanOf(file, decoder)
        for await (const piece of piecesOf(file)) {
          scan.push(piece)
          if (signal.aborted) return
          yield decoder.drained()
        }
        scan.end()
      }
      decoder.end()
      yield decoder.drained()
    },
    async function* (tally, signal, walker) {
      const { frames, meta: known } = await filesFor(tally)
      const decoder = new PolymarketDecoder(tally, known, { walker })
      for (const file of frames) {
        tally.begin(file)
        const scan = scanOf(file, decoder)
        const chunk = chunkOf(scan, decoder)
        for await (const piece of piecesInTurn(file)) {
          scan.begin(piece)
          if (signal.aborted) return
          yield chunk
        }
        scan.end()
      }
      decoder.end()
      yield decoder.drained()
    },
    options,
  )
}

const timeOf = (wire: Wire, times: FileTimes): number | undefined =>
  wire.value['timestamp'] === undefined ? undefined : timeIn(wire, 'timestamp', times)

/** Cuts one file: messages in the usual form are taken out of their bytes, all others by `JSON.parse`. */
function scanOf(file: string, decoder: PolymarketDecoder): MessageScan {
  return new MessageScan(basename(file), {
    bytes: (bytes, at, place) => decoder.takeUsual(bytes, at, place),
    wire: wire => {
      decoder.take(wire)
    },
  })
}

/** The piece that a scan was given: what the decoder's walker leaves, the decoder takes. */
function chunkOf(scan: MessageScan, decoder: PolymarketDecoder): RawChunk {
  const { lending } = decoder
  assert(lending, 'Invariant: a decoder of raw chunks has a walker')
  return {
    walk: (from, touched) => {
      const walked = lending.walk(scan.place, from, touched)
      scan.passed(walked)
      return walked
    },
    next: () => (scan.next() ? decoder.drained() : undefined),
  }
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
  const tick = tickFrom(maybeTextIn(wire, 'tick_size'), wire.where)
  return {
    venue: 'polymarket',
    key: textIn(wire, 'market'),
    negRisk: wire.value['neg_risk'] === true,
    minSize: exactly(maybeTextIn(wire, 'min_order_size'), sizeFrom, wire.where),
    tokens: [{ key: textIn(wire, 'asset_id'), tick }],
  }
}
