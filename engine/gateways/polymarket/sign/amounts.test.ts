import fc from 'fast-check'
import t from 'tap'
import { costOf, proceedsOf } from '#schemas/units.js'
import { amountsOf, type Amounts, type Asked } from './amounts.js'
import { isRefused } from './refused.js'

const BUY = 0
const SELL = 1
const share = 1_000_000

function signed(asked: Asked): Amounts {
  const amounts = amountsOf(asked)
  if (isRefused(amounts)) throw new Error(amounts.refused)
  return amounts
}

t.test('a resting order is for the size cut to two decimals, at exactly its price', async t => {
  const asked = { price: 5_600, size: 100.777 * share, tick: 100, tif: 'GTC' } as const
  const [money, shares] = [56_431_200, 100_770_000]
  t.same(signed({ ...asked, side: BUY }), { makerAmount: money, takerAmount: shares })
  t.same(signed({ ...asked, side: SELL }), { makerAmount: shares, takerAmount: money })
})

t.test('an immediate buy spends whole cents and takes four decimals', async t => {
  const asked = { side: BUY, size: 20.37 * share, tick: 100, price: 5_200, tif: 'FAK' } as const
  t.same(signed(asked), { makerAmount: 10_590_000, takerAmount: 20_365_300 })
  t.same(signed({ ...asked, tif: 'FOK' }), signed(asked))
})

t.test('an immediate sale takes the exact product, as the venue computes it again', async t => {
  const asked = { side: SELL, size: 20.379 * share, tick: 1, price: 5_555, tif: 'FAK' } as const
  t.same(signed(asked), { makerAmount: 20_370_000, takerAmount: 11_315_535 })
})

t.test('what does not fit is refused, never moved', async t => {
  const asked = { side: BUY, price: 5_500, size: share, tick: 100, tif: 'GTC' } as const
  const wrong: readonly (readonly [Partial<Asked>, RegExp])[] = [
    [{ price: 5_550 }, /off the grid/],
    [{ price: 0 }, /out of range; expected 100 to 9900/],
    [{ price: 10_000 }, /out of range/],
    [{ price: 9_950, tick: 100 }, /out of range/],
    [{ price: 5_500.5, tick: 1 }, /out of range/],
    [{ tick: 200 }, /tick 200 is none/],
    [{ size: 0 }, /no quantity/],
    [{ size: -share }, /no quantity/],
    [{ size: 0.5 }, /no quantity/],
    [{ size: 9_999 }, /nothing once it is cut/],
    [{ size: 10_000, price: 100, tif: 'FAK' }, /nothing once it is cut/],
  ]
  for (const [one, words] of wrong) {
    const answer = amountsOf({ ...asked, ...one })
    t.match(isRefused(answer) ? answer.refused : answer, words)
  }
})

t.test('no order costs more, or is worth less, than the decimals force', async t => {
  let orders = 0
  const ticks = fc.constantFrom(1_000, 100, 50, 25, 10, 1)
  const property = fc.property(
    ...[ticks, fc.nat(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })],
    fc.constantFrom('FAK', 'FOK', 'GTC', 'GTD'),
    (tick, k, size, tif) => {
      const price = tick * (1 + (k % (10_000 / tick - 1)))
      const [buy, sell] = [BUY, SELL].map(side =>
        amountsOf({ side: side === BUY ? BUY : SELL, price, size, tick, tif }),
      )
      if (buy !== undefined && !isRefused(buy)) boughtWithin(buy, { price, size, tick, tif })
      if (sell !== undefined && !isRefused(sell)) soldWithin(sell, { price, size, tick, tif })
    },
  )
  fc.assert(property, { numRuns: 5_000 })
  t.ok(orders > 5_000, 'most of what was asked could be signed')

  // Products of 1e-6 and 1e-4 do not fit a number: compared exactly.
  function boughtWithin({ makerAmount, takerAmount }: Amounts, of: Of): void {
    orders++
    const [spent, taken, price] = [BigInt(makerAmount), BigInt(takerAmount), BigInt(of.price)]
    holds(makerAmount <= costOf(of.price, of.size) && takerAmount <= of.size, of)
    if (isResting(of.tif))
      return holds(spent * 10_000n === taken * price && taken % 10_000n === 0n, of)
    holds(spent % 10_000n === 0n && taken % fine(of) === 0n, of)
    holds(taken * price <= spent * 10_000n, of) // meets a price at the limit
    holds((taken + fine(of)) * price > spent * 10_000n, of) // worse than it by less than 0.0001 share
    holds((spent + 10_000n) * 10_000n > price * BigInt(of.size), of) // short by less than a cent
  }
  function soldWithin({ makerAmount, takerAmount }: Amounts, of: Of): void {
    orders++
    const [given, taken, price] = [BigInt(makerAmount), BigInt(takerAmount), BigInt(of.price)]
    holds(takerAmount <= proceedsOf(of.price, of.size) && makerAmount <= of.size, of)
    holds(given % 10_000n === 0n && given + 10_000n > BigInt(of.size), of)
    holds(taken * 10_000n === given * price, of)
  }
})

interface Of {
  readonly price: number
  readonly size: number
  readonly tick: number
  readonly tif: string
}

const fine = ({ tick }: Of): bigint => (tick === 1_000 ? 1_000n : 100n)
const isResting = (tif: string): boolean => tif === 'GTC' || tif === 'GTD'

function holds(is: boolean, of: Of): void {
  if (!is) throw new Error(`does not hold of ${JSON.stringify(of)}`)
}
