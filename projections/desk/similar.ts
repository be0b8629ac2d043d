import type { CatalogMarket } from './catalog.js'

/** Part of the words that two titles have to share, of all that they have. */
const SHARED_MIN = 0.5
/** Words that say nothing about what a market is about. */
const COMMON = new Set(['the', 'a', 'an', 'of', 'in', 'on', 'to', 'be', 'by', 'will', 'is', 'at'])

/** Why two markets belong together: outcomes of one event, or titles that share most of their words. */
export interface Similar {
  readonly market: CatalogMarket
  readonly why: 'group' | 'title'
}

/** Markets that belong to one, best first, at most `most`. */
export function similarTo(
  one: CatalogMarket,
  all: Iterable<CatalogMarket>,
  most: number,
): readonly Similar[] {
  const words = wordsOf(one.question)
  const found: (Similar & { readonly part: number })[] = []
  for (const market of all) {
    if (market.market === one.market) continue
    const isGrouped = one.group !== '' && market.group === one.group
    const part = isGrouped ? 1 : sharedPart(words, wordsOf(market.question))
    if (part >= SHARED_MIN) found.push({ market, why: isGrouped ? 'group' : 'title', part })
  }
  return found.sort((a, b) => b.part - a.part || a.market.market - b.market.market).slice(0, most)
}

function wordsOf(title: string): ReadonlySet<string> {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter(word => !COMMON.has(word)))
}

function sharedPart(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const shared = [...a].filter(word => b.has(word)).length
  return shared / (a.size + b.size - shared)
}
