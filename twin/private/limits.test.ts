import t from 'tap'
import { served } from '../testing/served.js'

t.test('the dead man’s switch', async t => {
  const { client, post, bid, clock, truth, venue } = await served(t)
  const beat = (id: string) => client.call('POST', '/v1/heartbeats', { heartbeat_id: id })
  await post(bid())
  clock.advance(60_000)
  t.equal(truth().openOrders.length, 1, 'who never began is left alone')
  const first = (await beat('')).body as { heartbeat_id: string }
  t.match(await beat('wrong'), {
    ...{
      status: 400,
      body: { error_msg: 'Invalid Heartbeat ID', heartbeat_id: first.heartbeat_id },
    },
  })
  clock.advance(9_000)
  const second = (await beat(first.heartbeat_id)).body as { heartbeat_id: string }
  t.not(second.heartbeat_id, first.heartbeat_id)
  clock.advance(10_000)
  t.equal(truth().openOrders.length, 1)
  clock.advance(6_000)
  t.same(
    truth().orders.map(one => one.status),
    ['CANCELED'],
  )
  await post(bid())
  clock.advance(60_000)
  t.equal(venue.exchange.open().length, 1, 'it has to begin again')
})

t.test('who sends too much waits', async t => {
  const limits = {
    tier: 'Test',
    orders: { perSecond: 2, burst: 3 },
    cancels: { perSecond: 1, burst: 1 },
  }
  const { client, post, bid, clock, trader } = await served(t, { limits })
  const order = () => client.order(bid())
  t.match(
    await client.call('POST', '/orders', [order(), order(), order(), order()]),
    { status: 429 },
    'more than ever fits',
  )
  const { body, headers } = await client.call('POST', '/orders', [order(), order(), order()])
  t.equal((body as []).length, 3)
  t.equal(headers.get('poly-ratelimit-remaining'), '0')
  const late = await post(bid())
  t.equal(late.status, 429)
  t.equal(late.headers.get('retry-after'), '1')
  t.match(await (await trader(2)).call('GET', '/data/orders'), { status: 200 })
  clock.advance(500)
  t.equal((await post(bid())).status, 200)
  const ids = (body as { orderID: string }[]).map(one => one.orderID)
  t.match(
    await client.call('DELETE', '/orders', ids),
    { status: 200, body: { canceled: ids } },
    'into debt',
  )
  t.equal((await client.call('DELETE', '/cancel-all')).status, 429)
})
