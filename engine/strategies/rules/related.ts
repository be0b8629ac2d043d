import { Count, key, Share } from '#schemas/config-codecs.js'
import { Related } from '#schemas/rule-codecs.js'
import { PRICE_MAX } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import type { Strategy } from '../strategy.js'
import { bought } from './buy.js'
import { liquidityOf, rule, type Hit, type Sight, whenTouched } from './rule.js'
import { partOf } from './score.js'
import { hasKeyword, wordsOf } from './words.js'

interface Params {
  readonly related: Related
  readonly gap_min: number
  readonly outcome: number
}

/** Markets of each group that were heard of, by group. */
type Members = Map<string, number[]>

/** Most markets of one group: keywords may fit more of them than anybody meant. */
const MEMBERS_MAX = 200

/** The groups that a market belongs to: it is named, or one of the words is in its question. */
const groupsOf = ({ key, question }: MarketFacts, related: Related): readonly string[] => {
  const words = wordsOf(question)
  return related
    .filter(
      ({ markets = [], keywords = [] }) =>
        markets.includes(key) || keywords.some(keyword => hasKeyword(words, keyword)),
    )
    .map(({ name }) => name)
}

/** A market of a group whose book can be believed, with the token that is compared. */
interface Member {
  readonly market: MarketFacts
  readonly token: number
  readonly bid: number
  readonly ask: number
}

function membersOf(group: string, sight: Sight<Params, Members>): readonly Member[] {
  const { memory, market: factsOf, book, distrustOf, params } = sight
  return (memory.get(group) ?? []).flatMap(id => {
    const market = factsOf(id)
    const token = market?.tokens[params.outcome]
    if (!market || market.isResolved || token === undefined || distrustOf(token) !== 0) return []
    const { bestBid: bid, bestAsk: ask } = book(token)
    const isThin = liquidityOf(book(token)) < params.liquidity_min_micro
    return isThin ? [] : [{ market, token, bid, ask }]
  })
}

/** Who leads and who lags, of the members of a group; the widest gap of those that `may` compare. */
function widest(
  members: readonly Member[],
  may: (leader: Member, laggard: Member) => boolean,
): { readonly leader: Member; readonly laggard: Member } | undefined {
  let found: { readonly leader: Member; readonly laggard: Member } | undefined
  let most = 0
  for (const leader of members)
    for (const laggard of members) {
      const gap = leader.bid - laggard.ask
      if (leader === laggard || leader.bid <= 0 || laggard.ask >= PRICE_MAX) continue
      if (gap <= most || !may(leader, laggard)) continue
      found = { leader, laggard }
      most = gap
    }
  return found
}

const comparing = (
  name: string,
  doc: string,
  of: {
    readonly defaults: Parameters<typeof rule>[0]['defaults']
    readonly gap: number
    readonly may: (leader: Member, laggard: Member) => boolean
  },
): Strategy =>
  rule<Params, Members>({
    ...{ name, doc, version: 1, isDirectional: true, defaults: of.defaults },
    params: {
      related: key(
        Related,
        [],
        '—',
        'markets that are compared, by group: named, or by words in their questions',
      ),
      gap_min: key(Share, of.gap, '1e-4 $', 'bid of the leader less ask of the laggard, at least'),
      outcome: key(Count, 0, '—', 'place of the outcome that is compared: 0 is YES'),
    },
    subscribes: { books: whenTouched },
    init: () => new Map(),
    note: (event, { memory, params }) => {
      if (event.tag !== 'book') return
      const { market } = event.market
      for (const group of groupsOf(event.market, params.related)) {
        const members = memory.get(group) ?? []
        if (members.includes(market) || members.length >= MEMBERS_MAX) continue
        memory.set(group, [...members, market])
      }
    },
    look: (subject, sight) => {
      if (subject.tag !== 'market') return undefined
      const { market: id } = subject.market
      const { params } = sight
      let best: Hit | undefined
      for (const group of groupsOf(subject.market, params.related)) {
        const members = membersOf(group, sight)
        const pair = widest(
          members,
          (leader, laggard) =>
            (leader.market.market === id || laggard.market.market === id) &&
            of.may(leader, laggard),
        )
        if (!pair || pair.leader.bid - pair.laggard.ask < params.gap_min) continue
        const hit = hitOf(pair, sight)
        if (hit && hit.proposal.edge > (best?.proposal.edge ?? -PRICE_MAX)) best = hit
      }
      return best
    },
  })

/** Buys the laggard, which is held to be worth what the leader can be sold for now. */
function hitOf(
  { leader, laggard }: { readonly leader: Member; readonly laggard: Member },
  sight: Sight<Params, Members>,
): Hit | undefined {
  const gap = leader.bid - laggard.ask
  const proposal = bought(laggard.market, { token: laggard.token, fair: leader.bid }, sight)
  return (
    proposal && {
      proposal,
      about: `${laggard.market.market}`,
      metrics: { gap: partOf('gap', gap) },
      saw: [
        ['gap-1e4', gap],
        ['leader-market', leader.market.market],
        ['leader-bid-1e4', leader.bid],
      ],
    }
  )
}

/** SYNONYM_MISPRICE: markets that mean the same are not priced the same. */
export const synonym = comparing(
  'synonym',
  'one of several markets that mean the same can be sold for more than another one costs',
  {
    defaults: {
      ...{ level: 'P1', base: 65, weights: { gap: 50, liquidity: 30, time_to_end: 20 } },
      ...{ minEdge: 100, liquidity: 400_000_000, cooldownMs: 300_000 },
    },
    gap: 250,
    may: () => true,
  },
)

/** CROSS_MARKET_MISPRICE: related markets stand further apart than they should. */
export const crossMarket = comparing(
  'cross-market',
  'the same outcome of related markets is priced further apart than it should be',
  {
    defaults: {
      ...{ level: 'P1', base: 70, weights: { gap: 50, time_to_end: 30, liquidity: 20 } },
      ...{ minEdge: 200, liquidity: 300_000_000, cooldownMs: 300_000 },
    },
    gap: 500,
    may: () => true,
  },
)

/** TEMPORAL_ARBITRAGE: what happens by an early date has happened by a late one, so the late one is never worth less. */
export const temporal = comparing(
  'temporal',
  'an outcome by an early date can be sold for more than the same by a later date costs',
  {
    defaults: {
      ...{ level: 'P1', base: 70, weights: { gap: 50, liquidity: 30, time_to_end: 20 } },
      ...{ minEdge: 100, liquidity: 200_000_000, cooldownMs: 300_000 },
    },
    gap: 200,
    may: (leader, laggard) => {
      const [near, far] = [leader.market.endsUs, laggard.market.endsUs]
      return near !== undefined && far !== undefined && near < far
    },
  },
)
