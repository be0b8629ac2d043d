import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { arbValues } from '#cli/commands/arb-run.js'
import { polarisWarm as polaris } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

t.test('arb-run in live mode trades at the venue, and its log replays', async t => {
  const {
    polaris: live,
    dir,
    venue,
    client,
  } = await liveTwin(t, { scenario: 'mixed', seed: 7, speed: 5 })
  const out = join(dir, 'runs', 'first')
  const words = ['--mode', 'live', '--confirm-live', '--duration', '6s', '--run-tag', 'First Try']
  const said = await live('arb-run', ...words, '--out', out, '--json')
  t.match(said, { code: 0, json: { status: 'sealed', hardStop: false, unknown: [] } }, said.err)
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as object
  t.match(manifest, { mode: 'live', source: 'polymarket', runTag: 'firsttry' })
  const { orders } = venue.truth.account(client.address)
  t.equal(orders.length, countOf(out, 'OrderSigned'), 'the venue has what was signed')
  t.equal(polaris('replay', out, '--verify').code, 0)
})

t.test('it is refused without its keys, and then no run is made', async t => {
  const { polarisWith, env, dir } = await liveTwin(t)
  const { RAZOR_MODE: _, ...key } = env
  const said = await polarisWith(key, 'arb-run', '--mode', 'live', '--duration', '1s')
  t.match(said, { code: 2, err: /live trading lacks RAZOR_MODE=live .* and --confirm-live/ })
  t.notOk(existsSync(join(dir, 'runs')))
})

t.test('words of the earlier system', async t => {
  const set = async (values: Record<string, string>): Promise<unknown> => arbValues(values)
  t.match(await set({}), { source: 'polymarket', set: [] })
  t.match(await set({ source: 'polymarket_shared10' }), { source: 'polymarket' })
  t.match(await set({ source: 'sim:mixed' }), { source: 'sim:mixed' })
  t.match(await set({ resume: 'runs/one' }), { source: undefined, set: [] })
  t.match(await set({ 'paper-capital-scope': 'strategy' }), { set: ['risk.scope="instance"'] })
  t.match(await set({ 'paper-capital-scope': 'shared' }), { set: ['risk.scope="shared"'] })
  t.match(await set({ 'run-tag': 'A tag/of.mine' }), { set: ['run.tag="atagof.mine"'] })
  await t.rejects(set({ 'paper-capital-scope': 'each' }), /is 'each'/)
  const live = { mode: 'live', 'paper-capital-scope': 'strategy' }
  await t.rejects(set(live), /for runs on paper/)
  await t.rejects(set({ 'run-tag': '///' }), { message: "--run-tag is '///'" })
  await t.rejects(set({ mode: 'paper_replay' }), /has no source/)
  t.match(await set({ mode: 'paper_replay', source: 'runs/one' }), { source: 'runs/one' })
})

t.test('an automatic tag is another where what decides is', async t => {
  const tag = async (set: string[]): Promise<string> => {
    const values = await arbValues({ set, 'run-tag': 'auto' })
    return (values['set'] as string[]).at(-1) ?? ''
  }
  const plain = await tag([])
  t.match(plain, /^run\.tag="auto-[0-9a-f]{10}"$/)
  t.equal(await tag(['views.every_ms=2000']), plain, 'how a run is kept decides nothing')
  t.not(await tag(['parity.min_edge_bps=99']), plain)
})

const countOf = (dir: string, type: string): number =>
  readFileSync(join(dir, 'events-000001.jsonl'), 'utf8').split(`"e":"${type}.`).length - 1
