import t from 'tap'
import { TURN_BYTES_MAX } from '#engine/log/event-log.js'
import { LineWriter } from '#schemas/line/writer.js'
import { packed } from '#engine/core/saved.js'
import { TRUST_RECORDS_MAX } from './trust.js'
import { Replay } from './replay.js'
import { Story } from './testing/story.js'

const MARKETS = 6_000

t.test('a lost feed of many tokens is said in turns that the log takes', async t => {
  const story = new Story()
  for (let m = 1; m <= MARKETS; m++) story.market(m)
  for (let token = 1; token <= 2 * MARKETS; token++) story.book(1, token, { asks: [[0.9, 1]] })
  const before = story.rows.length
  story
    .lost(5)
    .book(6, 7, { asks: [[0.9, 1]] })
    .end()
  const rows = story.rows.slice(before)
  const lost = rows.find(({ event }) => event.type === 'FeedLost')
  const said = rows.filter(({ event }) => event.type === 'BookDistrusted')
  t.equal(said.length, 2 * MARKETS)
  t.ok(said.every(({ cause, tUs }) => cause === lost?.seq && tUs === lost.tUs))
  t.equal(new Set(said.map(({ event }) => JSON.stringify(event))).size, 2 * MARKETS)
  const ticks = rows.filter(({ event }) => event.type === 'ClockTicked')
  t.equal(ticks.length, Math.ceil((2 * MARKETS) / TRUST_RECORDS_MAX) - 1)
  const writer = new LineWriter()
  let most = 0
  for (const { seq, tUs, cause, event } of rows) {
    if (!event.type.startsWith('Book') || event.type === 'BookSnapshot') writer.reset()
    writer.event(seq, tUs, cause, event)
    most = Math.max(most, writer.length)
  }
  t.ok(most > 100_000 && most < TURN_BYTES_MAX, `${most} bytes`)
  const replay = new Replay()
  t.equal(replay.lines(story.bytes), undefined)
  t.equal(packed(replay.loop?.save()), packed(story.loop.save()))
})

t.test('a lost feed of few tokens is said at once', async t => {
  const story = new Story()
  story
    .market(1)
    .book(1, 1, { asks: [[0.9, 1]] })
    .lost(2)
    .end()
  t.notOk(story.rows.some(({ event }) => event.type === 'ClockTicked'))
})
