import t from 'tap'
import { TokenListed } from '#schemas/events/market.js'
import { OrderFilled } from '#schemas/events/order.js'
import { price, shares, usdc } from '#schemas/units.js'
import { micro, Story } from '#engine/run/testing/story.js'
import { tradeLogFile } from './trade-log.js'
import { objectsOf, offered } from './testing/eventful.js'
import { linesFrom } from './view.js'

const bids = [[0.35, 500]] as const
const rowsOf = (story: Story): Record<string, string>[] => objectsOf(tradeLogFile, story)
const actions = (story: Story): string[] => rowsOf(story).map(row => row['action'] ?? '')

/** Puts a fill of the first order into the log, before row `at`. */
function fillOf(
  { rows }: Story,
  of: { at: number; price: number; size: number; side?: 0 | 1 },
): void {
  const last = rows[of.at - 1]
  const event = OrderFilled.make({
    order: 's5-1.0.1',
    trade: `${of.price}`,
    token: 1,
    side: of.side ?? 0,
    price: price(of.price),
    size: shares(micro(of.size)),
    cash: usdc(0),
    fee: usdc(0),
  })
  rows.splice(of.at, 0, { seq: last?.seq ?? 0, tUs: last?.tUs ?? 0, cause: 0, event })
}

t.test('the 22 columns, in their order', async t => {
  t.equal(
    tradeLogFile.columns.join(),
    'ts_ms,run_id,mode,signal_id,market_id,strategy,bucket,expected_net_bps,action,attempt,leg_index,token_id,side,limit_price,req_qty,order_id,ack_status,filled_qty,avg_price,fill_status,result,reason_codes',
  )
})

t.test('a matched set: fire, chase, rest', async t => {
  const lines = linesFrom(tradeLogFile, offered(new Story()).end().rows, { runId: 'r1' })
  t.same(lines, [
    '1,r1,sim,s5-1,m1,parity,thin,1000,FIRE,1,0,t1,BUY,0.4000,50.000000,s5-1.0.1,ACCEPTED,50.000000,0.4000,FULL,FULL,',
    '121,r1,sim,s5-1,m1,parity,thin,1000,CHASE,1,1,t2,BUY,0.5000,50.000000,s5-1.1.1,ACCEPTED,50.000000,0.5000,FULL,FULL,',
    '241,r1,sim,s5-1,m1,parity,thin,1000,COOLDOWN,,,,,,,,,,,NONE,NONE,COOLDOWN_STARTED',
  ])
})

t.test('which leg first, why a chase, at which step it was flattened, why it stopped', async t => {
  const story = new Story({}, { faults: ['force-chase-fail', 'force-flatten-fail'] })
  const rows = rowsOf(offered(story).end())
  t.same(
    rows.map(row => `${row['action']} ${row['attempt']} ${row['result']}`),
    [
      'FIRE 1 FULL',
      'CHASE 1 NONE',
      'CHASE 2 NONE',
      'FLATTEN 1 NONE',
      'FLATTEN 2 NONE',
      'FLATTEN 3 NONE',
      'HARDSTOP  HARDSTOP',
      'COOLDOWN  NONE',
    ],
  )
  t.match(rows[6], { signal_id: 's5-1', reason_codes: 'RESIDUE', strategy: 'parity' })
  t.match(rows[1], { filled_qty: '0.000000', avg_price: '', ack_status: 'ACCEPTED' })
})

t.test('a refused order keeps its row and the reason', async t => {
  const rows = rowsOf(offered(new Story({ sim: { reject_bps: 10_000 } })).end())
  t.match(rows[0], { ack_status: 'REJECTED', result: 'NONE', reason_codes: 'VENUE_REFUSED' })
})

t.test('an order without an answer says so, and a late fill still finds its row', async t => {
  const story = offered(new Story({ sim: { lost_bps: 10_000 } })).end()
  const [stop, rest, order] = rowsOf(story)
  t.match(stop, { action: 'HARDSTOP', signal_id: 's5-1', reason_codes: 'UNKNOWN_OUTCOME' })
  t.match(rest, { action: 'COOLDOWN' })
  t.match(order, { ack_status: 'UNKNOWN', result: 'NONE', reason_codes: 'UNKNOWN_OUTCOME' })
  fillOf(story, { at: story.rows.length, price: 4_000, size: 20 })
  t.match(rowsOf(story).at(-1), { filled_qty: '20.000000', result: 'PARTIAL', avg_price: '0.4000' })
})

t.test('a fill after its order was rejected has a row of its own', async t => {
  const story = offered(new Story({ sim: { reject_bps: 10_000 } })).end()
  fillOf(story, { at: story.rows.length, price: 4_000, size: 20 })
  const rows = rowsOf(story)
  t.match(rows[0], { ack_status: 'REJECTED', filled_qty: '0.000000' })
  t.match(rows.at(-1), {
    order_id: 's5-1.0.1',
    filled_qty: '20.000000',
    result: 'PARTIAL',
    reason_codes: 'LATE_FILL,VENUE_REFUSED',
  })
})

t.test('an order that filled before its acknowledgement was accepted', async t => {
  const story = offered(new Story()).end()
  const rows = story.rows.filter(({ event }) => event.type !== 'OrderAcknowledged')
  story.rows.splice(0, story.rows.length, ...rows)
  t.match(rowsOf(story)[0], { ack_status: 'ACCEPTED', result: 'FULL' })
})

t.test('a repeat and a signal dropped by the rest of its market have their rows', async t => {
  const again = (story: Story, ms: number): Story =>
    story.book(ms, 1, { bids, asks: [[0.6, 50]] }).book(ms + 1, 1, { bids, asks: [[0.4, 50]] })
  t.ok(actions(again(offered(new Story()), 500).end()).includes('DEDUP_SIGNAL'))
  const dropped = rowsOf(again(offered(new Story({ dedup: { ttl_ms: 0 } })), 500).end())
  t.match(
    dropped.filter(row => row['action'] === 'COOLDOWN').map(row => row['reason_codes']),
    ['COOLDOWN_STARTED', 'COOLDOWN_DROPPED'],
  )
})

t.test('an order that the end of the log finds open is there, pending', async t => {
  t.match(rowsOf(offered(new Story())), [{ action: 'FIRE', ack_status: 'PENDING', result: 'NONE' }])
})

t.test('an average price rounds up for a buy and down for a sale', async t => {
  const fills = (side: 0 | 1): Record<string, string>[] => {
    const story = offered(new Story()).end()
    const rows = story.rows.filter(({ event }) => event.type !== 'OrderFilled')
    story.rows.splice(0, story.rows.length, ...rows)
    Object.assign(story.all('OrderPlaced')[0] ?? {}, { side })
    const at = rows.findIndex(({ event }) => event.type === 'OrderClosed')
    fillOf(story, { at, price: 4_000, size: 2, side })
    fillOf(story, { at, price: 3_999, size: 1, side })
    return rowsOf(story)
  }
  t.equal(fills(0)[0]?.['avg_price'], '0.4000')
  t.equal(fills(1)[0]?.['avg_price'], '0.3999')
})

t.test('a name with a comma or a quote is quoted', async t => {
  const story = offered(new Story())
  const key = 'a,"b"'
  story.rows.splice(4, 0, {
    seq: 0,
    tUs: 0,
    cause: 0,
    event: TokenListed.make({
      token: 1,
      market: 1,
      index: 0,
      key,
      outcome: 'Yes',
      tick: price(100),
    }),
  })
  t.match(linesFrom(tradeLogFile, story.rows)[0], ',"a,""b""",')
})

t.test(
  'the second chase prices off the book of its moment and finds only what is left',
  async t => {
    const story = offered(new Story())
    const asks = [
      [0.5, 30],
      [0.51, 100],
    ] as const
    story.book(200, 2, { bids: [[0.45, 500]], asks }).end()
    t.match(rowsOf(story).slice(1, 3), [
      { action: 'CHASE', attempt: '1', limit_price: '0.5000', filled_qty: '30.000000' },
      {
        action: 'CHASE',
        attempt: '2',
        limit_price: '0.5100',
        req_qty: '20.000000',
        result: 'FULL',
      },
    ])
  },
)

t.test('a fill costs what the touch asks, not what the limit allows', async t => {
  const story = offered(new Story())
  story.book(100, 1, { bids, asks: [[0.38, 50]] }).end()
  t.match(rowsOf(story)[0], { limit_price: '0.4000', avg_price: '0.3800', result: 'FULL' })
})

t.test('only what has no match is flattened, down to the matched quantity', async t => {
  const story = offered(new Story())
  story.book(121, 2, { bids: [[0.45, 500]], asks: [[0.5, 20]] }).end()
  const flattened = rowsOf(story).filter(row => row['action'] === 'FLATTEN')
  t.match(flattened, [{ side: 'SELL', token_id: 't1', req_qty: '30.000000' }])
})
