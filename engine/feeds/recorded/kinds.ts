import type { ImportFeed, ImportOptions } from './import-feed.js'
import { kalshi } from '../kalshi/recorded/sessions.js'
import { kalshiTops } from '../kalshi/recorded/tops.js'
import { l2Snapshots } from '../polymarket/recorded/l2-snapshots.js'
import type { Meta } from './market-meta.js'
import { polymarketBooks } from '../polymarket/recorded/books.js'
import { polymarketFrames } from '../polymarket/recorded/frames.js'
import { polymarketQuotes } from '../polymarket/recorded/quotes.js'
import { settlements } from '../polymarket/recorded/settlements.js'
import { tickscope } from '../polymarket/recorded/tickscope.js'

/** Makes a feed of the files of a recording, or of the folder they lie in. */
export type Importer = (
  paths: readonly string[],
  meta?: Meta,
  options?: ImportOptions,
) => ImportFeed

/** The kinds of recordings that `polaris import` knows, by name. */
export const KINDS: Readonly<Record<string, Importer>> = {
  'polymarket-frames': polymarketFrames,
  tickscope,
  'l2-snapshots': l2Snapshots,
  'kalshi-ws': kalshi,
  'polymarket-books': polymarketBooks,
  'kalshi-tops': kalshiTops,
  'polymarket-settlements': settlements,
  'polymarket-quotes': polymarketQuotes,
}
