import t from 'tap'
import { matrix, MATRIX_FAULTS, type Verdict } from './helpers/fault-matrix.js'
import { ORDER_STATES } from './helpers/fault-cell.js'

// Each fault in one state, another for each; with POLARIS_LONG in two. All of them: node dist/test/helpers/fault-matrix.js
const PER_FAULT = process.env['POLARIS_LONG'] === '1' ? 2 : 1
const EVERY = process.env['POLARIS_LONG'] === '1' ? 1 : 3

t.test('whatever goes wrong at the venue, we hold what it says that we hold', async t => {
  const cells = MATRIX_FAULTS.flatMap((fault, k) =>
    k % EVERY === 0
      ? Array.from({ length: PER_FAULT }, (_, of) => {
          const state = ORDER_STATES[(k / EVERY + of * 3) % ORDER_STATES.length] ?? 'pending'
          return [fault, state] as const
        })
      : [],
  )
  const verdicts: Verdict[] = []
  await matrix(cells, 6, verdict => {
    verdicts.push(verdict)
    t.equal(verdict.broken, '', `${verdict.fault} × ${verdict.state}`)
  })
  t.equal(verdicts.length, cells.length)
  t.ok(
    verdicts.every(({ orders }) => orders > 0),
    'each of them traded',
  )
  const fills = verdicts.reduce((sum, one) => sum + one.fills, 0)
  t.ok(fills > verdicts.length, `${fills} fills`)
})
