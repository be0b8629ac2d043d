import { Count, key, Positive, Share } from '#schemas/config-codecs.js'
import { PRICE_MAX } from '#schemas/units.js'
import { bought } from './buy.js'
import { partOf } from './score.js'
import { rule } from './rule.js'

interface Params {
  readonly left_max_ms: number
  readonly price_min: number
  readonly surge_min_1e2: number
  readonly loss_bps: number
}

/** Sizes of the last trades of each market, 1e-6 share; the newest last. */
type Trades = Map<number, number[]>

/** Trades that the newest one is held against. */
const SAMPLE = 20
/** Fewer trades than this say nothing. */
const TRADES_MIN = 3
/** Least standard deviation that is believed, 1e-6 share: one share. */
const DEVIATION_MIN = 1_000_000n

/**
 * How many standard deviations the newest trade is larger than the mean of those before it, in hundredths; exact, in whole numbers. 0 where there are
 * too few.
 */
export function surgeOf(sizes: readonly number[]): number {
  if (sizes.length < TRADES_MIN) return 0
  const before = sizes.slice(0, -1).map(BigInt)
  const count = BigInt(before.length)
  const sum = before.reduce((all, size) => all + size, 0n)
  const squares = before.reduce((all, size) => all + size * size, 0n)
  // count² × variance, and count × how far the newest is above the mean.
  const variance = count * squares - sum * sum
  const above = count * BigInt(sizes[sizes.length - 1] ?? 0) - sum
  if (above <= 0n) return 0
  const least = count * count * DEVIATION_MIN * DEVIATION_MIN
  const held = variance > least ? variance : least
  return Number(root((above * above * 10_000n) / held))
}

/** The largest whole number whose square is not above this. */
function root(n: bigint): bigint {
  if (n < 2n) return n
  let at = 1n << BigInt(Math.ceil(n.toString(2).length / 2))
  for (;;) {
    const next = (at + n / at) / 2n
    if (next >= at) return at
    at = next
  }
}

/** ENDGAME_SWEEP: shortly before the end an outcome is nearly certain, and somebody buys much of it. */
export const endgame = rule<Params, Trades>({
  name: 'endgame',
  doc: 'an outcome is nearly certain shortly before the end, and trades are larger than usual',
  version: 1,
  isDirectional: true,
  defaults: {
    ...{ level: 'P2', base: 60, weights: { time_to_end: 50, liquidity: 30, vol_surge: 20 } },
    ...{ minEdge: 20, liquidity: 500_000_000, cooldownMs: 300_000 },
  },
  params: {
    left_max_ms: key(Positive, 1_800_000, 'ms', 'longest time until the market is decided'),
    price_min: key(Share, 9_500, '1e-4 $', 'cheapest ask that counts as nearly certain'),
    surge_min_1e2: key(
      Count,
      180,
      '1/100',
      'standard deviations that the newest trade is above those before it, at least',
    ),
    loss_bps: key(Share, 50, 'bps', 'part of such outcomes that is expected to fail'),
  },
  subscribes: {
    books: ({ tokens, endsUs }) =>
      tokens.length === 2 && endsUs !== undefined
        ? { test: 'touched', limit: 0, tokens: Object.values(tokens) }
        : undefined,
    trades: ({ tokens, endsUs }) => tokens.length === 2 && endsUs !== undefined,
  },
  init: () => new Map(),
  note: (event, { marketOf, memory }) => {
    if (event.tag !== 'trade') return
    const market = marketOf(event.token)
    if (market === undefined) return
    const sizes = memory.get(market) ?? []
    sizes.push(event.size)
    if (sizes.length > SAMPLE + 1) sizes.shift()
    memory.set(market, sizes)
  },
  look: (subject, sight) => {
    if (subject.tag !== 'market') return undefined
    const { market } = subject
    const { endsUs } = market
    const { params, book, memory, tUs } = sight
    if (endsUs === undefined) return undefined
    const leftMs = Math.floor((endsUs - tUs) / 1_000)
    if (leftMs <= 0 || leftMs > params.left_max_ms) return undefined
    const token = market.tokens.find(one => {
      const { bestAsk } = book(one)
      return bestAsk >= params.price_min && bestAsk < PRICE_MAX
    })
    const surge = surgeOf(memory.get(market.market) ?? [])
    if (token === undefined || surge < params.surge_min_1e2) return undefined
    const proposal = bought(market, { token, fair: PRICE_MAX - params.loss_bps }, sight)
    return (
      proposal && {
        proposal,
        metrics: { vol_surge: partOf('vol_surge', surge) },
        saw: [
          ['left-ms', leftMs],
          ['surge-1e2', surge],
        ],
      }
    )
  },
})
