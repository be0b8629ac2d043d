import t from 'tap'
import { ReferenceReported } from '#schemas/events/feed.js'
import { NONE, strategy } from '#engine/strategies/strategy.js'
import { startEngine } from './start.js'
import { configWith, startedWith } from './testing/story.js'

/** A rule that asks for a timer whenever a reference is above 100. */
const watcher = strategy<object, string[]>({
  name: 'watcher',
  doc: 'asks for a timer when a reference is high',
  version: 1,
  params: {},
  subscribes: () => ({ references: true }),
  init: () => [],
  on: (event, { memory, tUs }) => {
    if (event.tag === 'timer') memory.push(event.key)
    if (event.tag !== 'reference' || event.value <= 100) return NONE
    return [{ tag: 'timer', key: `${event.source}/${event.name}`, atUs: tUs + 1_000 }]
  },
})

void t.test('a reference reaches who subscribes to it, and advances no id', async t => {
  const config = configWith({ strategy: { names: ['watcher'], instances: [] } })
  const started = startedWith(config)
  const loop = startEngine<never>(started, () => undefined, { strategies: { watcher } })
  loop.take(0, started)
  const posts = { source: 'xtracker', name: 'posts', unit: 'post' }
  loop.take(10, ReferenceReported.make({ ...posts, value: 100 }))
  t.equal(loop.dueUs, Infinity)
  loop.take(20, ReferenceReported.make({ ...posts, value: 101 }))
  t.equal(loop.dueUs, 1_020)
  loop.catchUp(1_020)
  t.same(loop.state.instances.byId('watcher')?.running.save(), ['xtracker/posts'])
  t.equal(loop.state.ordinal, 0)
})
