import fc from 'fast-check'
import t from 'tap'
import { priceFrom, priceOfDouble, scaled, sizeFrom, sizeOfDouble, tickHolding } from './decimal.js'

const digits = (n: number, places: number): string => {
  const text = String(n).padStart(places + 1, '0')
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
}

t.test('every whole number of units comes back from its decimal, exactly', async t => {
  const units = fc.maxSafeNat()
  fc.assert(
    fc.property(units, fc.nat(8), fc.boolean(), (n, places, negative) => {
      const text = `${negative ? '-' : ''}${digits(n, places)}`
      return Object.is(scaled(text, places), negative && n > 0 ? -n : n)
    }),
  )
  t.pass()
})

t.test('zeros behind the last place say nothing, any other digit is too fine', async t => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(6), fc.integer({ min: 1, max: 9 }), (n, zeros, digit) => {
      const text = digits(n, 4) + '0'.repeat(zeros)
      return priceFrom(text) === n && priceFrom(text + String(digit)) === 'finer than the unit'
    }),
  )
  t.pass()
})

t.test('any text is a number or a reason, and agrees with BigInt arithmetic', async t => {
  const text = fc.stringMatching(/^-?[0-9]{0,20}\.?[0-9]{0,9}$/)
  fc.assert(
    fc.property(text, text => {
      const ours = sizeFrom(text)
      const [whole = '', part = ''] = text.replace('-', '').split('.')
      if (whole + part === '') return ours === 'not a decimal'
      if (/[1-9]/.test(part.slice(6))) return ours === 'finer than the unit'
      const exact = BigInt(whole + part.slice(0, 6).padEnd(6, '0'))
      if (exact > BigInt(Number.MAX_SAFE_INTEGER)) return ours === 'too large'
      return typeof ours === 'number' && BigInt(Math.abs(ours)) === exact
    }),
    { numRuns: 2_000 },
  )
  fc.assert(
    fc.property(
      fc.string().filter(s => !/^-?(\d+\.?\d*|\.\d+)$/.test(s)),
      s => scaled(s, 4) === 'not a decimal',
    ),
  )
  t.pass()
})

t.test('a double made of a decimal gives the units of that decimal', async t => {
  fc.assert(fc.property(fc.nat(10_000), n => priceOfDouble(Number(digits(n, 4))) === n))
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 21_000_000_000_000 }),
      n => sizeOfDouble(Number(digits(n, 6))) === n,
    ),
  )
  t.equal(priceOfDouble(0.31 + 1e-15), 3_100)
  t.equal(priceOfDouble(0.12345), 'finer than the unit')
  t.equal(sizeOfDouble(967.6415085), 'finer than the unit')
  t.equal(sizeOfDouble(NaN), 'not a decimal')
  t.equal(sizeOfDouble(1e300), 'too large')
})

t.test('the grid grows finer only as far as a price asks', async t => {
  t.equal(tickHolding(100, 3_100), 100)
  t.equal(tickHolding(1_000, 3_100), 100)
  t.equal(tickHolding(100, 3_110), 10)
  t.equal(tickHolding(100, 3_125), 25)
  t.equal(tickHolding(100, 3_111), 1)
})
