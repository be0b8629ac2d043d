import fc from 'fast-check'
import t from 'tap'
import { costOf, mulDivFloor, price, proceedsOf, shares, usdc, equalParts } from './units.js'

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

t.test('constructors assert', async t => {
  t.throws(() => price(10_001), /Invariant/)
  t.throws(() => price(0.5), /Invariant/)
  t.throws(() => shares(-1), /Invariant/)
  t.throws(() => usdc(2 ** 53), /Invariant/)
})

t.test('equal parts add up, with what is left over in the first', async t => {
  t.same(equalParts(10, 3), [4, 3, 3])
  t.same(equalParts(9, 3), [3, 3, 3])
  t.same(equalParts(-10, 3), [-2, -4, -4])
  t.same(equalParts(5, 1), [5])
  t.same(equalParts(5, 0), [])
})
