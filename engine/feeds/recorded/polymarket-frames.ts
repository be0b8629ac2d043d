import { basename } from 'node:path'
import { priceFrom, sizeFrom } from '../decimal.js'
import { importFeed } from './import-feed.js'
import type { ImportFeed, Tally } from './import-feed.js'
import { jsonObjects } from './json-objects.js'
import { exactly } from './market-meta.js'
import type { MarketMeta, Meta } from './market-meta.js'
import { readMeta } from './meta.js'
import { filesOf } from './paths.js'
import { PolymarketDecoder } from './polymarket-decode.js'
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
    const decoder = new PolymarketDecoder(tally, [...meta, ...(await described(files, tally))])
    for (const file of files.filter(isFrames))
      for await (const wires of jsonObjects(file)) {
        if (signal.aborted) return
        for (const wire of wires) decoder.take(wire)
        yield decoder.drained()
      }
    decoder.end()
    yield decoder.drained()
  })
}

const isGamma = (file: string): boolean => basename(file).startsWith('gamma_')
const isBook = (file: string): boolean => basename(file).startsWith('book_')
const isFrames = (file: string): boolean => !isGamma(file) && !isBook(file)

async function described(files: readonly string[], tally: Tally): Promise<Meta> {
  const meta: MarketMeta[] = []
  for (const file of files.filter(isGamma)) meta.push(...(await readMeta(file)))
  for (const file of files.filter(isBook)) meta.push(await metaOfBook(file, tally))
  return meta
}

/** What a REST book says of its market: smallest order, tick and neg-risk. It does not name the other token. */
async function metaOfBook(file: string, tally: Tally): Promise<MarketMeta> {
  const wires: Wire[] = []
  for await (const some of jsonObjects(file)) wires.push(...some)
  const [wire] = wires
  if (!wire || wires.length > 1) {
    tally.skip('book_ file that is not one REST book', basename(file))
    return { key: '', tokens: [] }
  }
  const tick = exactly(maybeTextIn(wire, 'tick_size'), priceFrom, wire.where)
  return {
    venue: 'polymarket',
    key: textIn(wire, 'market'),
    negRisk: wire.value['neg_risk'] === true,
    minSize: exactly(maybeTextIn(wire, 'min_order_size'), sizeFrom, wire.where),
    tokens: [{ key: textIn(wire, 'asset_id'), tick }],
  }
}
