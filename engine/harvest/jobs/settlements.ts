import { MarketSettled, MarketStatesReported } from '#schemas/events/harvest.js'
import { PRICE_MAX } from '#schemas/units.js'
import { pageOf, type CatalogueMarket } from '../decode/gamma.js'
import type { KnownMarket } from '../memory.js'
import type { Collector, Context } from './job.js'
import { stateOf } from './markets.js'

/** Most markets of one request. */
const MARKETS_MAX = 40

/** What became of markets that are over, or that the catalogue does not list as open any more. */
export const settlementSync: Collector = {
  job: 'settlement_sync',
  from: 'gamma',
  run: async (of, out) => {
    const due = [...of.memory.markets.values()].filter(one => isDue(one, of))
    out.detail['due'] = due.length
    for (let k = 0; k < due.length; k += MARKETS_MAX) {
      const part = due.slice(k, k + MARKETS_MAX)
      const ids = part.map(({ described }) => `clob_token_ids=${described.tokens[0]?.id ?? ''}`)
      const path = `/markets/keyset?limit=100&closed=true&${ids.join('&')}`
      const answer = out.answered(await of.fetcher.get('gamma', path))
      if (!answer) continue
      const page = pageOf(answer.value, out.refused)
      if (!page) {
        out.misshaped('a page of the catalogue')
        continue
      }
      const found = new Map(page.markets.map(one => [one.market.id, one]))
      for (const known of part) {
        const market = found.get(known.described.id)
        if (!market?.closed) continue
        const { ref } = known.described
        if (known.isOpen) out.say(MarketStatesReported.make({ rows: stateOf(ref, market) }), 1)
        const event = settledAs(ref, market)
        if (event) out.say(event, 1)
      }
    }
  },
}

function isDue({ described, isOpen, isSettled }: KnownMarket, { memory, nowUs }: Context): boolean {
  if (isSettled || described.tokens.length === 0) return false
  const isOver = described.ends > 0 && described.ends <= nowUs()
  return !isOpen || isOver || memory.unlisted.has(described.id)
}

/** What a decided market pays; undefined while its outcomes are not worth all or nothing together. */
function settledAs(ref: number, { tokens, prices, closedUs }: CatalogueMarket) {
  const isDecided =
    prices.length === tokens.length && prices.reduce((sum, price) => sum + price, 0) === PRICE_MAX
  if (!isDecided || prices.some(price => price < 0)) return undefined
  // A draw pays halves: nobody wins alone.
  if (prices.some(price => price > 0 && price < PRICE_MAX) && new Set(prices).size > 1)
    return undefined
  const winner = tokens[prices.indexOf(PRICE_MAX)]
  const payload = tokens.map(({ outcome, id }, k) => ({ outcome, token: id, price: prices[k] }))
  return MarketSettled.make({
    ...{ ref, settled: closedUs, outcome: winner?.outcome ?? '', winner: winner?.id ?? '' },
    payload: JSON.stringify(payload),
  })
}
