import t from 'tap'
import type { FaultKind } from '../faults.js'
import { idOf, scripted } from '../testing/served.js'

/** An allowance of nothing, at one of the spenders. */
const NONE = { '0xE111180000d2663C0091e4f400237545B87B996B': /^0$/ }

t.test('what goes wrong by script with questions about an account', async t => {
  const told: readonly (readonly [FaultKind, string, unknown])[] = [
    ['unauthorized', '/data/orders', { status: 401 }],
    ['account-500', '/data/orders', { status: 500 }],
    ['closed-only', '/auth/ban-status/closed-only', { body: { closed_only: true } }],
    ['no-allowance', '/balance-allowance?asset_type=COLLATERAL', { body: { allowances: NONE } }],
    ['geoblocked', '/api/geoblock', { body: { blocked: true } }],
    ['clock-skew', '/time', { body: 1_780_000_060 }],
  ]
  for (const [kind, path, answer] of told)
    await t.test(kind, async t => {
      const { client, post, bid, clock } = await scripted(t, kind)
      t.match(await client.call('GET', path), answer)
      if (kind === 'closed-only')
        t.match(await post(bid()), { status: 400, body: { error: /address in closed only mode$/ } })
      if (kind === 'no-allowance')
        t.match(await post(bid()), {
          status: 400,
          body: { error: /^not enough balance \/ allowance/ },
        })
      clock.advance(2_000)
      t.notMatch(await client.call('GET', path), answer, 'it is over')
    })

  await t.test('answers about the account that are stale', async t => {
    const { post, bid, client, clock } = await scripted(t, 'stale-account')
    const orders = async () => (await client.call('GET', '/data/orders')).body
    t.match(await orders(), { count: 0 })
    await post(bid())
    t.match(await orders(), { count: 0 })
    clock.advance(2_000)
    t.match(await orders(), { count: 1 })
  })

  await t.test('closed orders that are answered with nothing', async t => {
    const { client, post, bid } = await scripted(t, 'hide-closed-orders')
    const orderID = idOf((await post(bid())).body)
    t.match((await client.call('GET', `/data/order/${orderID}`)).body, { id: orderID })
    await client.call('DELETE', '/cancel-all')
    t.match(await client.call('GET', `/data/order/${orderID}`), { status: 200, body: null })
  })
})
