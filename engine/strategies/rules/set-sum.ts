import { key, Share } from '#schemas/config-codecs.js'
import { PRICE_MAX } from '#schemas/units.js'
import { completeSets, type Outcome } from '../sets.js'
import type { Strategy } from '../strategy.js'
import { rule, type Subject } from './rule.js'

interface Params {
  readonly sum_below: number
}

/** All outcomes of which exactly one pays a dollar, with their books; nothing where they are not all there. */
function outcomesOf(
  subject: Subject,
  book: (token: number) => Outcome['book'],
): readonly Outcome[] {
  if (subject.tag === 'market') {
    const { market } = subject
    if (market.tokens.length !== 2) return []
    return market.tokens.map(token => ({ token, book: book(token), market }))
  }
  const { open, isComplete } = subject.group
  const whole = open.flatMap(market => {
    const [token] = market.tokens
    return token === undefined ? [] : [{ token, book: book(token), market }]
  })
  return isComplete && open.length > 1 && whole.length === open.length ? whole : []
}

const setSum = (
  name: string,
  doc: string,
  of: { readonly below: number; readonly defaults: Parameters<typeof rule>[0]['defaults'] },
): Strategy =>
  rule<Params, undefined>({
    ...{ name, doc, version: 1, isDirectional: false, defaults: of.defaults },
    params: {
      sum_below: key(
        Share,
        of.below,
        '1e-4 $',
        'what one share of each outcome costs, at most just below this',
      ),
    },
    subscribes: {
      books: ({ tokens }) =>
        tokens.length === 2
          ? { test: 'asks', limit: PRICE_MAX, tokens: Object.values(tokens) }
          : undefined,
      groups: ({ open, isComplete }) => {
        const tokens = open.flatMap(({ tokens: [first] }) => (first === undefined ? [] : [first]))
        const isWhole = isComplete && open.length > 1 && tokens.length === open.length
        return isWhole ? { test: 'asks', limit: PRICE_MAX, tokens } : undefined
      },
    },
    init: () => undefined,
    look: (subject, { book, params }) => {
      const outcomes = outcomesOf(subject, book)
      if (outcomes.length === 0) return undefined
      const sum = outcomes.reduce((all, one) => all + one.book.bestAsk, 0)
      if (sum >= params.sum_below) return undefined
      const proposal = completeSets(outcomes, {
        minEdge: Math.max(params.min_edge_bps, 0),
        most: params.size_max_micro,
        ttlMs: params.ttl_ms,
      })
      if (!proposal) return undefined
      const { group } = subject.tag === 'group' ? subject.group : { group: undefined }
      return {
        proposal: { ...proposal, ...(group !== undefined && { group }) },
        saw: [['sum-1e4', sum]],
      }
    },
  })

/** SUM_LT_1. */
export const sumLt1 = setSum(
  'sum-lt-1',
  'all outcomes of a market or of an event together cost less than the dollar that one of them pays',
  {
    below: PRICE_MAX,
    defaults: {
      ...{
        level: 'P1',
        base: 70,
        weights: { edge: 40, liquidity: 40, spread: 30, time_to_end: 30 },
      },
      ...{ minEdge: 1, liquidity: 300_000_000, cooldownMs: 600_000 },
    },
  },
)

/** DUTCH_BOOK_DETECT. */
export const dutchBook = setSum(
  'dutch-book',
  'the same with room to spare, and most of the score from the edge',
  {
    below: 9_950,
    defaults: {
      ...{ level: 'P1', base: 75, weights: { edge: 60, liquidity: 30, spread: 10 } },
      ...{ minEdge: 50, liquidity: 400_000_000, cooldownMs: 300_000 },
    },
  },
)
