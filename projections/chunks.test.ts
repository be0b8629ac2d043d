import t from 'tap'
import { Story } from '#engine/run/testing/story.js'
import { chunksFile } from './chunks.js'
import { eventful, objectsOf, offered } from './testing/eventful.js'

t.test('a complete set is carried as a set', async t => {
  t.same(
    objectsOf(chunksFile, offered(new Story()).end()).map(({ run_id: _, ...row }) => row),
    [
      {
        ...{ signal_id: 's5-1', strategy: 'parity', kind: 'set', leg_index: '', tokens: '1 2' },
        ...{ qty: '50.000000', cost: '45.000000', entry_price: '0.9000', value: '50.000000' },
        status: 'held',
      },
    ],
  )
})

t.test('what has no match is carried by its leg, at the bid', async t => {
  const story = new Story({}, { faults: ['force-chase-fail', 'force-flatten-fail'] })
  t.match(objectsOf(chunksFile, offered(story).end()), [
    {
      ...{ kind: 'loose', leg_index: '0', tokens: '1', qty: '50.000000', cost: '20.000000' },
      ...{ value: '17.500000', status: 'held' },
    },
  ])
})

t.test('what was flattened leaves nothing, what was resolved is paid', async t => {
  const flat = new Story({}, { faults: ['force-chase-fail'] })
  t.same(objectsOf(chunksFile, offered(flat).end()), [])
  const paid = offered(new Story()).book(900, 1, {}).resolve(1_000, 1, 1).end()
  t.match(objectsOf(chunksFile, paid), [{ kind: 'set', value: '50.000000', status: 'paid' }])
})

t.test('chunks hold what the positions hold', async t => {
  const story = eventful()
  const held = [...story.loop.state.exposure.positions.values()]
  const rows = objectsOf(chunksFile, story).filter(({ status }) => status === 'held')
  const sum = (of: (row: Record<string, string>) => number): number =>
    rows.reduce((all, row) => all + Math.round(of(row) * 1e6), 0)
  const legs = (row: Record<string, string>): number => (row['tokens'] ?? '').split(' ').length
  t.equal(
    sum(row => Number(row['qty']) * legs(row)),
    held.reduce((all, { size }) => all + size, 0),
  )
})

/** Whether what chunks hold is what the engine holds, token by token. */
const agrees = (story: Story): void => {
  const held = new Map<string, number>()
  for (const row of objectsOf(chunksFile, story).filter(({ status }) => status === 'held'))
    for (const token of (row['tokens'] ?? '').split(' '))
      held.set(token, (held.get(token) ?? 0) + Math.round(Number(row['qty']) * 1e6))
  const there = [...story.loop.state.exposure.positions].map(
    ([token, { size }]) => [String(token), size] as const,
  )
  t.same([...held].sort(), there.sort())
}

t.test('sets that were merged are gone, the oldest first', async t => {
  const story = offered(new Story({ merge: { sets_min_micro: 20_000_000 } }))
  story.loop.catchUp(story.loop.tUs + 20_000_000)
  t.equal(story.all('PositionsConverted').length, 1)
  agrees(story)
})

t.test('one outcome alone is carried at its bid, and gone once its strategy sold it', async t => {
  const hour = 3_600_000
  const story = new Story({
    strategy: { names: ['bond'], safe_only: false },
    bond: { hold_min_ms: 0 },
    risk: { book_age_max_ms: 24 * hour },
    sim: { fill_model: 'walk' },
  }).market(1, { endsMs: 6 * hour })
  story.book(10, 1, { bids: [[0.96, 500]], asks: [[0.97, 500]] })
  story.loop.catchUp(1_000_000)
  t.match(objectsOf(chunksFile, story), [{ kind: 'loose', qty: '50.000000', value: '48.000000' }])
  agrees(story)
  story.book(60_000, 1, { bids: [[0.9, 30]], asks: [[0.97, 500]] })
  story.loop.catchUp(80_000_000)
  t.match(objectsOf(chunksFile, story), [{ kind: 'loose', qty: '20.000000' }])
  agrees(story)
})
