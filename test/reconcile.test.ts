import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as offline } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

t.test('a run and its account, equal until somebody else trades', async t => {
  const { polaris, venue, client, deepBid } = await liveTwin(t)
  const [market] = [...venue.markets.markets.values()]
  const [token = ''] = market!.assets
  const bought = await polaris('market-trade', '--slug', market!.slug, '--confirm-live', '--json')
  t.equal(bought.code, 0, bought.err)
  const runDir = bought.json['runDir'] as string
  const bytes = () => readdirSync(runDir).map(name => [name, sizeOf(join(runDir, name))])
  const before = bytes()

  const equal = await polaris('reconcile', runDir, '--json')
  t.match(equal, { code: 0, json: { equal: true, cash: { same: true } } }, equal.err + equal.out)
  const [held] = equal.json['tokens'] as { key: string; hereMicro: number; thereMicro: number }[]
  if (!held) throw new Error('no token was compared')
  t.equal(held.key, token)
  t.equal(held.hereMicro, held.thereMicro)
  t.ok(held.hereMicro >= 5_000_000)
  t.match(await polaris('reconcile', 'run_latest'), { code: 0, out: /^equal, as of event/ })
  t.same(bytes(), before, 'nothing was written into the run')

  const hash = await deepBid()
  const open = await polaris('reconcile', runDir)
  t.equal(open.code, 1)
  t.ok(open.out.includes(`DIFFERENT  order ? ${hash}: only at the venue`), open.out)
  await client.call('DELETE', '/cancel-all')
  await client.call('POST', '/twin/split', { conditions: [market!.conditionId], size: '10' })
  const { code, json } = await polaris('reconcile', runDir, '--json')
  t.equal(code, 1)
  const own = (json['tokens'] as { same: boolean; thereMicro: number; hereMicro: number }[])[0]!
  t.same([own.same, own.thereMicro - own.hereMicro], [false, 10_000_000])
  const cash = json['cash'] as { same: boolean; thereMicro: number; hereMicro: number }
  t.same([cash.same, cash.thereMicro - cash.hereMicro], [false, -10_000_000])
})

t.test('it could not: a run on paper, no key, a venue that does not answer', async t => {
  const { polaris, polarisWith, dir, venue } = await liveTwin(t)
  const paper = join(dir, 'runs', 'paper')
  t.equal(offline('run', '--source', 'sim:parity/500', '--out', paper).code, 0)
  t.match(await polaris('reconcile', paper), { code: 2, err: /its exchange was simulated/ })
  t.match(await polarisWith({}, 'reconcile', paper), { code: 2, err: /no key to sign with/ })
  t.match(await polaris('reconcile', 'nowhere'), { code: 2, err: /there is no run/ })
  const live = await polaris('livetest', '--confirm-live', '--out', join(dir, 'runs', 'one'))
  t.equal(live.code, 0, live.err)
  venue.script('account-500', 60_000)
  t.match(await polaris('reconcile', join(dir, 'runs', 'one')), { code: 2, err: /status 500/ })
})

const sizeOf = (file: string): number => {
  try {
    return readFileSync(file).length
  } catch {
    return -1 // a folder
  }
}
