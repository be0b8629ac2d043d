import { NOT_SAID } from '#schemas/harvest.js'
import type { EventOf } from '#schemas/registry.js'
import { amountOf, Row, RowFault, rowsOf, type Refused } from './row.js'

/** What an event of the venue is. */
export type Group = EventOf<'MarketGroupDescribed'>['data']
type Described = EventOf<'MarketDescribed'>['data']

/** A market of the catalogue, before it has a number. */
export interface CatalogueMarket {
  readonly market: Omit<Described, 'ref' | 'tokens'>
  readonly tokens: readonly Omit<Described['tokens'][number], 'ref'>[]
  readonly group: Group | undefined
  readonly active: boolean
  readonly closed: boolean
  readonly archived: boolean
  /** 1e-6 dollar; −1: not said. */
  readonly spread: number
  readonly liquidity: number
  readonly volume: number
  /** What a share of each outcome is worth, 1e-4 dollar; empty where not said. */
  readonly prices: readonly number[]
  /** When it was closed, µs; 0: not said. */
  readonly closedUs: number
}

/** A page of markets; undefined where it is in another form. */
export interface CataloguePage {
  readonly markets: readonly CatalogueMarket[]
  /** Of the next page; empty: this was the last. */
  readonly next: string
}

/** `GET /markets/keyset`: `{ markets: […], next_cursor? }`. Source: Gamma as documented and recorded in 2026. */
export function pageOf(value: unknown, refused: Refused): CataloguePage | undefined {
  if (typeof value !== 'object' || value === null || !('markets' in value)) return undefined
  const markets = rowsOf(value.markets, refused, marketOf)
  const next = 'next_cursor' in value ? value.next_cursor : undefined
  if (!markets || (next !== undefined && next !== null && typeof next !== 'string'))
    return undefined
  return { markets, next: next ?? '' }
}

function marketOf(row: Row): CatalogueMarket {
  const outcomes = row.get('outcomes') === undefined ? [] : listOf(row, 'outcomes')
  const keys = tokensOf(row)
  if (keys.length > 0 && keys.length !== outcomes.length)
    throw new RowFault('clobTokenIds', 'one for each outcome')
  const event = eventOf(row)
  const [tick, minSize] = [row.amount('orderPriceMinTickSize', 4), row.amount('orderMinSize', 6)]
  const isOther = row.flag('negRiskOther')
  const prices = row.get('outcomePrices') === undefined ? [] : listOf(row, 'outcomePrices')
  return {
    market: {
      id: row.id('id'),
      condition: row.id('conditionId'),
      question: row.text('question'),
      slug: row.text('slug'),
      groupSlug: event?.group.slug ?? '',
      groupId: event?.group.id ?? '',
      category: row.text('category') || (event?.group.category ?? ''),
      starts: row.timeIfSaid('startDate'),
      ends: row.timeIfSaid('endDate'),
      negRisk: row.flag('negRisk'),
      augmented: event?.isAugmented ?? false,
      resolution: row.text('resolutionSource'),
      updated: row.timeIfSaid('updatedAt'),
    },
    tokens: keys.map((id, index) => {
      const outcome = outcomes[index] ?? ''
      const placeholder = /^(person|option|outcome|candidate|team) [a-z]{1,2}$/i.test(
        row.text('groupItemTitle'),
      )
      return { id, outcome, index, other: isOther, placeholder, tick, minSize }
    }),
    group: event?.group,
    ...{ active: row.flag('active'), closed: row.flag('closed'), archived: row.flag('archived') },
    ...{
      spread: row.amount('spread', 6),
      liquidity: row.amount('liquidity', 6),
      volume: row.amount('volume', 6),
    },
    prices: prices.map(price => amountOf(price, 4) ?? NOT_SAID),
    closedUs: row.timeIfSaid('closedTime') || row.timeIfSaid('umaEndDate'),
  }
}

/** The event that a market names: its first. */
function eventOf(row: Row): { readonly group: Group; readonly isAugmented: boolean } | undefined {
  const events = row.get('events')
  if (!Array.isArray(events) || events.length === 0) return undefined
  const of = new Row((events as readonly unknown[])[0])
  const slug = of.id('slug')
  const group = {
    ...{ id: of.text('id') || slug, slug, ticker: of.text('ticker'), title: of.text('title') },
    ...{ category: of.text('category'), active: of.flag('active'), closed: of.flag('closed') },
    archived: of.flag('archived'),
    ...{ starts: of.timeIfSaid('startDate'), ends: of.timeIfSaid('endDate') },
  }
  return { group, isAugmented: of.flag('negRiskAugmented') }
}

/** Gamma writes its lists as strings that hold JSON. */
function listOf(row: Row, key: string): readonly string[] {
  const value = row.get(key)
  const list: unknown = typeof value === 'string' ? jsonOf(value) : value
  if (Array.isArray(list) && list.every(one => typeof one === 'string')) return list
  throw new RowFault(key, 'a list of texts')
}

/**
 * Tokens of a market: those of protocol v2 stand elsewhere, and one that is not traded by books has none. A market that says nothing of them has another
 * form than this.
 */
function tokensOf(row: Row): readonly string[] {
  const value = row.get('clobTokenIds')
  if (value === null || value === '')
    return row.get('positionIds') === undefined ? [] : listOf(row, 'positionIds')
  return value === undefined && row.get('enableOrderBook') === false
    ? []
    : listOf(row, 'clobTokenIds')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
