import t from 'tap'
import { ASK } from '#schemas/levels.js'
import type { FaultKind } from '../faults.js'
import { idOf, listening, scripted, served } from '../testing/served.js'

/** What the user channel says of ten orders that are filled one after the other. */
const IN_ORDER = Array.from({ length: 10 }, () => 'PLACEMENT,TRADE,UPDATE').join()

t.test('the user channel', async t => {
  const { client, post, bid, base, market, venue, trader, clock } = await served(t)
  const { apiKey, secret, passphrase } = client.creds!
  const auth = { apiKey, secret, passphrase }
  const all = await listening(base, auth)
  const none = await listening(base, auth, [`0x${'3'.repeat(64)}`])
  const stranger = (await trader(2)).creds!
  const theirs = await listening(base, {
    apiKey: stranger.apiKey,
    secret: stranger.secret,
    passphrase: stranger.passphrase,
  })
  const liar = await listening(base, { apiKey, secret, passphrase: stranger.passphrase })
  t.equal(liar.wasClosed(), 1008)
  const id = idOf((await post(bid())).body)
  venue.exchange.fill(venue.exchange.orders.get(id)!, 4_000_000)
  clock.advance(10_000)
  await client.call('DELETE', '/cancel-all')
  for (const one of [all, none, theirs]) await one.heard()
  t.match(all.said, [
    {
      event_type: 'order',
      type: 'PLACEMENT',
      id,
      owner: apiKey,
      size_matched: '0',
      order_type: 'GTC',
    },
    {
      ...{ event_type: 'trade', type: 'TRADE', status: 'MATCHED', trader_side: 'MAKER' },
      ...{ market: market.conditionId, size: '4', price: '0.1', transaction_hash: '' },
      maker_orders: [
        { order_id: id, matched_amount: '4', price: '0.1', owner: apiKey, side: 'BUY' },
      ],
    },
    { event_type: 'order', type: 'UPDATE', id, size_matched: '4', status: 'LIVE' },
    { event_type: 'trade', status: 'MINED', transaction_hash: /^0x/ },
    { event_type: 'trade', status: 'CONFIRMED' },
    { event_type: 'order', type: 'CANCELLATION', id, size_matched: '4', status: 'CANCELED' },
  ])
  t.same([none.said, theirs.said], [[], []])
  none.socket.send(JSON.stringify({ operation: 'subscribe', markets: [market.conditionId] }))
  await none.heard()
  await post(bid())
  await none.heard()
  t.match(none.said, [{ type: 'PLACEMENT' }])
  t.equal(
    new Set(
      all.said
        .slice(1, 5)
        .filter(one => one['event_type'] === 'trade')
        .map(one => one['id']),
    ).size,
    1,
  )
})

t.test('what goes wrong by script', async t => {
  /** The answer, or that there is none. */
  const within = async (asked: Promise<unknown>) =>
    Promise.race([
      asked.then(
        one => one,
        () => 'reset',
      ),
      new Promise(resolve => setTimeout(() => resolve('nothing'), 300)),
    ])
  const answers: readonly (readonly [FaultKind, unknown, boolean])[] = [
    ['order-5xx-with-effect', { status: 500 }, true],
    ['order-5xx-without-effect', { status: 500, body: { error: 'could not insert order' } }, false],
    ['order-timeout-after-execution', 'nothing', true],
    ['order-reset-after-execution', 'reset', true],
    ['order-timeout-before', 'nothing', false],
    ['order-5xx-half-effect', { status: 500 }, false],
    ['order-425', { status: 425 }, false],
    ['order-429', { status: 429 }, false],
    ['order-503', { status: 503, body: { error: 'trading is disabled' } }, false],
    ['reject-orders', { status: 400 }, false],
  ]
  for (const [kind, answer, isExecuted] of answers)
    await t.test(kind, async t => {
      const { post, bid, truth, clock } = await scripted(t, kind)
      t.match(await within(post(bid())), answer)
      t.equal(truth().openOrders.length, isExecuted ? 1 : 0)
      t.match(truth().submissions, [{ isExecuted, fault: kind }])
      clock.advance(60_000)
      t.match(await post(bid()), { status: 200 }, 'it is over')
    })

  await t.test('after a restart only post-only orders are taken for a while', async t => {
    const { post, bid, clock, client } = await scripted(t, 'order-425')
    clock.advance(1_500)
    const refused = await post(bid())
    t.match(refused, { status: 503, body: { code: 'post_only_mode', retry_after_seconds: 5 } })
    t.equal(refused.headers.get('retry-after'), '5')
    const entries = [client.order(bid()), client.order({ ...bid(), postOnly: true })]
    t.match((await client.call('POST', '/orders', entries)).body, [
      { success: true, orderID: '', errorMsg: /^post-only mode/ },
      { status: 'live' },
    ])
    clock.advance(5_000)
    t.match(await post(bid()), { status: 200 })
  })

  await t.test('an answer that names another order', async t => {
    const { post, bid, truth } = await scripted(t, 'wrong-order-id')
    const named = idOf((await post(bid())).body)
    t.match(named, /^0x[0-9a-f]{64}$/)
    t.not(named, truth().openOrders[0]?.id)
    t.match(truth().submissions, [{ isExecuted: true, fault: 'wrong-order-id' }])
  })

  for (const kind of ['cancel-5xx-with-effect', 'cancel-5xx-without-effect'] as const)
    await t.test(kind, async t => {
      const { post, bid, truth, client } = await scripted(t, kind)
      await post(bid())
      t.equal((await client.call('DELETE', '/cancel-all')).status, 500)
      t.equal(truth().openOrders.length, kind === 'cancel-5xx-with-effect' ? 0 : 1)
    })

  for (const kind of ['cancel-timeout-after-execution', 'cancel-timeout-before'] as const)
    await t.test(kind, async t => {
      const { post, bid, truth, client } = await scripted(t, kind)
      await post(bid())
      t.equal(await within(client.call('DELETE', '/cancel-all')), 'nothing')
      t.equal(truth().openOrders.length, kind === 'cancel-timeout-before' ? 1 : 0)
    })

  await t.test('half of a batch is executed', async t => {
    const { bid, truth, client } = await scripted(t, 'order-5xx-half-effect')
    const batch = Array.from({ length: 5 }, () => client.order(bid()))
    t.equal((await client.call('POST', '/orders', batch)).status, 500)
    t.equal(truth().openOrders.length, 2)
    t.same(
      truth().submissions.map(one => one.isExecuted),
      [true, true, false, false, false],
    )
  })

  await t.test('a fill that is told after its order was cancelled', async t => {
    const { post, bid, truth, client, channel, clock } = await scripted(t, 'fill-after-cancel')
    const id = idOf((await post(bid())).body)
    t.match((await client.call('DELETE', '/order', { orderID: id })).body, { canceled: [id] })
    await channel.heard()
    t.same(
      channel.said.map(one => one['type']),
      ['PLACEMENT', 'CANCELLATION'],
    )
    clock.advance(500)
    await channel.heard()
    t.match(channel.said.slice(2), [
      { status: 'MATCHED', size: '5' },
      { type: 'UPDATE', size_matched: '5' },
    ])
    t.match(truth(), { cash: 9_999_500_000, orders: [{ matched: 5_000_000, status: 'CANCELED' }] })
  })

  const channelFaults: readonly (readonly [FaultKind, (types: unknown[]) => boolean, string])[] = [
    [
      'duplicate-fills',
      types => types.filter(one => one === 'TRADE').length === 20,
      'each trade twice',
    ],
    ['drop-user-frames', types => types.length > 0 && types.length < 30, 'some are lost'],
    ['stall-user', types => types.length === 0, 'nothing'],
    ['delay-user-frames', types => types.length === 0, 'not yet'],
    [
      'late-fills',
      types => types.length === 10 && types.every(one => one === 'PLACEMENT'),
      'fills not yet',
    ],
    [
      'reorder-user-frames',
      types => types.length >= 29 && types.join() !== IN_ORDER,
      'in another order',
    ],
  ]
  for (const [kind, isSo, what] of channelFaults)
    await t.test(kind, async t => {
      const { post, bid, venue, channel, clock } = await scripted(t, kind)
      for (let k = 0; k < 10; k++) {
        const order = venue.exchange.orders.get(idOf((await post(bid())).body))!
        venue.exchange.fill(order)
      }
      await channel.heard()
      const types = channel.said.map(one => one['type'])
      t.ok(isSo(types), `${what}: ${types.join()}`)
      clock.advance(5_000)
      await channel.heard()
      const isLost = kind === 'stall-user' || kind === 'drop-user-frames'
      const news = channel.said.filter(
        one => one['status'] === 'MATCHED' && one['type'] === 'TRADE',
      )
      if (!isLost) t.equal(new Set(news.map(one => one['id'])).size, 10, 'all are told in the end')
    })

  await t.test('connections of the user channel are dropped', async t => {
    const { channel, venue, clock } = await scripted(t, 'delay-user-frames')
    const closed = new Promise(resolve => channel.socket.once('close', resolve))
    venue.script('close-user')
    clock.advance(1)
    await closed
    t.pass()
  })

  await t.test('ticks that change while orders rest', async t => {
    const { post, bid, venue, book, clock, truth, market, tokenId } = await scripted(
      t,
      'order-429',
      0,
    )
    await post(bid())
    venue.script('tick-change')
    clock.advance(1)
    t.equal(book.tick, 10)
    t.equal(truth().openOrders.length, 1)
    const fine = { market, tokenId, side: 'BUY' as const, maker: 1_050_000, taker: 10_000_000 }
    t.match(await post(fine), { status: 200, body: { status: 'live' } })
  })

  await t.test('an order that is held before it may match', async t => {
    const { market, tokenId, post, book, clock, truth, client, bid } = await scripted(
      t,
      'order-delayed',
    )
    const at = book.bestSimulated(ASK)!
    const crossing = { market, tokenId, side: 'BUY' as const, maker: at * 1_000, taker: 10_000_000 }
    const said = await post(crossing)
    t.match(said, { status: 200, body: { success: true, status: 'delayed', makingAmount: '' } })
    const orderID = idOf(said.body)
    t.match((await client.call('DELETE', '/order', { orderID })).body, {
      ...{ canceled: [], not_canceled: { [orderID]: 'already canceled or matched' } },
    })
    t.match(await post(bid()), { body: { status: 'live' } }, 'what rests is not held')
    t.match(truth().orders[0], { status: 'DELAYED', matched: 0 })
    clock.advance(1_000)
    t.match(truth().orders[0], { status: 'MATCHED', matched: 10_000_000 })
  })

  await t.test('a settlement that fails takes everything back', async t => {
    const { market, tokenId, post, book, clock, truth } = await scripted(t, 'trade-failed')
    const at = book.bestSimulated(ASK)!
    const fak = { market, tokenId, side: 'BUY' as const, maker: 5_000_000, orderType: 'FAK' }
    const said = await post({ ...fak, taker: Math.floor((5_000_000 * 10_000) / at / 100) * 100 })
    t.match(said, { status: 200, body: { status: 'matched' } })
    t.ok(truth().cash < 9_995_000_001)
    clock.advance(20_000)
    t.match(truth(), { cash: 10_000_000_000, orders: [{ fills: [{ status: 'FAILED' }] }] })
    t.equal(truth().positions.size, 0)
  })
})
