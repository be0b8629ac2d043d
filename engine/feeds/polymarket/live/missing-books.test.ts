import t from 'tap'
import type { Wire } from '../../recorded/wire.js'
import { MissingBooks } from './missing-books.js'
import { AT_MS } from './testing/decoding.js'
import { bookMessage, changeMessage, tokensOf } from './testing/messages.js'

const [YES, NO] = tokensOf(1)
const AT_US = AT_MS * 1_000
const wire = (text: string): Wire => ({
  ...{ text, where: 'test' },
  value: JSON.parse(text) as Wire['value'],
})
const change = (atMs: number, ...assets: string[]): Wire =>
  wire(
    changeMessage(
      atMs,
      assets.map(asset => ({ asset, price: '0.4', size: '1' })),
    ),
  )
const rowsOf = ({ value }: Wire): unknown[] =>
  (value['price_changes'] as { asset_id: string }[]).map(({ asset_id }) => asset_id)

/** Books of which this one is wanted, and asked for. */
function asked(saidUs = AT_US): MissingBooks {
  const books = new MissingBooks()
  books.want(YES, saidUs)
  books.due(0)
  return books
}

void t.test('a wanted book is asked for once, until it is settled', t => {
  const books = new MissingBooks()
  t.ok(books.isEmpty)
  books.want(YES, AT_US)
  books.want(YES, AT_US)
  t.same(books.due(0), [YES])
  t.same(books.due(60_000), [])
  t.match(books.answered(YES, AT_US, 0), { tag: 'taken', changes: [] })
  t.notOk(books.isEmpty, 'it may still turn out to be no good')
  books.settled(YES)
  t.ok(books.isEmpty)
  t.match(books.answered(YES, AT_US, 0), { tag: 'unwanted' })
  t.end()
})

void t.test(
  'changes that come meanwhile are told behind the book, as far as they are not in it',
  t => {
    const books = asked()
    books.heard(change(AT_MS + 1, YES, NO))
    books.heard(change(AT_MS + 2, YES))
    books.heard(change(AT_MS + 3, NO))
    books.heard(change(AT_MS + 4, YES))
    const judged = books.answered(YES, AT_US + 2_000, 0)
    t.equal(judged.tag, 'taken')
    const changes = judged.tag === 'taken' ? judged.changes : []
    t.same(
      changes.map(({ value }) => value['timestamp']),
      [`${AT_MS + 2}`, `${AT_MS + 4}`],
    )
    t.same(changes.map(rowsOf), [[YES], [YES]])
    t.end()
  },
)

void t.test('an answer older than what was said is stale, and asked for again', t => {
  const books = asked(AT_US)
  t.match(books.answered(YES, AT_US - 1, 1_000), { tag: 'stale' })
  t.same(books.due(1_999), [])
  t.same(books.due(2_000), [YES])
  books.heard(change(AT_MS + 1, YES))
  t.match(books.answered(YES, AT_US, 2_000), { tag: 'taken', changes: [{}] })
  t.end()
})

void t.test('an answer asked for before something else was lost is not taken', t => {
  const books = asked(AT_US)
  books.heard(change(AT_MS + 1, YES))
  books.want(YES, AT_US + 5_000)
  t.match(books.answered(YES, AT_US + 9_000, 0), { tag: 'stale' })
  t.same(books.due(0), [YES], 'it is asked for again at once')
  t.match(books.answered(YES, AT_US + 4_999, 0), { tag: 'stale' }, 'and has to hold what was lost')
  books.due(60_000)
  books.heard(change(AT_MS + 7, YES))
  t.match(books.answered(YES, AT_US + 5_000, 60_000), { tag: 'taken', changes: [{}] })
  t.end()
})

void t.test('a failure clears what was kept before the loss', t => {
  const books = asked(AT_US)
  books.heard(change(AT_MS + 1, YES))
  books.want(YES, AT_US + 1_000)
  t.ok(books.failed(YES, 0))
  t.same(books.due(1_000), [YES])
  t.match(books.answered(YES, AT_US + 1_000, 1_000), { tag: 'taken', changes: [] })
  t.end()
})

void t.test('each failure doubles the wait; the fourth is the last', t => {
  const books = asked()
  let nowMs = 0
  for (const waitMs of [1_000, 2_000, 4_000]) {
    t.ok(books.failed(YES, nowMs))
    t.same(books.due(nowMs + waitMs - 1), [])
    nowMs += waitMs
    t.same(books.due(nowMs), [YES])
  }
  t.notOk(books.failed(YES, nowMs))
  t.ok(books.isEmpty)
  t.ok(books.failed('unwanted', nowMs), 'of what nobody wants nothing failed')
  t.end()
})

void t.test('a whole book of the channel ends the wait', t => {
  const books = asked()
  books.heard(wire(bookMessage({ atMs: AT_MS })))
  t.ok(books.isEmpty)
  t.end()
})

void t.test('what has more to say than is kept is asked for anew', t => {
  const books = asked()
  for (let k = 0; k < 10_001; k++) books.heard(change(AT_MS + k, YES))
  t.match(books.answered(YES, AT_US + 20_000_000, 0), { tag: 'stale' })
  t.same(books.due(0), [YES])
  t.match(books.answered(YES, AT_US + 20_000_000, 0), { tag: 'taken', changes: [] })
  t.end()
})

void t.test('messages of no form are passed by', t => {
  const books = asked()
  for (const rows of ['null', '[null,5,"x",{}]', '{}'])
    books.heard(wire(`{"event_type":"price_change","price_changes":${rows}}`))
  books.heard(wire('{"event_type":"book","asset_id":5}'))
  t.match(books.answered(YES, AT_US, 0), { tag: 'taken', changes: [] })
  t.end()
})
