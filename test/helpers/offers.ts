import { BookSnapshot } from '#schemas/events/feed.js'
import { MarketListed, TokenListed } from '#schemas/events/market.js'
import { RunStarted } from '#schemas/events/run.js'
import { SCHEMA } from '#schemas/registry.js'
import { bps, price, shares } from '#schemas/units.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { configWith } from '#engine/run/testing/story.js'
import { keep } from './stories.js'

const SHARE = 1_000_000
const SECOND_US = 1_000_000
const START_US = 1_780_000_000_000_000
/** From one offer to the next: longer than the same offer counts as a repetition, and than any market rests. */
const EVERY_US = 60 * SECOND_US
/** The first leg is bought after 120 ms, the second asked for 120 ms later: between them it may go away. */
const GONE_US = 180_000
/** Size on offer, and what can be sold into at any time. */
const [OFFERED, DEEP] = [10 * SHARE, 500 * SHARE]
const [YES, NO] = [1, 2]
const YES_ASK = 3_000
/** Edges of the offers, bps. */
const EDGES = [100, 110, 120, 130, 140, 150, 160]

/** Cash for all offers at once, and an exchange that fills what is there: what is earned is the market's doing alone. */
export const CALM: readonly string[] = [
  ...['sim.fill_share_thin_bps=10000', 'sim.fill_share_liquid_bps=10000', 'sim.jitter_ms=0'],
  ...['sim.reject_bps=0', 'risk.bankroll_micro=10000000000', 'risk.exposure_max_micro=10000000000'],
]

/** Whether the second leg of an offer goes away while the first is bought: then the first is sold at a loss as large as its edge. */
export type Fleeting = (edge: number, random: Prng) => boolean

/** One market in which both outcomes are on offer below a dollar once a minute. */
export function offers(seed: number, count: number, isGone: Fleeting): FeedInput[] {
  const random = prng(seed, 'offers')
  const inputs: FeedInput[] = [...listing()]
  for (let k = 0; k < count; k++) {
    const tUs = START_US + (k + 1) * EVERY_US
    const edge = EDGES[random.below(EDGES.length)]!
    const noAsk = 10_000 - YES_ASK - edge
    // What is bought first can be sold again at as much less as both together are cheap.
    inputs.push({ tUs, event: book(NO, noAsk - 200, noAsk, 4 * OFFERED) })
    inputs.push({ tUs, event: book(YES, YES_ASK - edge, YES_ASK, OFFERED) })
    const gone = { tUs: tUs + GONE_US, event: book(NO, noAsk - 200, noAsk + 1_000, DEEP) }
    if (isGone(edge, random)) inputs.push(gone)
    const over = tUs + 20 * SECOND_US
    inputs.push({ tUs: over, event: book(NO, 6_000, 7_200, DEEP) })
    inputs.push({ tUs: over, event: book(YES, 2_500, 3_500, DEEP) })
  }
  return inputs
}

/** The same as an imported run on disk. */
export async function keepOffers(run: string, inputs: readonly FeedInput[]): Promise<void> {
  const config = configWith({ strategy: { names: [] } })
  const facts = { parent: '', mode: 'import', source: 'test', schema: SCHEMA, seed: 1 } as const
  const started = RunStarted.make({ ...facts, faults: [], config, digest: '' })
  const rows = [{ tUs: START_US, event: started }, ...inputs]
  await keep(
    run,
    rows.map((row, k) => ({ seq: k + 1, cause: 0, ...row })),
  )
}

function listing(): FeedInput[] {
  const market = MarketListed.make({
    ...{ market: 1, venue: 'sim', key: 'm1', question: '', group: '', negRisk: false },
    ...{ minSize: shares(5 * SHARE), feeRate: bps(0), feeExponent: 1, inferred: false },
  })
  const tokens = [YES, NO].map((token, index) =>
    TokenListed.make({
      ...{ token, market: 1, index, key: `t${token}`, outcome: index === 0 ? 'Yes' : 'No' },
      tick: price(10),
    }),
  )
  return [market, ...tokens].map(event => ({ tUs: START_US, event }))
}

const book = (token: number, bid: number, ask: number, size: number) =>
  BookSnapshot.make({ token, bids: [bid, DEEP], asks: [ask, size] })
