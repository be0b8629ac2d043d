import fc from 'fast-check'
import t from 'tap'
import { costOf, feeOf, mulDivFloor, price, proceedsOf, shares, usdc } from './units.js'

const at = fc.integer({ min: 0, max: 10_000 })
const size = fc.integer({ min: 0, max: 900_000_000_000_000 })

t.test('a cost rounds up, proceeds round down, and both are exact otherwise', async () => {
  fc.assert(
    fc.property(at, size, (p, s) => {
      const exact = BigInt(p) * BigInt(s)
      const down = exact / 10_000n
      const up = exact % 10_000n === 0n ? down : down + 1n
      return BigInt(proceedsOf(p, s)) === down && BigInt(costOf(p, s)) === up
    }),
  )
})

t.test('a product and quotient is exact at any size', async () => {
  const n = fc.integer({ min: -(2 ** 40), max: 2 ** 40 })
  fc.assert(
    fc.property(n, n, fc.integer({ min: 2 ** 28, max: 2 ** 34 }), (a, b, c) => {
      const [x, y] = [BigInt(a) * BigInt(b), BigInt(c)]
      const floor = x / y - (x % y !== 0n && x < 0n ? 1n : 0n)
      return BigInt(mulDivFloor(a, b, c)) === floor
    }),
  )
})

t.test('fees are those of the venue, rounded up to five decimals', async t => {
  const fee = (p: number, s: number, feeRate: number, feeExponent: number): number =>
    feeOf(p, s * 1_000_000, { feeRate, feeExponent })
  t.equal(fee(5_000, 100, 2_500, 2), 1_562_500)
  t.equal(fee(3_000, 100, 2_500, 2), 1_102_500)
  t.equal(fee(7_000, 100, 2_500, 2), 1_102_500)
  t.equal(fee(1_000, 100, 2_500, 2), 202_500)
  t.equal(fee(500, 100, 2_500, 2), 56_410) // 0.05640625
  t.equal(fee(100, 100, 2_500, 2), 2_460) // 0.00245025
  t.equal(fee(5_000, 100, 700, 1), 1_750_000)
  t.equal(fee(8_500, 100, 700, 1), 892_500)
  t.equal(fee(5_000, 0, 700, 1), 0)
  t.equal(fee(5_000, 100, 0, 1), 0)
})

t.test('a fee below 0.00001 dollar is nothing, from there on at least that', async t => {
  const fees = { feeRate: 400, feeExponent: 1 }
  t.equal(feeOf(1, 1_000_000, fees), 0) // 0.000003999
  t.equal(feeOf(10, 1_000_000, fees), 40) // 0.00003996
})

t.test('constructors assert', async t => {
  t.throws(() => price(10_001), /Invariant/)
  t.throws(() => price(0.5), /Invariant/)
  t.throws(() => shares(-1), /Invariant/)
  t.throws(() => usdc(2 ** 53), /Invariant/)
})
