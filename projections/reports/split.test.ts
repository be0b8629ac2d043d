import t from 'tap'
import { entry, ledger } from '../testing/shadows.js'
import { distinctOf } from './ledger.js'
import { overfitOf, resultOf, riskOf, walkForward, within } from './split.js'

const parts = { train: 6_000, validation: 2_000, test: 2_000 }
const of = (pnl: number, rows: number, legging = 0) => ({ pnl, rows, legging })

t.test('one step splits the whole time by its parts', async t => {
  t.same(walkForward({ fromUs: 1_000, toUs: 2_000 }, { parts, steps: 1 }), [
    {
      train: { fromUs: 1_000, toUs: 1_600 },
      validation: { fromUs: 1_600, toUs: 1_800 },
      test: { fromUs: 1_800, toUs: 2_000 },
    },
  ])
})

t.test('steps walk by one test part, and the last ends where the time does', async t => {
  const steps = walkForward({ fromUs: 0, toUs: 1_401 }, { parts, steps: 3 })
  t.same(
    steps.map(({ train, test }) => [train.fromUs, test.fromUs, test.toUs]),
    [
      [0, 800, 1_000],
      [200, 1_000, 1_200],
      [400, 1_200, 1_401],
    ],
  )
})

t.test('test parts follow each other to the µs, whatever the parts are', async t => {
  for (const odd of [parts, { train: 3_333, validation: 3_333, test: 3_334 }])
    for (const toUs of [1_000_003, 375_955_432, 77]) {
      const steps = walkForward({ fromUs: 11, toUs }, { parts: odd, steps: 7 })
      const ends = steps.slice(0, -1).map(({ test }) => test.toUs)
      t.same(
        ends,
        steps.slice(1).map(({ test }) => test.fromUs),
      )
    }
})

t.test('two weeks of µs are split exactly', async t => {
  const fromUs = 1_780_000_000_000_000
  const [step] = walkForward({ fromUs, toUs: fromUs + 1_209_600_000_000 }, { parts, steps: 1 })
  t.equal(step?.train.toUs, fromUs + 725_760_000_000)
})

t.test('flaw: a window that reaches beyond its part has seen the part behind', async t => {
  const run = ledger('a', [entry(1), entry(2), entry(4)])
  const signals = (toUs: number): number => within(run, { fromUs: 0, toUs }).entries.length
  t.equal(signals(3_100_001), 2, 'the window of the second is over at 3.1 s')
  t.equal(signals(3_100_000), 1)
  t.equal(within(run, { fromUs: 1_000_001, toUs: 9e9 }).entries.length, 2)
})

t.test('step risk: what was lost behind the part that was fitted, and legging', async t => {
  t.equal(riskOf(of(100, 10), of(50, 10)), 500_000)
  t.equal(riskOf(of(100, 10), of(200, 10)), 0, 'better is no risk')
  t.equal(riskOf(of(100, 10), of(10, 1)), 0, 'by row: the parts differ in length')
  t.equal(riskOf(of(-100, 10), of(-150, 10)), 500_000)
  t.equal(riskOf(of(100, 10, 100_000), of(100, 10, 350_000)), 250_000)
  t.equal(riskOf(of(100, 10, 350_000), of(100, 10, 100_000)), 250_000)
  t.equal(riskOf(of(3, 1), of(2, 1)), 333_333, 'rounded down')
})

t.test('step risk: a training part that earned nothing', async t => {
  t.equal(riskOf(of(0, 4), of(-1, 4)), 1_000_000)
  t.equal(riskOf(of(0, 4), of(7, 4)), 0)
  t.equal(riskOf(of(0, 0), of(7, 4)), undefined)
  t.equal(riskOf(of(5, 4), of(0, 0)), undefined)
})

t.test('overfit score: the mean of the steps, 1 where there are none', async t => {
  t.equal(overfitOf([]), 1_000_000)
  t.equal(overfitOf([undefined]), 1_000_000)
  t.equal(overfitOf([100, undefined, 201]), 150)
})

t.test('what is chosen on the training part is what is judged behind it', async t => {
  const good = [entry(1), entry(2)]
  const bad = [entry(11, { volumes: [100, 10] }), entry(12, { volumes: [100, 10] })]
  const run = ledger('a', [...good, ...bad])
  const step = {
    train: { fromUs: 0, toUs: 10_000_000 },
    validation: { fromUs: 10_000_000, toUs: 20_000_000 },
    test: { fromUs: 20_000_000, toUs: 30_000_000 },
  }
  const grid = { liquid: [3_000], thin: [500, 1_000], dump: [500] }
  const { chosen, tallies, risk } = resultOf([run], step, { grid, ratio: 850_000 })
  t.equal(chosen.profile.shareBps.thin, 1_000, 'more of what earns')
  t.equal(tallies.train.pnl, 192_000)
  t.ok(tallies.validation.pnl < 0)
  t.equal(tallies.test.rows, 0)
  t.ok(risk !== undefined && risk > 2_000_000, 'it lost more than it had earned, and legged')
})

t.test('a copy of a run is one run', async t => {
  const runs = [ledger('b', [], { head: 'h' }), ledger('a', [], { head: 'h' }), ledger('c', [])]
  t.same(
    distinctOf(runs).map(({ runId }) => runId),
    ['a', 'c'],
  )
})
