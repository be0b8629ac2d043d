import { ASK, BID } from '#schemas/levels.js'
import { BookSnapshot } from '#schemas/events/feed.js'
import { GroupListed, MarketListed, TokenListed } from '#schemas/events/market.js'
import { bps, price, shares } from '#schemas/units.js'
import type { FeedEvent } from '../feed.js'
import { SIM_START_US, type GroupPlan } from './scenario.js'
import type { SimMarket } from './sim-market.js'

type Say = (event: FeedEvent) => void

/** States both books of a market. */
export function sayBooks(say: Say, { tokens, books }: SimMarket): void {
  for (const i of [0, 1] as const)
    say(
      BookSnapshot.make({
        token: tokens[i],
        bids: books[i].levels(BID),
        asks: books[i].levels(ASK),
      }),
    )
}

/** Introduces a market and its two tokens. */
export function sayListed(say: Say, of: SimMarket, feed: string): void {
  const { id, plan, tokens, key: market } = of
  const own = feed === '' ? {} : { feed }
  say(
    MarketListed.make({
      market: id,
      venue: 'sim',
      key: market,
      question: plan.question,
      group: plan.group ?? '',
      negRisk: plan.group !== undefined,
      minSize: shares(5_000_000),
      feeRate: bps(plan.feeRate),
      feeExponent: 1,
      inferred: false,
      ...own,
      ...(plan.endsAfterS !== undefined && { ends: SIM_START_US + plan.endsAfterS * 1_000_000 }),
    }),
  )
  for (const index of [0, 1] as const) {
    const outcome = index === 0 ? 'Yes' : 'No'
    const key = `${market}-${outcome.toLowerCase()}`
    const tick = price(plan.tick)
    const token = tokens[index]
    say(TokenListed.make({ token, market: id, index, key, outcome, tick, ...own }))
  }
}

/** Ties the markets of an event together. */
export function sayGroup(
  say: Say,
  { key, title, growing }: GroupPlan,
  all: readonly SimMarket[],
): void {
  const markets = all.filter(({ plan }) => plan.group === key).map(({ id }) => id)
  const outcomes = markets.length
  say(GroupListed.make({ group: key, title, exclusive: true, growing, outcomes, markets }))
}
