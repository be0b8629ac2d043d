import type { CatalogueMarket } from '../decode/gamma.js'
import type { HarvestSettings } from '../settings.js'

/** What markets about posts speak of. */
const ABOUT_POSTS = /\b(tweets?|posts?)\b/i
const ELON = ['elon musk', 'elonmusk']

/** Whether a market is one that is collected. */
export function isInScope(
  { market, group }: CatalogueMarket,
  { scope, watchlist }: HarvestSettings,
): boolean {
  if (scope === 'all') return true
  const text = [market.question, market.slug, group?.title ?? '', group?.slug ?? '']
    .join(' ')
    .toLowerCase()
  if (!ABOUT_POSTS.test(text.replaceAll('-', ' '))) return false
  const plain = text.replaceAll(/[^a-z0-9]+/g, ' ')
  const names = scope === 'elon_tweet' ? ELON : watchlist
  return names.some(name =>
    plain.includes(
      name
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, ' ')
        .trim(),
    ),
  )
}
