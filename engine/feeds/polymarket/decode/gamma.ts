import * as t from 'io-ts'
import { priceFrom, sizeFrom } from '../../decimal.js'
import { FeedFault } from '../../feed.js'
import {
  byLabel,
  exactly,
  exponentFrom,
  isGrid,
  isYesNo,
  rateFrom,
} from '../../recorded/market-meta.js'
import type { EventMeta, MarketMeta } from '../../recorded/market-meta.js'

const Decimal = t.union([t.string, t.number], 'decimal')
/** Gamma writes its lists as strings that hold JSON; some collectors have parsed them already. */
const List = t.union([t.string, t.readonlyArray(t.string)], 'list')

/**
 * A market of Polymarket's Gamma API: the fields that matter to a book. Source: Gamma `/markets`, as recorded in 2026;
 * `makerBaseFee` and `takerBaseFee` are not the rate of the fee formula, `feeSchedule.rate` is.
 */
export const GammaMarket = t.intersection(
  [
    t.type({ conditionId: t.string, clobTokenIds: List }),
    t.partial({
      question: t.string,
      version: t.string,
      endDate: t.union([t.string, t.null]),
      outcomes: List,
      negRisk: t.boolean,
      negRiskMarketID: t.string,
      negRiskOther: t.boolean,
      groupItemThreshold: Decimal,
      orderPriceMinTickSize: Decimal,
      orderMinSize: Decimal,
      feesEnabled: t.boolean,
      feeSchedule: t.union([t.type({ rate: Decimal, exponent: Decimal }), t.null]),
      events: t.readonlyArray(t.partial({ slug: t.string })),
    }),
  ],
  'Gamma market',
)

/** An event of the Gamma API with its markets: the fields that tell whether they are a complete set of outcomes. */
export const GammaEvent = t.intersection(
  [
    t.type({ slug: t.string, markets: t.readonlyArray(GammaMarket) }),
    t.partial({
      title: t.string,
      negRisk: t.boolean,
      enableNegRisk: t.boolean,
      negRiskAugmented: t.boolean,
    }),
  ],
  'Gamma event',
)

/**
 * What a Gamma event says: its markets, in the order of its outcomes. It can grow where the venue calls it augmented or an
 * outcome "other". Source: Polymarket's neg-risk documentation, 2026.
 */
export function metaOfGammaEvent(
  { slug, title, negRisk, negRiskAugmented, markets }: t.TypeOf<typeof GammaEvent>,
  where: string,
): MarketMeta[] {
  const ordered = [...markets].sort(
    (a, b) => Number(a.groupItemThreshold ?? 0) - Number(b.groupItemThreshold ?? 0),
  )
  const event: EventMeta = {
    key: slug,
    title,
    // Where labels do not say which outcome is YES no basket is one: it could hold the wrong side.
    exclusive: negRisk === true && markets.every(market => isLabelled(market, where)),
    growing: negRiskAugmented === true || markets.some(({ negRiskOther }) => negRiskOther === true),
    markets: ordered.map(({ conditionId }) => conditionId),
  }
  return ordered.map(market => ({ ...metaOfGamma(market, where), group: slug, event }))
}

/**
 * What a Gamma market says, in our units. It charges nothing only where it says so; without a schedule the fee is unknown,
 * which the importer takes for the worst.
 */
export function metaOfGamma(market: t.TypeOf<typeof GammaMarket>, where: string): MarketMeta {
  const keys = listOf(market.clobTokenIds, where)
  const outcomes = listOf(market.outcomes ?? [], where)
  const isFree = market.feesEnabled === false
  const fees = isFree ? undefined : market.feeSchedule
  return {
    venue: 'polymarket',
    key: market.conditionId,
    question: market.question,
    group: market.events?.[0]?.slug ?? market.negRiskMarketID,
    negRisk: market.negRisk,
    ...(market.version !== undefined && { protocol: market.version }),
    endsUs: instantOf(market.endDate),
    minSize: exactly(market.orderMinSize, sizeFrom, where),
    feeRate: isFree ? 0 : rateFrom(fees?.rate, where),
    feeExponent: isFree ? 1 : exponentFrom(fees?.exponent, where),
    tokens: byLabel(
      keys.map((key, index) => ({
        key,
        outcome: outcomes[index],
        tick: gridOf(market.orderPriceMinTickSize, where),
      })),
    ),
  }
}

/**
 * A time as the venue writes it (`2026-02-11T19:30:00Z`), in µs; undefined where there is none, or one without a time zone, which every
 * machine would read in its own.
 */
function instantOf(text: string | null | undefined): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/.test(text ?? ''))
    return undefined
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) || ms <= 0 ? undefined : ms * 1_000
}

/** Whether the labels of a market's outcomes are Yes and No. */
const isLabelled = ({ outcomes }: t.TypeOf<typeof GammaMarket>, where: string): boolean =>
  isYesNo(listOf(outcomes ?? [], where))

function listOf(list: t.TypeOf<typeof List>, where: string): readonly string[] {
  if (typeof list !== 'string') return list
  try {
    const parsed: unknown = JSON.parse(list)
    if (t.array(t.string).is(parsed)) return parsed
  } catch {
    // falls through to the fault
  }
  throw new FeedFault('a list of a Gamma market is not one', where, 'a JSON array of strings')
}

/** One of many markets may state a step that is none: then it is guessed like one that states none. */
function gridOf(value: string | number | undefined, where: string): number | undefined {
  const tick = exactly(value, priceFrom, where)
  return tick !== undefined && isGrid(tick) ? tick : undefined
}
