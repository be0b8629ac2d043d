import { BID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
import { quoting } from '#engine/strategies/quoting.js'
import { onMarkets } from '#engine/strategies/testing/on-markets.js'
import { NONE, strategy, type Context, type Intent } from '#engine/strategies/strategy.js'

const SHARE = 1_000_000
const SECOND_US = 1_000_000

/** Whether a strategy of these has to do with a market: one in `oneIn`. */
export const isChosen = (market: number, oneIn: number): boolean => market % oneIn === 0

/** One market in so many is quoted; in the next one an order follows each tenth trade of others. */
export const strategiesOf = (oneIn: number): Strategies => ({
  ...STRATEGIES,
  sleepy: sleepy(oneIn),
  follower: follower(oneIn),
  quoting: onMarkets(quoting, market => isChosen(market, oneIn)),
})

/**
 * Sets a target below the best bid when a timer says so, and has no test on books: what becomes of its quotes while their
 * books move is the engine's and the exchange's business alone.
 */
const sleepy = (oneIn: number) =>
  strategy<unknown, Map<string, number>>({
    name: 'sleepy',
    doc: 'quotes by the clock',
    version: 1,
    params: {},
    subscribes: () => ({
      // Never met: no best ask is below nothing. The first look after a market is listed is told all the same.
      books: ({ market, tokens }) =>
        isChosen(market, oneIn) && tokens[0] !== undefined
          ? { test: 'asks', limit: -1, tokens: [tokens[0]] }
          : undefined,
      orders: true,
    }),
    init: () => new Map(),
    on: (event, context) => {
      const { memory, tUs } = context
      if (event.tag === 'book') {
        const { market } = event.market
        const key = `sleep ${market}`
        if (!isChosen(market, oneIn) || memory.has(key)) return NONE
        memory.set(key, market)
        return [{ tag: 'timer', key, atUs: tUs + SECOND_US }]
      }
      if (event.tag !== 'timer') return NONE
      const market = context.market(memory.get(event.key) ?? -1)
      return market && !market.isResolved
        ? [...below(market, context), { tag: 'timer', key: event.key, atUs: tUs + 3 * SECOND_US }]
        : NONE
    },
  })

function below({ tokens: [yes], minSize }: MarketFacts, context: Context): readonly Intent[] {
  if (yes === undefined) return NONE
  const { bestBid, tick } = context.book(yes)
  const price = bestBid - tick
  const size = price < tick ? 0 : Math.max(minSize, 10 * SHARE)
  return [{ tag: 'quote', token: yes, side: BID, price: Math.max(price, 0), size }]
}

/** Places an order that rests at the price of each tenth trade of its markets, and cancels the one before. */
const follower = (oneIn: number) =>
  strategy<unknown, { trades: number; order: string }>({
    name: 'follower',
    doc: 'follows trades',
    version: 1,
    params: {},
    subscribes: () => ({ trades: ({ market }) => isChosen(market + 1, oneIn), orders: true }),
    init: () => ({ trades: 0, order: '' }),
    on: (event, context) => {
      const { memory } = context
      if (event.tag === 'order') {
        if (event.state === 'resting') memory.order = event.order
        return NONE
      }
      if (event.tag !== 'trade' || memory.trades++ % 10 > 0) return NONE
      const { token, price } = event
      const { tick } = context.book(token)
      const limit = Math.min(price - (price % tick), PRICE_MAX - tick)
      if (limit < tick) return NONE
      const size = 20 * SHARE
      const order: Intent = { tag: 'order', token, side: BID, limit, size, tif: 'GTC' }
      return memory.order === '' ? [order] : [{ tag: 'cancel', order: memory.order }, order]
    },
  })
