import t from 'tap'
import fc from 'fast-check'
import { isoOf } from './iso.js'

t.test('a time is written as the calendar has it', async t => {
  t.equal(isoOf(0), '1970-01-01T00:00:00.000000Z')
  t.equal(isoOf(951_782_400_000_001), '2000-02-29T00:00:00.000001Z')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), ms => {
      t.equal(isoOf(ms * 1_000 + 7), new Date(ms).toISOString().replace('Z', '007Z'))
    }),
    { numRuns: 500, seed: 3 },
  )
})
