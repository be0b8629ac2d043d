import { ASK, BID } from '#schemas/levels.js'
import type { BookFold } from '#engine/book/fold.js'
import type { Feed, FeedInput } from '#engine/feeds/feed.js'
import type { LiveBooks } from '#engine/harvest/ports.js'

/** Levels of a side that a sample has: more than any band or table looks at. */
const LEVELS_MAX = 500

/** The books of a run's fold for its collectors, and the feed of them with an ear on what it lists. A book that is not trusted is none. */
export function liveBooksOf(
  feed: Feed,
  fold: BookFold,
): { readonly feed: Feed; readonly books: LiveBooks } {
  const tokens = new Map<string, number>()
  const hear = (batch: readonly FeedInput[]): void => {
    for (const { event } of batch)
      if (event.type === 'TokenListed') tokens.set(event.data.key, event.data.token)
  }
  return {
    feed: {
      ...feed,
      async *open(opening) {
        for await (const batch of feed.open(opening)) {
          hear(batch)
          yield batch
        }
      },
    },
    books: {
      book: key => {
        const token = tokens.get(key)
        const view = token === undefined ? undefined : fold.view(token)
        if (token === undefined || !view || view.updatedUs === 0 || fold.distrustOf(token) !== 0)
          return undefined
        const side = (of: typeof BID | typeof ASK): number[] => {
          const levels: number[] = []
          view.walk(of, (price, size) => levels.push(price, size) < 2 * LEVELS_MAX)
          return levels
        }
        return { bids: side(BID), asks: side(ASK), last: -1, atMs: 0 }
      },
    },
  }
}
