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
