import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { ReferenceReported } from '#schemas/events/feed.js'
import { MarketResolved } from '#schemas/events/market.js'
import { failuresOf } from '#schemas/failures.js'
import { price, PRICE_MAX } from '#schemas/units.js'
import { FeedFault, type FeedEvent, type FeedInput } from '../../feed.js'
import {
  importFeed,
  type ImportFeed,
  type ImportOptions,
  type Tally,
} from '../../recorded/import-feed.js'
import { jsonObjects } from '../../recorded/json-objects.js'
import type { Guess } from '../../recorded/listing.js'
import type { MarketMeta, Meta } from '../../recorded/market-meta.js'
import { filesOf } from '../../recorded/paths.js'
import { isoMicros } from '../../recorded/times.js'
import type { Wire } from '../../recorded/wire.js'
import { GammaMarket, metaOfGamma } from '../decode/gamma.js'
import { priceTicks, type PriceTick } from './price-ticks.js'

const MARKETS = /-markets-.*\.jsonl(\.gz|\.zst)?$/
const PRICES = /-prices-.*\.csv(\.gz|\.zst)?$/
const WANTED = {
  isWanted: (name: string) => MARKETS.test(name) || PRICES.test(name),
  expected: 'NAME-markets-DAY.jsonl and NAME-prices-DAY.csv (.gz or .zst too), or a folder of them',
}

/** Crypto markets of the venue: 7 %, a tenth of a cent. Source: recordings of 2026. */
const GUESS: Guess = { venue: 'polymarket', feeRate: 700, tick: 10 }

const Slot = t.intersection([
  t.type({
    slug: t.string,
    asset: t.string,
    condition_id: t.string,
    token_ids: t.tuple([t.string, t.string]),
    start_sec: t.number,
    end_sec: t.number,
    resolved: t.boolean,
    outcome_prices: t.tuple([t.string, t.string]),
    strike_value: t.union([t.string, t.null]),
  }),
  t.partial({ raw: t.UnknownRecord }),
])
type Slot = t.TypeOf<typeof Slot>

/**
 * Up-or-down markets with what they paid, and the price stream that decides them: UP pays where the price at the end is the strike or
 * above. Each market is listed at its beginning and resolved as the venue did; the outcome is worked out anew from the stream, and told
 * where it is another. Prices are references: source `chainlink`, in 1e-8 dollar, rounded down; the comparison is exact.
 */
export function settlements(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'polymarket-settlements',
    async function* (tally) {
      const files = await filesOf(paths, WANTED, tally)
      const slots = new Map<string, { slot: Slot; wire: Wire }>()
      const ticks: PriceTick[] = []
      for (const file of files) {
        tally.begin(file)
        if (PRICES.test(file)) for await (const tick of priceTicks(file)) ticks.push(tick)
        else
          for await (const wires of jsonObjects(file))
            for (const wire of wires) keepSlot(slots, wire, tally)
      }
      tally.read += ticks.length
      yield inputsOf([...slots.values()], ticks, { tally, meta })
    },
    undefined,
    options,
  )
}

/** Markets that cross midnight stand in the files of both days: once is enough. */
function keepSlot(slots: Map<string, { slot: Slot; wire: Wire }>, wire: Wire, tally: Tally): void {
  tally.read++
  const decoded = Slot.decode(wire.value)
  if (E.isLeft(decoded))
    throw new FeedFault(failuresOf(decoded.left), wire.where, 'a market with its outcome')
  const { slug } = decoded.right
  if (slots.has(slug)) tally.skip('a market told twice', wire.where)
  else slots.set(slug, { slot: decoded.right, wire })
}

function inputsOf(
  slots: readonly { slot: Slot; wire: Wire }[],
  ticks: readonly PriceTick[],
  { tally, meta }: { tally: Tally; meta: Meta },
): FeedInput[] {
  const told: (() => FeedInput[])[][] = []
  const at = new Map<number, number>()
  const later = (tUs: number, inputs: () => FeedInput[]): void => {
    const place = at.get(tUs) ?? told.push([]) - 1
    at.set(tUs, place)
    told[place]!.push(inputs)
  }
  const prices = new Map<number, PriceTick>()
  for (const tick of ticks) {
    const known = prices.get(tick.sec)
    // A second value for a second corrects the first: what was heard later holds.
    if (!known || tick.heardUs >= known.heardUs) prices.set(tick.sec, tick)
  }
  const asset = slots[0]?.slot.asset.toUpperCase() ?? ''
  const name = `${asset}/USD`
  for (const { slot, wire } of slots) {
    later(slot.start_sec * 1e6, () => listed(slot, { wire, tally, meta }))
    later(endOf(slot), () => resolved(slot, { wire, tally, prices }))
  }
  for (const tick of ticks)
    later(tick.heardUs, () => [
      {
        tUs: tick.heardUs,
        event: ReferenceReported.make({
          ...{ source: 'chainlink', name, value: Number(tick.value / 10n ** 10n), unit: '1e-8 $' },
          lag: tick.heardUs - tick.sec * 1e6,
        }),
      },
    ])
  return [...at]
    .sort(([a], [b]) => a - b)
    .flatMap(([, place]) => told[place]!.flatMap(inputs => inputs()))
}

/** When the venue says that it closed it; its end where it does not say. µs. */
function endOf({ end_sec, raw }: Slot): number {
  const said = raw?.['umaEndDate']
  const closed = typeof said === 'string' ? isoMicros(said) : undefined
  return Math.max(end_sec * 1e6, closed ?? 0)
}

function listed(slot: Slot, of: { wire: Wire; tally: Tally; meta: Meta }): FeedInput[] {
  const inputs: FeedInput[] = []
  const tUs = slot.start_sec * 1e6
  const say = (event: FeedEvent): unknown => inputs.push({ tUs, event })
  const own = of.meta.find(({ key }) => key === slot.condition_id)
  of.tally.listing.introduce(own ?? metaOf(slot, of.wire), GUESS, say)
  return inputs
}

function metaOf(slot: Slot, { where }: Wire): MarketMeta {
  const gamma = GammaMarket.decode(slot.raw)
  const endsUs = slot.end_sec * 1e6
  const tokens = ['Up', 'Down'].map((outcome, k) => ({ key: slot.token_ids[k] ?? '', outcome }))
  if (E.isRight(gamma)) return { ...metaOfGamma(gamma.right, where), endsUs }
  return { venue: 'polymarket', key: slot.condition_id, question: slot.slug, tokens, endsUs }
}

/** What it paid, by the venue's word; and whether the stream says the same. */
function resolved(
  slot: Slot,
  of: { wire: Wire; tally: Tally; prices: ReadonlyMap<number, PriceTick> },
): FeedInput[] {
  const { tally, prices, wire } = of
  const { id, tokens } = tally.listing.market(slot.condition_id) ?? { id: 0, tokens: [] }
  const paid = slot.outcome_prices.map(text => PAID[text])
  const [up, down] = tokens
  if (!slot.resolved || up === undefined || down === undefined || paid.includes(undefined)) {
    tally.skip('a market without an outcome', wire.where)
    return []
  }
  const [byUp = 0, byDown = 0] = paid
  compare(slot, byUp, { tally, wire, end: prices.get(slot.end_sec) })
  const payouts = [[up, price(byUp)] as const, [down, price(byDown)] as const].sort(
    (a, b) => a[0] - b[0],
  )
  return [{ tUs: endOf(slot), event: MarketResolved.make({ market: id, payouts }) }]
}

const PAID: Readonly<Record<string, number>> = { '0': 0, '0.5': PRICE_MAX / 2, '1': PRICE_MAX }

function compare(
  slot: Slot,
  byUp: number,
  { tally, wire, end }: { tally: Tally; wire: Wire; end: PriceTick | undefined },
): void {
  const { strike_value: strike, raw } = slot
  const config = raw?.['cryptoMarketConfig']
  const isTwap = typeof config === 'object' && config !== null && 'twapEnabled' in config
  if (isTwap && config.twapEnabled === true) tally.skip('settled by another stream', wire.where)
  else if (strike === null || !/^\d{1,40}$/.test(strike)) tally.skip('no strike', wire.where)
  else if (!end) tally.skip('no price at its very end (not worked out)', wire.where)
  else {
    tally.settlesChecked++
    if (byUp === (end.value >= BigInt(strike) ? PRICE_MAX : 0)) tally.settlesOk++
    else tally.skip('the outcome is not what its prices say', wire.where)
  }
}
