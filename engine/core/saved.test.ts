import fc from 'fast-check'
import t from 'tap'
import { packed, unpacked } from './saved.js'

t.test('whatever a state may hold comes back', async () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.double(),
    fc.integer(),
    fc.constant(undefined),
  )
  const { state } = fc.letrec(tie => ({
    state: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('state')),
      fc.dictionary(fc.stringMatching(/^[a-z]{0,4}$/), tie('state'), { noNullPrototype: true }),
      fc.array(fc.tuple(leaf, tie('state'))).map(entries => new Map(entries)),
      fc.array(tie('state')).map(items => new Set(items)),
    ),
  }))
  fc.assert(
    fc.property(state, one => {
      t.strictSame(packed(unpacked(packed(one))), packed(one))
    }),
    { numRuns: 500 },
  )
})

t.test('kinds, holes, what is no number, and one thing in two places', async t => {
  const order = { id: 'o1', result: undefined, trades: new Set(['a']) }
  const markets: unknown[] = []
  markets[2] = { at: -0, due: Infinity, none: NaN }
  const state = { open: new Map([['s1', { order }]]), orders: new Map([['o1', order]]), markets }
  const back = unpacked(packed(state)) as typeof state
  t.strictSame(back, state)
  t.equal(back.open.get('s1')?.order, back.orders.get('o1'))
  t.notOk(0 in back.markets)
  t.ok(Object.is((back.markets[2] as { at: number }).at, -0))
  t.ok('result' in (back.orders.get('o1') ?? {}))
})

t.test('what the text could not give back is refused', async t => {
  for (const bad of [null, () => 1, new Date(0), new Float64Array(1), 1n, { $map: 1 }])
    t.throws(() => packed({ bad }), /Invariant: a state/)
})
