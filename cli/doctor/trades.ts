import type { Config } from '#schemas/config.js'
import { BID, type Side } from '#schemas/levels.js'
import { costOf, price, PRICE_MAX, shares } from '#schemas/units.js'
import type { MarketFacts } from '#engine/core/market.js'
import { capOf, chaseBudget } from '#engine/oms/prices.js'
import { notionalOf } from '#engine/risk/gate.js'
import { limitsOf, type Limits } from '#engine/risk/purses.js'
import { plansOf, type InstancePlan } from '#engine/run/instances.js'
import { venueNamed } from '#engine/venues/registry.js'
import { dollars, sharesText } from '../format/money.js'
import { strategiesOf } from '../strategies/own.js'
import { fail, ok, warn, type Look } from './finding.js'

type Found = ReturnType<typeof ok>

const BUY: Side = BID
/** The market that the least order is judged at: the usual smallest size, and no fee, which would make it dearer. */
const VENUE = venueNamed('polymarket')
const MARKET: MarketFacts = {
  ...{
    market: 1,
    question: '',
    key: '',
    rules: VENUE.name,
    minSize: VENUE.minSize,
    tokens: [1, 2],
  },
  ...{ isResolved: false, feeRate: 0, feeExponent: 1 },
}
/** Prices are tried in such steps, 1e-4 dollar: a usual tick. */
const TICK = 10
/**
 * A set on offer at less than 70 cents is an incomplete one rather than a bargain, as the earlier system held too: what needs
 * a higher edge than this, bps, never fires.
 */
const EDGE_SEEN_MAX = 3_000
/** Legs of the set that is judged: two outcomes of a market; three of an event, the fewest that is usual. */
const LEGS: Readonly<Record<string, number>> = { parity: 2, basket: 3 }

/** For each instance of a configuration: whether it can trade at all, and what would let it. */
export function tradeLooks(config: Config): readonly Look[] {
  const known = strategiesOf(config)
  return plansOf(config, known).map(plan => ({
    name: `trades-${plan.id}`,
    look: () => {
      const found = worldFault(config) ?? hurried(plan, config, limited(plan, config))
      const isHeld = known[plan.strategy]?.isDirectional === true && config.strategy.safe_only
      if (!isHeld || found.status === 'fail') return found
      return warn(
        'what it earns depends on the outcome, so its signals are recorded and not traded; ' +
          'what would let it: strategy.safe_only = false, or --mode shadow, where nothing is traded',
      )
    },
  }))
}

/** What keeps any order from filling in the simulated exchange. */
function worldFault({ sim }: Config): Found | undefined {
  const all = (['reject_bps', 'lost_bps', 'drop_book_bps'] as const).find(of => sim[of] === 10_000)
  return all && fail(`no simulated order can fill; what would let it: sim.${all} below 10000`)
}

/** A finding, and a warning where a signal that has to wait is over before those ahead of it can have an answer. */
function hurried(plan: InstancePlan, { sim }: Config, found: Found): Found {
  const ttlMs = numberOf(plan, 'ttl_ms')
  const answerMs = sim.latency_ms + sim.jitter_ms
  if (ttlMs === undefined || ttlMs >= answerMs || found.status !== 'ok') return found
  return warn(
    `${found.detail}; a signal that waits behind another is over before that can have an answer; what would let it: ${plan.strategy}.ttl_ms at least ${answerMs}`,
  )
}

function limited(plan: InstancePlan, config: Config): Found {
  const limits = limitsOf(config.risk, plan.scope)
  const legs = LEGS[plan.strategy]
  if (legs !== undefined) return setsFound(plan, { config, limits, legs })
  if (plan.strategy === 'quoting') return quotesFound(plan)
  const [least, most] = [numberOf(plan, 'price_min') ?? TICK, numberOf(plan, 'price_max')]
  return outrightFound(plan, { config, limits, least, most: most ?? PRICE_MAX - TICK })
}

interface Ground {
  readonly config: Config
  readonly limits: Limits
}

/** Complete sets: the least that the venue takes against the limits. */
function setsFound(plan: InstancePlan, of: Ground & { readonly legs: number }): Found {
  const minEdge = numberOf(plan, 'min_edge_bps') ?? 0
  if (minEdge >= PRICE_MAX)
    return fail(
      `no set earns that much; what would let it: ${plan.strategy}.min_edge_bps below 10000`,
    )
  const notionalAt = (edge: number): Least => leastSet(Math.max(0, edge), of)
  const usual = notionalAt(minEdge)
  const small = tooSmall(plan, usual.size)
  if (small) return small
  const lacking = lackingFor(usual.notional, of)
  const set = `a set of ${sharesText(usual.size)} shares, the least that the venue takes, may cost ${dollars(usual.notional)} at its least edge of ${minEdge} bps`
  if (lacking.length === 0) return ok(set)
  let edge = minEdge
  while (edge < PRICE_MAX && lackingFor(notionalAt(edge).notional, of).length > 0) edge += TICK
  const help = `what would let it: ${lacking.join(', ')}`
  if (edge <= EDGE_SEEN_MAX)
    return warn(`${set}; only sets with an edge of ${edge} bps or more fit; ${help}`)
  const needed = edge < PRICE_MAX ? `it would take an edge of ${edge} bps` : 'no edge is enough'
  return fail(`can never fire: ${set}, and ${needed}; ${help}`)
}

/** One outcome, bought at a price from `least` to `most`. */
function outrightFound(
  plan: InstancePlan,
  of: Ground & { readonly least: number; readonly most: number },
): Found {
  const { least, most } = of
  if (least > most)
    return fail(`no price is both; what would let it: ${plan.strategy}.price_min below price_max`)
  const prices = Array.from(
    { length: Math.floor((most - least) / TICK) + 1 },
    (_, k) => least + k * TICK,
  )
  const orders = prices.map(at => leastOrder(at, of))
  const cheapest = orders.reduce((a, b) => (b.notional < a.notional ? b : a))
  const small = tooSmall(plan, Math.min(...orders.map(({ size }) => size)))
  if (small) return small
  const lacking = lackingFor(cheapest.notional, of)
  const order = `the cheapest order that the venue takes may cost ${dollars(cheapest.notional)} (${sharesText(cheapest.size)} shares)`
  if (lacking.length === 0) return ok(order)
  return fail(`can never fire: ${order}; what would let it: ${lacking.join(', ')}`)
}

/** Quotes: as large as the venue's least order, within the inventory. */
function quotesFound(plan: InstancePlan): Found {
  const least = VENUE.minSize
  const small = ['size_micro', 'inventory_max_micro'].filter(
    of => (numberOf(plan, of) ?? least) < least,
  )
  if (small.length === 0)
    return ok(`quotes of ${sharesText(numberOf(plan, 'size_micro') ?? least)} shares`)
  const keys = small.map(of => `${plan.strategy}.${of} at least ${least}`)
  return fail(
    `can never quote: the venue takes no less than ${sharesText(least)} shares; what would let it: ${keys.join(', ')}`,
  )
}

/** An order or a set as small as the venue takes it: size in 1e-6 share, and what the gate counts for it, 1e-6 dollar. */
interface Least {
  readonly size: number
  readonly notional: number
}

/** A set with equal prices, which is the cheapest of its edge, at the caps that a chase may reach. */
function leastSet(edge: number, { config, legs }: Ground & { readonly legs: number }): Least {
  const at = Math.floor((PRICE_MAX - edge) / legs / TICK) * TICK
  return leastOf({ at, edge, legs, config })
}

const leastOrder = (at: number, { config }: Ground): Least =>
  leastOf({ at, edge: PRICE_MAX - at, legs: 1, config })

function leastOf(of: { at: number; edge: number; legs: number; config: Config }): Least {
  const { at, edge, legs: count, config } = of
  const size = leastSize(at)
  const leg = {
    token: 1,
    side: BUY,
    limit: price(at),
    size: shares(size),
    bid: price(0),
    ask: price(at),
  }
  const cap = capOf(leg, chaseBudget(edge, config.oms.chase_max_bps), TICK)
  const legs = Array.from({ length: count }, () => leg)
  return {
    size,
    notional: notionalOf(
      legs,
      legs.map(() => cap),
      legs.map(() => MARKET),
    ),
  }
}

/** The least that may be bought at a price: the market's smallest size, and the venue's smallest value. */
function leastSize(at: number): number {
  const { sizeStep, marketableBuyMin, minSize } = VENUE
  if (at <= 0) return Number.MAX_SAFE_INTEGER
  let size = Math.max(minSize, Math.floor((marketableBuyMin * PRICE_MAX) / at))
  size -= size % sizeStep
  while (costOf(at, size) < marketableBuyMin) size += sizeStep
  return size
}

/** Which limits an order of this cost does not fit into, and the value from which on it does. */
function lackingFor(notional: number, { config, limits }: Ground): readonly string[] {
  const { global_exposure_max_micro: most } = config.risk
  // A purse with limits of its own is an entry of the list.
  const section = limits === config.risk ? 'risk.' : 'of its purse in risk.scopes: '
  const keys = ['bankroll_micro', 'signal_notional_max_micro', 'exposure_max_micro'] as const
  const lacking = keys.filter(key => limits[key] < notional)
  return [
    ...lacking.map(key => `${section}${key} at least ${notional}`),
    ...(most > 0 && most < notional ? [`risk.global_exposure_max_micro at least ${notional}`] : []),
  ]
}

function tooSmall(plan: InstancePlan, least: number): Found | undefined {
  const most = numberOf(plan, 'size_max_micro')
  if (most === undefined || most >= least) return undefined
  return fail(
    `can never fire: the venue takes no less than ${sharesText(least)} shares; what would let it: ${plan.strategy}.size_max_micro at least ${least}`,
  )
}

function numberOf({ params }: InstancePlan, name: string): number | undefined {
  const value = params[name]
  return typeof value === 'number' ? value : undefined
}
