import t from 'tap'
import {
  AssetType,
  Chain,
  ClobClient,
  OrderType,
  Side,
  SignatureTypeV2,
} from '@polymarket/clob-client-v2'
import { createWalletClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { polygon } from 'viem/chains'
import { TwinVenue } from '#twin/venue.js'

/** Keys of nobody: 0x…01 and on. */
const accountOf = (n: number) => privateKeyToAccount(`0x${n.toString(16).padStart(64, '0')}`)
/** The wallet of an account that is no EOA. */
const funderOf = (n: number) => `0x5a${n.toString(16).padStart(38, '0')}`
const V2_MARKET = 1

/** A client of the venue's own SDK, with a key that the twin gave it. */
async function client(host: string, n: number, signatureType = SignatureTypeV2.EOA) {
  const account = accountOf(n)
  // The SDK signs with it, and asks it for nothing.
  const signer = createWalletClient({
    account,
    chain: polygon,
    transport: http('http://127.0.0.1:9'),
  })
  const funder = signatureType === SignatureTypeV2.EOA ? {} : { funderAddress: funderOf(n) }
  const of = { host, chain: Chain.POLYGON, signer, signatureType, ...funder }
  const creds = await new ClobClient(of).createOrDeriveApiKey()
  return { sdk: new ClobClient({ ...of, creds, throwOnError: true }), creds, account }
}

t.test("the venue's own SDK trades on the twin without changes", async t => {
  const venue = new TwinVenue({
    ...{ scenario: 'mixed', seed: 3, speed: 1, v2: [V2_MARKET] },
    settlement: { minedMs: [20, 40], confirmedMs: [20, 40] },
  })
  const base = await venue.start()
  venue.pause()
  t.teardown(() => venue.stop())
  const markets = [...venue.markets.markets.values()]
  const plain = markets.find(one => one.version === 'v1' && !one.negRisk)!
  const grouped = markets.find(one => one.negRisk)!

  await t.test('keys', async t => {
    const { sdk, creds, account } = await client(base, 1)
    t.same(
      await new ClobClient({
        host: base,
        chain: Chain.POLYGON,
        signer: sdk.signer!,
      }).deriveApiKey(),
      creds,
    )
    t.same(await sdk.getApiKeys(), { apiKeys: [creds.key] })
    t.same(await sdk.getClosedOnlyMode(), { closed_only: false })
    t.match(await sdk.getBalanceAllowance({ asset_type: AssetType.COLLATERAL }), {
      balance: '10000000000',
    })
    const wrong = { ...creds, secret: `A${creds.secret.slice(1)}` }
    const of = { host: base, chain: Chain.POLYGON, signer: sdk.signer!, throwOnError: true }
    const thief = new ClobClient({ ...of, creds: wrong })
    await t.rejects(thief.getOpenOrders(), /Invalid api key/)
    t.equal(venue.truth.account(account.address).cash, 10_000_000_000)
  })

  const types = [
    ['an EOA', SignatureTypeV2.EOA],
    ['a proxy', SignatureTypeV2.POLY_PROXY],
    ['a Safe', SignatureTypeV2.POLY_GNOSIS_SAFE],
    ['a deposit wallet', SignatureTypeV2.POLY_1271],
  ] as const
  for (const [k, [what, signatureType]] of types.entries())
    await t.test(`orders of ${what}`, async t => {
      const { sdk } = await client(base, 10 + k, signatureType)
      for (const market of [plain, grouped]) {
        const tokenID = market.assets[0]!
        const limit = { tokenID, price: 0.05, size: 20, side: Side.BUY }
        const resting = await sdk.createAndPostOrder(limit, {}, OrderType.GTC)
        t.match(resting, { success: true, status: 'live', errorMsg: '' })
        const listed = await sdk.getOpenOrders({ asset_id: tokenID })
        t.match(listed, [
          { id: resting.orderID, price: '0.05', original_size: '20', status: 'LIVE' },
        ])
        t.match(await sdk.getOrder(resting.orderID), { id: resting.orderID })
        t.same(await sdk.cancelOrder({ orderID: resting.orderID }), {
          ...{ canceled: [resting.orderID], not_canceled: {} },
        })
        const bought = await sdk.createAndPostMarketOrder(
          { tokenID, amount: 10, side: Side.BUY },
          {},
          OrderType.FAK,
        )
        t.match(bought, { success: true, status: 'matched' })
        t.ok(Number(bought.makingAmount) > 9.9 && Number(bought.makingAmount) <= 10)
        const held = Math.floor(Number(bought.takingAmount) * 100) / 100
        const sold = await sdk.createAndPostMarketOrder(
          { tokenID, amount: held, side: Side.SELL },
          {},
          OrderType.FOK,
        )
        t.match(sold, { success: true, status: 'matched', makingAmount: String(held) })
        const trades = await sdk.getTrades({ asset_id: tokenID })
        t.same(new Set(trades.map(one => one.side)), new Set(['BUY', 'SELL']))
      }
      const { submissions } = venue.truth.account(accountOf(10 + k).address)
      t.equal(submissions.filter(one => one.isExecuted).length, 6)
    })

  await t.test('orders of a market of protocol v2, signed for ExchangeV3', async t => {
    const { sdk } = await client(base, 20)
    const market = venue.markets.byNumber(V2_MARKET)!
    const [tokenID] = market.assets
    const amounts = { side: Side.BUY, makerAmount: '1000000', takerAmount: '20000000' }
    const order = await sdk.createExchangeV3OrderFromAmounts({ tokenID: tokenID!, ...amounts })
    t.match(await sdk.postOrder(order, OrderType.GTC), { success: true, status: 'live' })
    const stale = await sdk
      .createAndPostOrder({ tokenID: tokenID!, price: 0.05, size: 20, side: Side.BUY })
      .catch((error: unknown) => String(error))
    t.match(stale, /order_version_mismatch/)
  })

  await t.test('batches, cancels of every form, heartbeats', async t => {
    const { sdk, account } = await client(base, 21)
    const orders = []
    for (const [tokenID, price] of [...plain.assets, ...grouped.assets].map(
      (one, k) => [one, 0.02 + k / 100] as const,
    ))
      orders.push(await sdk.createOrder({ tokenID, price, size: 50, side: Side.BUY }))
    const small = await sdk.createOrder({
      tokenID: plain.assets[0]!,
      price: 0.5,
      size: 1,
      side: Side.BUY,
    })
    const posted = await sdk.postOrders(
      [...orders, small].map(order => ({ order, orderType: OrderType.GTC })),
    )
    t.same(
      posted.map(one => one.status),
      ['live', 'live', 'live', 'live', ''],
    )
    t.match(posted.at(-1), { success: true, orderID: '', errorMsg: /lower than the minimum/ })
    t.match(await sdk.postHeartbeat(), { heartbeat_id: /./ })
    t.match(await sdk.cancelMarketOrders({ market: plain.conditionId }), {
      canceled: posted.slice(0, 2).map(one => one.orderID),
    })
    const [first] = posted
    t.match(await sdk.cancelOrders([first!.orderID, posted[2]!.orderID]), {
      canceled: [posted[2]!.orderID],
      not_canceled: { [first!.orderID]: 'already canceled or matched' },
    })
    t.match(await sdk.cancelAll(), { canceled: [posted[3]!.orderID] })
    t.same(await sdk.getOpenOrders(), [])
    t.equal(venue.truth.account(account.address).cancels.length, 5)
  })
})
