import t from 'tap'
import { idOf, served } from '../testing/served.js'

t.test('positions: what the contracts do, and what the Data API tells', async t => {
  const { client, market, venue, tokenId, post, bid, clock } = await served(t, {
    scenario: 'mixed',
  })
  const act = (what: string, conditions: readonly string[], size = '10') =>
    client.call('POST', `/twin/${what}`, { conditions, size })
  const held = async () => {
    const { body } = await client.call('GET', `/data/v2/positions?user=${client.address}&limit=1`)
    return body as { data: { token_id: string; current_size: number }[]; pagination: object }
  }
  t.match(await act('split', [market.conditionId]), { status: 200, body: { success: true } })
  t.match(await held(), {
    data: [
      { token_id: tokenId, current_size: 10, condition_id: market.conditionId, outcome: 'Yes' },
    ],
    pagination: { has_more: true, next_cursor: '1' },
  })
  t.match(await act('merge', [market.conditionId], '4.5'), { status: 200 })
  t.match((await held()).data, [{ current_size: 5.5 }])
  const event = [...venue.markets.events.values()].find(({ markets }) => markets.length === 4)!
  const [first, second] = event.markets
  await act('split', [first!.conditionId])
  await act('split', [second!.conditionId])
  t.match(await act('convert', [first!.conditionId, second!.conditionId]), { status: 200 })
  const { positions } = venue.truth.account(client.address)
  t.same(
    event.markets.map(({ assets }) => assets.map(asset => (positions.get(asset) ?? 0) / 1e6)),
    [
      [10, 0],
      [10, 0],
      [10, 0],
      [10, 0],
    ],
  )
  t.match(await act('merge', [market.conditionId], '6'), {
    status: 400,
    body: { error: /not enough/ },
  })
  t.match(await act('split', ['0x12']), { status: 404 })
  t.match(await act('split', [market.conditionId], '-1'), { status: 400 })
  t.match(await act('split', []), { status: 404 })
  const order = venue.exchange.orders.get(idOf((await post(bid())).body))!
  venue.exchange.fill(order)
  t.match((await client.call('GET', `/data/v2/trades?condition=${market.conditionId}`)).body, {
    data: [{ token_id: tokenId, side: 'SELL', size: 10, price: 0.1, outcome_index: 0 }],
  })
  const mine = async () =>
    (await client.call('GET', `/data/v2/trades?user=${client.address}`)).body as {
      data: { transaction_hash: string }[]
    }
  t.match(await mine(), { data: [] }, 'not in a block yet')
  clock.advance(10_000)
  t.match((await mine()).data, [{ side: 'BUY', size: 10, price: 0.1, token_id: tokenId }])
  t.equal((await mine()).data[0]?.transaction_hash, venue.exchange.trades[0]?.transactionHash)
  t.equal(venue.markets.trades.at(-1)?.transactionHash, venue.exchange.trades[0]?.transactionHash)
  venue.exchange.resolve(market, [0, 10_000])
  t.match((await client.call('GET', `/data/v2/resolutions?condition=${market.conditionId}`)).body, {
    data: [{ condition_id: market.conditionId, status: 'resolved', payouts: [0, 1_000_000] }],
  })
})
