import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { quotesOf } from '#cli/venue-quotes.js'
import { polarisWarm as offline } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

interface Traded {
  readonly market: { token: string; slug: string }
  readonly prices: { buy: number; sell: number; midpoint: number; spread: number }
  readonly entry: {
    filledMicro: number
    cashMicro: number
    feeMicro: number
    result: string
  } | null
  readonly close: Traded['entry']
  readonly errors: string[]
  readonly note: string
  readonly runDir: string
}

t.test('prices need no key, and nothing is sent', async t => {
  const { polarisWith, venue, client, dir } = await liveTwin(t)
  const [market] = [...venue.markets.markets.values()]
  const [token = ''] = market!.assets
  const said = await polarisWith({}, 'market-trade', '--token', token, '--json')
  t.equal(said.code, 0, said.err)
  const { prices, entry, close, note, runDir } = said.json as unknown as Traded
  t.ok(prices.buy > 0 && prices.sell > prices.buy)
  t.equal(prices.spread, prices.sell - prices.buy)
  t.equal(prices.midpoint, Math.floor((prices.buy + prices.sell) / 2))
  t.same([entry, close, runDir], [null, null, null])
  t.match(note, /nothing is sent without --confirm-live/)
  t.equal(venue.truth.account(client.address).submissions.length, 0)
  t.notOk(existsSync(join(dir, 'runs')))
})

t.test('a market is found by address, words, slug and token, or it is said why not', async t => {
  const { polarisWith, venue } = await liveTwin(t, { scenario: 'mixed' })
  const found = async (...words: string[]) => polarisWith({}, 'market-trade', ...words, '--json')
  const slugOf = ({ json }: { json: unknown }) => (json as Traded).market.slug
  const [market] = [...venue.markets.markets.values()]
  const { slug, question, assets } = market!
  t.equal(slugOf(await found('--slug', slug)), slug)
  t.equal(slugOf(await found('--query', question.slice(5))), slug)
  t.equal(slugOf(await found('--url', `https://polymarket.com/event/${slug}`)), slug)
  t.equal(slugOf(await found('--url', `https://polymarket.com/event/x/${slug}?tid=1`)), slug)
  const no = await found('--token', assets[1]!)
  t.match(no.json, { market: { slug, token: assets[1]!, outcome: 'No' } })
  t.match(await found('--slug', slug, '--outcome', 'no'), { json: { market: { outcome: 'No' } } })
  const many = await found('--query', 'will the')
  t.match(many, { code: 2, json: { error: { code: 'many-markets' } } })
  const refused = [['--query', 'zebra'], ['--slug', 'none'], ['--token', '123'], ['--url', 'x'], []]
  for (const words of refused) t.equal((await found(...words)).code, 2, words.join(' '))
  t.equal((await found('--slug', slug, '--outcome', 'Maybe')).code, 2)
  t.equal((await found('--slug', slug, '--query', 'two ways')).code, 2)
})

t.test('with all keys one order goes through a run of its own, and its reverse', async t => {
  const { polaris, venue, client, deepBid } = await liveTwin(t)
  await deepBid()
  const before = venue.truth.account(client.address)
  const [market] = [...venue.markets.markets.values()]
  const words = ['--slug', market!.slug, '--side', 'buy', '--size', '8', '--close']
  const said = await polaris('market-trade', ...words, '--confirm-live', '--json')
  t.equal(said.code, 0, said.err + said.out)
  const { entry, close, errors, runDir } = said.json as unknown as Traded
  t.same(errors, [])
  t.match([entry, close], [{ filledMicro: 8_000_000 }, { filledMicro: 8_000_000 }])
  const after = venue.truth.account(client.address)
  t.same(after.positions, before.positions, 'nothing is left of it')
  const cash = [entry, close].reduce((sum, one) => sum + one!.cashMicro - one!.feeMicro, 0)
  t.equal(after.cash - before.cash, cash, 'the log has the money that moved')
  t.equal(after.submissions.length, before.submissions.length + 2)
  t.equal(after.openOrders.length, 0, 'what no log knows is cancelled, as by every live run')
  t.equal(offline('verify', runDir).code, 0)
  t.equal(offline('replay', runDir, '--verify').code, 0)
})

t.test('what the account holds already is sold, and no limit is passed', async t => {
  const { polaris, venue, client } = await liveTwin(t)
  const [market] = [...venue.markets.markets.values()]
  const { status } = await client.call('POST', '/twin/split', {
    ...{ conditions: [market!.conditionId], size: '10' },
  })
  t.equal(status, 200)
  const words = ['market-trade', '--slug', market!.slug, '--confirm-live', '--json']
  const sold = await polaris(...words, '--side', 'sell', '--size', '7')
  t.match(sold, { code: 0, json: { entry: { side: 'sell', filledMicro: 7_000_000 } } }, sold.err)
  const held = venue.truth.account(client.address).positions.get(market!.assets[0]!)
  t.equal(held, 3_000_000)
  const capped = ['--set', 'risk.signal_notional_max_micro=1000000', '--size', '9']
  const refused = await polaris(...words, ...capped)
  t.equal(refused.code, 1)
  t.match((refused.json as unknown as Traded).errors, [/risk did not let it out: signal-notional/])
  t.match(refused.json, { note: 'not sent', entry: null })
})

t.test('what cannot be an order is refused before anything begins', async t => {
  const { polaris, polarisWith, env, venue, dir } = await liveTwin(t)
  const [market] = [...venue.markets.markets.values()]
  const words = ['market-trade', '--slug', market!.slug, '--confirm-live']
  const refused: [string[], RegExp][] = [
    [['--side', 'hold'], /--side is 'hold'/],
    [['--price', '1.5'], /--price is '1.5'/],
    [['--price', '0.5001'], /not on the market’s grid/],
    [['--price', '0.5', '--size', '4'], /at least 5 at 0.5000/],
    [['--price', '0.01', '--size', '60'], /at least 100 at 0.0100/],
    [['--size', '5.001'], /at most 2 decimals/],
    [['--close-price', '0.5'], /there is no --close/],
  ]
  for (const [more, err] of refused) t.match(await polaris(...words, ...more), { code: 2, err })
  const { RAZOR_MODE: _, ...key } = env
  t.match(await polarisWith(key, ...words), { code: 2, err: /lacks RAZOR_MODE=live/ })
  const off = await polaris(...words, '--set', 'live.enabled=false')
  t.match(off, { code: 2, err: /live.enabled is false/ })
  t.notOk(existsSync(join(dir, 'runs')))
})

t.test('texts and numbers, mid and mid_price: all are read; what is no price is said', async t => {
  const answers: Record<string, object> = {
    '/price?side=BUY&token_id=1': { price: '0.41' },
    '/price?side=SELL&token_id=1': { price: 0.43 },
    '/midpoint?token_id=1': { mid_price: '0.42005' },
    '/spread?token_id=1': { spread: 0.020000000000000018 },
    '/midpoint?token_id=2': { mid: 0.5 },
    '/spread?token_id=2': { spread: 'wide' },
  }
  const server = createServer((asked, answer) => {
    const body = answers[asked.url ?? '']
    answer.writeHead(body ? 200 : 404).end(JSON.stringify(body ?? {}))
  }).listen(0)
  t.teardown(() => server.close())
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const odd: string[] = []
  const quotes = async (token: string) => quotesOf(base, token, why => odd.push(why))
  t.same(await quotes('1'), { buy: 4_100, sell: 4_300, midpoint: 4_200, spread: 200 })
  t.same(odd, [])
  t.same(await quotes('2'), { buy: null, sell: null, midpoint: 5_000, spread: null })
  t.equal(odd.length, 3)
})
