import t from 'tap'
import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { orderFrameOf, orderOf } from './order-state.js'
import { positionsIn } from './positions.js'
import { fillsOf, pageOf, tradeOf, type Trade } from './trade.js'

const id = (n: number): string => `0x${n.toString(16).padStart(64, '0')}`
const [TAKER, MAKER, OTHER] = [id(1), id(2), id(3)]
const part = (order: string, of: object = {}): object => ({
  ...{ order_id: order, asset_id: '11', price: '0.48', matched_amount: '10', side: 'SELL' },
  ...of,
})
const wire = (of: object = {}): object => ({
  ...{ id: 't-1', taker_order_id: TAKER, asset_id: '11', side: 'BUY', price: '0.5', size: '25' },
  ...{ status: 'MATCHED', transaction_hash: '' },
  maker_orders: [part(MAKER), part(OTHER, { asset_id: '12', price: '0.51', matched_amount: '15' })],
  ...of,
})
const read = (of: object = {}): Trade => {
  const trade = tradeOf(wire(of))
  if ('odd' in trade) throw new Error(trade.odd)
  return trade
}

t.test(
  'a taker’s fills are at the prices of what it met, on the complement at a dollar less that',
  async t => {
    t.same(fillsOf(read(), TAKER), [
      { order: TAKER, token: '11', trade: 't-1/0', price: 4_800, size: 10_000_000, isMaker: false },
      { order: TAKER, token: '11', trade: 't-1/1', price: 4_900, size: 15_000_000, isMaker: false },
    ])
  },
)

t.test('a resting order’s fill is its own part, of its own token', async t => {
  t.same(fillsOf(read(), OTHER), [
    { order: OTHER, token: '12', trade: 't-1', price: 5_100, size: 15_000_000, isMaker: true },
  ])
  t.same(fillsOf(read(), id(9)), [])
})

t.test('where the parts are not the whole the trade’s own figures hold', async t => {
  const one = [
    { order: TAKER, token: '11', trade: 't-1', price: 5_000, size: 25_000_000, isMaker: false },
  ]
  t.same(fillsOf(read({ maker_orders: [] }), TAKER), one)
  t.same(fillsOf(read({ maker_orders: [part(MAKER)] }), TAKER), one)
})

t.test('an order that met itself has both parts', async t => {
  const own = [part(TAKER), part(MAKER, { matched_amount: '15' })]
  const fills = fillsOf(read({ maker_orders: own }), TAKER)
  t.equal(fills.length, 3)
  t.equal(new Set(fills.map(({ trade }) => trade)).size, 3, 'each told by its own name')
})

t.test('states come with a prefix or without, and what is none is refused', async t => {
  const states = { MATCHED: 'matched', TRADE_STATUS_MINED: 'mined', TRADE_STATUS_FAILED: 'failed' }
  for (const [status, state] of Object.entries(states)) t.equal(read({ status }).state, state)
  for (const bad of [
    { status: 'SETTLED' },
    { id: '' },
    { id: 'a/b' },
    { price: '0' },
    { price: '1' },
  ])
    t.ok('odd' in tradeOf(wire(bad)), JSON.stringify(bad))
  for (const bad of [{ size: '-1' }, { size: '' }, { taker_order_id: '0x12' }, { asset_id: '' }])
    t.ok('odd' in tradeOf(wire(bad)), JSON.stringify(bad))
  t.ok('odd' in tradeOf(wire({ maker_orders: [part(MAKER, { price: '0.12345' })] })))
})

t.test('an order is in the book only where the venue says so', async t => {
  const order = (of: object) => orderOf({ id: MAKER, size_matched: '2.5', ...of })
  t.match(order({ status: 'LIVE' }), { state: 'resting', filled: 2_500_000 })
  t.match(order({ status: 'ORDER_STATUS_LIVE' }), { state: 'resting' })
  t.match(order({ status: 'DELAYED' }), { state: 'delayed' })
  for (const status of [
    'MATCHED',
    'CANCELED',
    'INVALID',
    'CANCELED_MARKET_RESOLVED',
    'SOMETHING_NEW',
    '',
  ])
    t.match(order({ status }), { state: 'closed' }, status)
  t.match(order({ status: 'LIVE', size_matched: '' }), { filled: 0 })
  t.ok('odd' in order({ size_matched: 'x' }))
  t.ok('odd' in orderOf({ id: '0x1' }))
  t.match(orderFrameOf({ id: MAKER, type: 'CANCELLATION', status: 'LIVE' }), { state: 'closed' })
  t.ok('odd' in orderFrameOf({ id: MAKER, type: 'EXPIRED' }))
})

t.test('nothing that is read throws, whatever it is', async t => {
  const anything = fc.oneof(
    fc.anything(),
    fc.constant(wire()),
    fc.json().map(text => JSON.parse(text) as unknown),
  )
  fc.assert(
    fc.property(anything, value => {
      tradeOf(value)
      orderOf(value)
      orderFrameOf(value)
      pageOf(value)
    }),
    { numRuns: 2_000 },
  )
  t.equal(positionsIn('{'), undefined)
  t.equal(positionsIn('{"data":[{"token_id":"","current_size":1}]}'), undefined)
})

t.test('pages end where the venue says so', async t => {
  t.same(pageOf({ data: [1], next_cursor: 'LTE=' }), { data: [1], next: '' })
  t.same(pageOf({ data: [], next_cursor: 'MTAw' }), { data: [], next: 'MTAw' })
  t.same(pageOf([1, 2]), { data: [1, 2], next: '' })
  t.equal(pageOf({}), undefined)
})

const SAMPLES = resolve(
  import.meta.dirname,
  '../../../../..',
  '..',
  'shared/reference/venue-samples/ws-user',
)
const skip = existsSync(SAMPLES) ? false : '../shared is not here'

t.test('every frame of the user channel that was seen is read', { skip }, async t => {
  for (const name of readdirSync(SAMPLES)) {
    if (!/^(order|trade)_/.test(name)) continue
    const frame = JSON.parse(readFileSync(join(SAMPLES, name), 'utf8')) as { id: string }
    if (name.startsWith('trade_')) {
      const trade = tradeOf(frame)
      if ('odd' in trade) {
        t.fail(`${name}: ${trade.odd}`)
        continue
      }
      const sum = fillsOf(trade, trade.takerOrder).reduce((total, { size }) => total + size, 0)
      t.equal(sum, trade.size, `${name}: the taker’s fills are the trade`)
      continue
    }
    const order = orderFrameOf(frame)
    // Ids that were made up for a page of documentation are none, and are said to be.
    t.equal('odd' in order, !/^0x[0-9a-f]{64}$/.test(frame.id), name)
  }
})
