import { STATE_ROW } from '#schemas/harvest.js'
import {
  MarketDescribed,
  MarketGroupDescribed,
  MarketStatesReported,
} from '#schemas/events/harvest.js'
import { pageOf, type CatalogueMarket, type CataloguePage } from '../decode/gamma.js'
import type { HarvestMemory } from '../memory.js'
import type { Collector, Context } from './job.js'
import type { Outcome } from './outcome.js'
import { isInScope } from './scope.js'

/** Most pages of one run, and fewest entries of a page. */
const [PAGES_MAX, PAGE_MIN] = [5_000, 10]
/** Most rows of one event. */
const ROWS_MAX = 500

/** Markets and tokens, by pages of the catalogue; the state of each. */
export const marketsDiscovery: Collector = {
  job: 'markets_discovery',
  from: 'gamma',
  run: async (of, out) => {
    const found = new Map<string, CatalogueMarket>()
    const isWhole = await paged('closed=false', { found, of, out })
    const wanted = [...found.values()].filter(one => isInScope(one, of.settings))
    record(wanted, of.memory, out)
    out.detail['listed'] = found.size
    if (isWhole) of.memory.unlist(new Set(wanted.map(({ market }) => market.id)))
    if (of.sinceUs === undefined) return
    const closed = new Map<string, CatalogueMarket>()
    await paged('closed=true', { found: closed, of, out })
    record(
      [...closed.values()].filter(one => isInScope(one, of.settings)),
      of.memory,
      out,
    )
  },
}

/** Takes all pages of a listing; whether it came to the last. A page that cannot be read is asked for in halves. */
async function paged(
  filter: string,
  { found, of, out }: { found: Map<string, CatalogueMarket>; of: Context; out: Outcome },
): Promise<boolean> {
  let [cursor, size, repeated] = ['', of.settings.page, 0]
  const cursors = new Set<string>()
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = await pageAt(cursor, { filter, size, of, out })
    if (!page) return false
    size = page.size
    for (const one of page.markets) {
      if (found.has(one.market.id)) repeated++
      found.set(one.market.id, one)
    }
    if (repeated > 0) out.detail['repeated'] = repeated
    if (page.next === '') return true
    if (cursors.has(page.next)) {
      out.fail('unexpected-form', 'the catalogue gives a cursor that it gave before')
      return false
    }
    cursors.add(page.next)
    cursor = page.next
  }
  out.fail('unexpected-form', `the catalogue does not end within ${PAGES_MAX} pages`)
  return false
}

async function pageAt(
  cursor: string,
  { filter, size: first, of, out }: { filter: string; size: number; of: Context; out: Outcome },
): Promise<(CataloguePage & { readonly size: number }) | undefined> {
  const behind = cursor === '' ? '' : `&after_cursor=${encodeURIComponent(cursor)}`
  for (let size = first; ; size = Math.max(PAGE_MIN, size >> 1)) {
    const fetched = await of.fetcher.get(
      'gamma',
      `/markets/keyset?limit=${size}&${filter}${behind}`,
    )
    const isLast = size <= PAGE_MIN
    if (fetched.tag === 'failed' && fetched.fault === 'not-json' && !isLast) {
      out.attempts += fetched.attempts
      out.detail['halved'] = size
      continue
    }
    const answer = out.answered(fetched)
    if (!answer) return undefined
    const page = pageOf(answer.value, out.refused)
    if (page) return { ...page, size }
    out.misshaped('a page of the catalogue')
    return undefined
  }
}

/** Says what is new or changed of these markets, and the state of each. */
export function record(
  markets: readonly CatalogueMarket[],
  memory: HarvestMemory,
  out: Outcome,
): void {
  let given = 0
  const refs = new Map<string, number>()
  const groups = new Map<string, string>()
  for (const { market, tokens, group } of markets) {
    const text = group && JSON.stringify(group)
    if (
      group &&
      text !== undefined &&
      memory.groups.get(group.id) !== text &&
      groups.get(group.id) !== text
    ) {
      groups.set(group.id, text)
      out.say(MarketGroupDescribed.make(group), 1)
    }
    const known = memory.markets.get(market.id)?.described
    const ref = known?.ref ?? memory.nextRef(given++)
    refs.set(market.id, ref)
    const refOf = (id: string): number => memory.tokens.get(id) ?? memory.nextRef(given++)
    const described = {
      ref,
      ...market,
      tokens: tokens.map(token => ({ ref: refOf(token.id), ...token })),
    }
    if (known && sameAs(known) === sameAs(described)) continue
    out.say(MarketDescribed.make(described), 1 + tokens.length)
  }
  for (let k = 0; k < markets.length; k += ROWS_MAX) {
    const part = markets.slice(k, k + ROWS_MAX)
    const rows = part.flatMap(one => stateOf(refs.get(one.market.id) ?? 0, one))
    out.say(MarketStatesReported.make({ rows }), rows.length / STATE_ROW)
  }
}

/** The venue touches `updatedAt` with every trade: that alone is no news. */
const sameAs = (of: object): string => JSON.stringify({ ...of, updated: 0 })

/** The row of a market's state. */
export function stateOf(ref: number, of: CatalogueMarket): readonly number[] {
  const flags = [of.active, of.closed, of.archived].map(flag => (flag ? 1 : 0))
  return [ref, ...flags, of.spread, of.liquidity, of.volume]
}
