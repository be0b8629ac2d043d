import t from 'tap'
import { TestClient } from '../testing/client.js'
import { served } from '../testing/served.js'

t.test('who does not prove who they are is turned away', async t => {
  const { client, base, nowMs } = await served(t)
  const wrong: readonly (readonly [string, Record<string, string>])[] = [
    ['no key', { POLY_API_KEY: '' }],
    ['another passphrase', { POLY_PASSPHRASE: 'a'.repeat(64) }],
    ['another signature', { POLY_SIGNATURE: 'AAAA' }],
    ['a stale stamp', { POLY_TIMESTAMP: String(Math.floor(nowMs() / 1_000) - 60) }],
  ]
  const calls = [
    ...['POST /order', 'POST /orders', 'DELETE /order', 'DELETE /orders', 'DELETE /cancel-all'],
    ...[
      'DELETE /cancel-market-orders',
      'GET /data/orders',
      'GET /data/trades',
      'GET /data/order/0x1',
    ],
    ...['GET /balance-allowance', 'POST /v1/heartbeats', 'GET /auth/api-keys'],
    ...['GET /auth/ban-status/closed-only', 'DELETE /auth/api-key'],
  ]
  for (const call of calls) {
    const [method, path] = call.split(' ')
    const [what, headers] = wrong[calls.indexOf(call) % wrong.length]!
    const body = method === 'GET' ? undefined : {}
    const { status, body: said } = await client.call(method!, path!, body, headers)
    t.match(
      { status, said },
      { status: 401, said: { error: 'Unauthorized/Invalid api key' } },
      `${call}: ${what}`,
    )
  }
  t.match(await client.key({ POLY_NONCE: '5' }), {
    ...{ status: 401, body: { error: 'Invalid L1 Request headers' } },
  })
  t.match(await client.key({ POLY_TIMESTAMP: '1780000000' }), { status: 200 }, 'fresh by its clock')
  const stranger = new TestClient(base, 2, nowMs)
  t.match(await stranger.key({}, '/auth/api-key'), { status: 200 })
  t.match(await stranger.key({}, '/auth/api-key'), { status: 400 }, 'created once')
  t.match(await stranger.key(), { status: 200 }, 'derived as often as one likes')
  t.match(await stranger.call('DELETE', '/auth/api-key'), { status: 200 })
  t.match(await stranger.call('GET', '/auth/api-keys'), { status: 401 })
})

t.test('a submission that is wrong is refused with the words of the venue', async t => {
  const { client, post, bid, market, venue, nowMs, trader, tokenId } = await served(t)
  const other = await trader(2)
  const refused = async (
    said: Promise<{ status: number; body: unknown }>,
    status: number,
    error: RegExp,
    what: string,
  ) => t.match(await said, { status, body: { error } }, what)
  const form = /^Invalid order payload$/
  await refused(client.call('POST', '/order', 'no order'), 400, form, 'no object')
  await refused(client.call('POST', '/order', {}), 400, form, 'nothing')
  const shapes: readonly (readonly [string, Record<string, unknown>])[] = [
    ['a salt of text', { salt: '12' }],
    ['a salt beyond doubles', { salt: 2 ** 60 }],
    ['a number as an amount', { makerAmount: 1_000_000 }],
    ['an amount of nothing', { makerAmount: '0' }],
    ['a side of the struct', { side: 0 }],
    ['an unknown signature type', { signatureType: 4 }],
    ['a maker that is no address', { maker: '0x12' }],
    ['no builder', { builder: undefined }],
    ['a token that is no number', { tokenId: '0xab' }],
  ]
  for (const [what, different] of shapes) await refused(post(bid(), different), 400, form, what)
  await refused(post({ ...bid(), orderType: 'IOC' }), 400, form, 'an unknown type')
  await refused(post({ ...bid(), orderType: 'FAK', postOnly: true }), 400, form, 'post-only FAK')
  const mine = client.order(bid())
  await refused(other.call('POST', '/order', mine), 400, /owner of the API KEY$/, 'of another key')
  const stolen = { ...mine, owner: other.creds?.apiKey }
  await refused(
    other.call('POST', '/order', stolen),
    400,
    /signer address has to be/,
    'signed by another',
  )
  await refused(
    post(bid(), { salt: 7 }),
    400,
    /^invalid signature$/,
    'another salt than was signed',
  )
  await refused(post(bid(), { signature: '0x12' }), 400, /^invalid signature$/, 'no signature')
  const v3 = { ...bid(), market: { version: 'v2', negRisk: false } as const }
  await refused(post(v3), 400, /^order_version_mismatch$/, 'signed for ExchangeV3')
  const negRisk = { ...bid(), market: { version: 'v1', negRisk: true } as const }
  await refused(post(negRisk), 400, /^invalid signature$/, 'signed for the other exchange')
  await refused(post({ ...bid(), tokenId: '77' }), 404, /^market not found$/, 'no such token')
  const nowS = Math.floor(nowMs() / 1_000)
  const end = /^invalid expiration$/
  await refused(post({ ...bid(), orderType: 'GTD', expiration: nowS + 179 }), 400, end, 'too soon')
  await refused(post({ ...bid(), orderType: 'GTD' }), 400, end, 'GTD without an end')
  await refused(post({ ...bid(), expiration: nowS + 900 }), 400, end, 'GTC with an end')
  const of = { market, tokenId, side: 'BUY' as const }
  const tick = /Price \([\d.]+\) breaks minimum tick size rule: 0\.01$/
  await refused(post({ ...of, maker: 1_050_000, taker: 10_000_000 }), 400, tick, 'between ticks')
  await refused(post({ ...of, maker: 10_000_000, taker: 10_000_000 }), 400, tick, 'a dollar')
  await refused(
    post({ ...of, maker: 1_000_000, taker: 10_000_001 }),
    400,
    /max accuracy of 4 decimals, taker amount a max of 2 decimals$/,
    'too fine a size',
  )
  const sell = { market, tokenId, side: 'SELL' as const, maker: 19_690_000, taker: 4_330_000 }
  await refused(
    post(sell),
    400,
    /^invalid amounts, the taker amount for a \$0\.22 order of size 19\.69 should be '4\.3318' but the value submited is '4\.33'/,
    'rounded too far',
  )
  const fak = { ...of, orderType: 'FAK' }
  await refused(
    post({ ...fak, maker: 5_643_120, taker: 10_077_000 }),
    400,
    /^invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals/,
    'dollars too fine',
  )
  await refused(
    post({ ...sell, maker: 10_000_000, taker: 1_000_000 }),
    400,
    /^not enough balance \/ allowance/,
    'shares that nobody has',
  )
  t.match(await post(bid()), { status: 200, body: { status: 'live' } })
  const again = client.order(bid())
  t.match(await client.call('POST', '/order', again), { status: 200 })
  await refused(
    client.call('POST', '/order', again),
    400,
    /^order 0x[0-9a-f]{64} is invalid\. Duplicated\.$/,
    'twice',
  )
  const { submissions, openOrders } = venue.truth.account(client.address)
  t.equal(submissions.filter(one => one.isExecuted).length, 2)
  t.equal(openOrders.length, 2)
  t.match(submissions.at(-1), { isDuplicate: true, isExecuted: false, status: 400 })
})

t.test('batches: in order, one to fifteen, and each by itself', async t => {
  const { client, bid, trader } = await served(t)
  const order = () => client.order(bid())
  t.match(await client.call('POST', '/orders', Array.from({ length: 16 }, order)), {
    ...{ status: 400, body: { error: 'Too many orders in payload: 16, max allowed: 15' } },
  })
  t.match(await client.call('POST', '/orders', []), { status: 400 })
  const small = client.order({ ...bid(), maker: 100_000, taker: 1_000_000 })
  const wrong = client.order(bid(), { signature: '0x' })
  const { body } = await client.call('POST', '/orders', [order(), small, wrong, order()])
  t.match(body, [
    { success: true, status: 'live', errorMsg: '', orderID: /^0x/ },
    { success: true, status: '', errorMsg: /lower than the minimum: 5$/, orderID: '' },
    { success: false, status: '', errorMsg: 'invalid signature', orderID: '' },
    { success: true, status: 'live' },
  ])
  const [first] = body as { orderID: string }[]
  const stranger = await trader(2)
  const ids = [first!.orderID, `0x${'1'.repeat(64)}`]
  t.same((await stranger.call('DELETE', '/orders', ids)).body, {
    canceled: [],
    not_canceled: Object.fromEntries(ids.map(id => [id, 'Order not found or already canceled'])),
  })
  t.match(await client.call('DELETE', '/order', { orderID: '0x01' }), {
    ...{ status: 400, body: { error: 'Invalid orderID' } },
  })
  t.match(
    await client.call(
      'DELETE',
      '/orders',
      Array.from({ length: 1_001 }, () => ids[0]),
    ),
    { status: 400 },
  )
  t.match((await client.call('DELETE', '/orders', ids)).body, {
    canceled: [ids[0]],
    not_canceled: { [ids[1]!]: 'Order not found or already canceled' },
  })
})

t.test('lists come in pages, and orders are found in any state', async t => {
  const { client, bid, venue, tokenId, other } = await served(t)
  for (let k = 0; k < 11; k++)
    await client.call(
      'POST',
      '/orders',
      Array.from({ length: 10 }, () => client.order(bid())),
    )
  const first = (await client.call('GET', `/data/orders?asset_id=${tokenId}`)).body as Page
  t.match(first, { count: 100, limit: 100 })
  const second = (await client.call('GET', `/data/orders?next_cursor=${first.next_cursor}`))
    .body as Page
  t.match(second, { count: 10, next_cursor: 'LTE=' })
  t.equal(new Set([...first.data, ...second.data].map(({ id }) => id)).size, 110)
  t.match((await client.call('GET', '/data/orders?next_cursor=LTE%3D')).body, { data: [] })
  t.match(await client.call('GET', '/data/orders?next_cursor=%3F'), { status: 400 })
  t.match((await client.call('GET', `/data/orders?asset_id=${other}`)).body, { data: [] })
  const { id } = first.data[0]!
  await client.call('DELETE', '/order', { orderID: id })
  t.match((await client.call('GET', `/data/order/${id}`)).body, { id, status: 'CANCELED' })
  t.match((await client.call('GET', `/data/orders?id=${id}`)).body, { data: [{ id }] })
  t.match(await client.call('GET', `/data/order/0x${'2'.repeat(64)}`), { status: 404 })
  const filled = venue.exchange.orders.get(first.data[1]!.id)!
  const trade = venue.exchange.fill(filled)!
  const seen = async (query: string) =>
    ((await client.call('GET', `/data/trades?${query}`)).body as Page).data
  const atS = Math.floor(trade.matchMs / 1_000)
  t.match(await seen(`id=${trade.id}`), [
    { id: trade.id, status: 'TRADE_STATUS_MATCHED', trader_side: 'MAKER', match_time: String(atS) },
  ])
  t.equal(
    (await seen(`maker_address=${client.address.toUpperCase().replace('0X', '0x')}`)).length,
    1,
  )
  t.equal((await seen(`after=${atS - 1}&before=${atS + 1}`)).length, 1)
  t.equal((await seen(`after=${atS}`)).length, 0)
  t.equal((await seen(`asset_id=${other}`)).length, 0)
  t.equal((await seen('market=0x1')).length, 0)
})

interface Page {
  readonly data: { readonly id: string }[]
  readonly next_cursor: string
}

t.test('balances by kind of wallet; what is deposited by option', async t => {
  const safe = `0x${'5a'.repeat(20)}`
  const owner = new TestClient('', 1).address
  const wallets = [{ address: safe, owner, signatureType: 2 }]
  const { client, post, bid, truth } = await served(t, { startCash: 50_000_000, wallets })
  const balance = async (query: string) =>
    (await client.call('GET', `/balance-allowance?${query}`)).body
  t.match(await balance('asset_type=COLLATERAL&signature_type=2'), {
    ...{
      balance: '50000000',
      allowances: { '0xE111180000d2663C0091e4f400237545B87B996B': /^1157/ },
    },
  })
  t.match(await balance('asset_type=CONDITIONAL&token_id=5&signature_type=0'), { balance: '0' })
  t.match(await client.call('GET', '/balance-allowance?asset_type=GOLD'), { status: 400 })
  t.match(await post(bid(50, 200)), {
    status: 400,
    body: { error: /balance: 50000000, order amount: 100000000/ },
  })
  const { address } = client
  const theirs = { maker: safe, signatureType: 1 }
  t.match(await post(bid(), theirs), { status: 400 }, 'signed as an EOA, for a Safe')
  t.equal(truth().cash, 100_000_000, `both wallets of ${address}`)
})
