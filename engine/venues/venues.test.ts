import t from 'tap'
import fc from 'fast-check'
import type { MarketFacts } from '#engine/core/market.js'
import { makerFee, rulesOf, takerFee, venueNamed } from './registry.js'

const FEES = { feeRate: 700, feeExponent: 1 }
const market = (
  venue: string,
  { schema = 3, feeRate = 700, feeExponent = 1 } = {},
): MarketFacts => ({
  ...{
    market: 1,
    question: '',
    key: 'm1',
    rules: rulesOf(venue, schema),
    minSize: 1,
    tokens: [1, 2],
  },
  ...{ feeRate, feeExponent, isResolved: false },
})
const shares = (n: number): number => n * 1_000_000

t.test('polymarket rounds up to five decimals', async t => {
  const fee = (p: number, s: number, feeRate: number, feeExponent: number): number =>
    takerFee(market('polymarket', { feeRate, feeExponent }), p, shares(s))
  t.equal(fee(5_000, 100, 2_500, 2), 1_562_500)
  t.equal(fee(3_000, 100, 2_500, 2), 1_102_500)
  t.equal(fee(1_000, 100, 2_500, 2), 202_500)
  t.equal(fee(500, 100, 2_500, 2), 56_410) // 0.05640625
  t.equal(fee(100, 100, 2_500, 2), 2_460) // 0.00245025
  t.equal(fee(8_500, 100, 700, 1), 892_500)
  t.equal(fee(5_000, 0, 700, 1), 0)
  t.equal(fee(5_000, 100, 0, 1), 0)
  t.equal(makerFee(market('polymarket'), 5_000, shares(100)), 0)
})

t.test(
  'polymarket: a fee below 0.00001 dollar is nothing, from there on at least that',
  async t => {
    const fees = market('polymarket', { feeRate: 400 })
    t.equal(takerFee(fees, 1, shares(1)), 0) // 0.000003999
    t.equal(takerFee(fees, 10, shares(1)), 40) // 0.00003996
  },
)

t.test('kalshi rounds each fill up to the cent, whoever is charged', async t => {
  t.equal(takerFee(market('kalshi'), 4_700, shares(7)), 130_000) // 0.122059
  t.equal(takerFee(market('kalshi'), 5_000, shares(1)), 20_000) // 0.0175
  t.equal(takerFee(market('kalshi'), 5_000, shares(100)), 1_750_000) // a whole cent stays
  t.equal(takerFee(market('kalshi'), 100, shares(1)), 10_000) // 0.000693
  t.equal(makerFee(market('kalshi'), 5_000, shares(10)), 50_000) // 0.04375
  t.equal(takerFee(market('kalshi', { feeRate: 0 }), 5_000, shares(10)), 0)
})

t.test('a venue that nobody knows is never cheaper than one that is known', async t => {
  const known = ['polymarket', 'kalshi', 'sim']
  fc.assert(
    fc.property(
      fc.constantFrom(...known),
      fc.integer({ min: 1, max: 9_999 }),
      fc.integer({ min: 1, max: 1e12 }),
      fc.integer({ min: 0, max: 3_000 }),
      (name, at, size, feeRate) => {
        const [of, worst] = [market(name, { feeRate }), market('nowhere', { feeRate })]
        return (
          takerFee(worst, at, size) >= takerFee(of, at, size) &&
          makerFee(worst, at, size) >= makerFee(of, at, size)
        )
      },
    ),
  )
  for (const name of known) {
    t.ok(venueNamed('nowhere').sizeStep >= venueNamed(name).sizeStep)
    t.ok(venueNamed('nowhere').marketableBuyMin >= venueNamed(name).marketableBuyMin)
    t.ok(venueNamed('nowhere').worstFees.feeRate >= venueNamed(name).worstFees.feeRate)
  }
})

t.test('a run of an earlier registry keeps the one rule that it was recorded under', async t => {
  for (const venue of ['kalshi', 'polymarket', 'sim', 'nowhere']) {
    const old = market(venue, { schema: 2 })
    t.equal(takerFee(old, 4_700, shares(7)), 122_060)
    t.equal(makerFee(old, 4_700, shares(7)), 0)
    t.equal(venueNamed(old.rules).sizeStep, 10_000)
  }
})

t.test('fees stay exact at sizes that no double product holds', async t => {
  const size = Number.MAX_SAFE_INTEGER
  const exact = (BigInt(size) * 700n * 25_000_000n + 999_999_999_999n * 10_000n) / 10n ** 16n
  t.equal(takerFee(market('kalshi'), 5_000, size), Number(exact) * 10_000)
})

t.test(
  'payouts: the winner by id or label, splits, and nothing where it is not decided',
  async t => {
    const outcomes = [
      { key: '11', outcome: 'Yes' },
      { key: '12', outcome: 'No' },
    ]
    const paid = (venue: string, winner: string, more = {}) =>
      venueNamed(venue).payouts({ winner, ...more }, outcomes)
    t.same(paid('polymarket', '12'), [0, 10_000])
    t.same(paid('polymarket', '', { label: ' yes' }), [10_000, 0])
    t.same(paid('polymarket', '', { label: '50-50' }), [5_000, 5_000])
    t.same(paid('kalshi', 'no'), [0, 10_000])
    t.same(paid('kalshi', 'scalar', { settles: 3_700 }), [3_700, 6_300])
    for (const venue of ['polymarket', 'kalshi', 'sim', 'nowhere']) {
      t.equal(paid(venue, ''), undefined)
      t.equal(paid(venue, '13'), undefined)
      t.equal(paid(venue, 'void', { settles: 10_001 }), undefined)
    }
    t.same(FEES, venueNamed('kalshi').worstFees)
  },
)

t.test('prices lie on the grid, strictly between nothing and a dollar', async t => {
  const { isPrice } = venueNamed('kalshi')
  t.ok(isPrice(4_700, 100))
  t.notOk(isPrice(4_710, 100))
  t.notOk(isPrice(0, 100))
  t.notOk(isPrice(10_000, 100))
})
