import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { builderFrom, builderHeaders } from '#cli/builder.js'
import { polarisBeside, polarisWith } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

interface Check {
  readonly name: string
  readonly status: string
  readonly detail: string
}
const checksOf = (json: Record<string, unknown>): Map<string, Check> =>
  new Map((json['checks'] as Check[]).map(check => [check.name, check]))
const LIVE =
  'signer live-switches risk-cap clob clob-clock order-version gamma data-api market-channel geoblock key account credentials closed-only user-channel balance allowance-v2 allowance-neg-risk allowance-adapter allowance-v3 open-orders'

t.test(
  'with everything in place every line of doctor --live is ok, and no order was sent',
  async t => {
    const { polaris, venue, client } = await liveTwin(t)
    const { code, json } = await polaris('doctor', '--live', '--json')
    const checks = checksOf(json)
    const live = LIVE.split(' ').map(name => checks.get(name))
    const not = live.filter(check => check?.status !== 'ok' && check?.name !== 'signer')
    t.same(not, [])
    t.equal(code, 0)
    t.match(checks.get('account')?.detail.toLowerCase(), client.address)
    t.equal(checks.get('balance')?.detail, '$10,000.00')
    t.same(venue.truth.account(client.address).submissions, [])
  },
)

t.test('what keeps an account from trading is named', async t => {
  const { polaris, venue, deepBid, client } = await liveTwin(t)
  await deepBid()
  const wallet = venue.exchange.ledger.wallets.get(client.address.toLowerCase())
  wallet!.isApproved = false
  for (const fault of ['geoblocked', 'clock-skew', 'closed-only', 'stall-user'] as const)
    venue.script(fault, 120_000)
  const { code, json } = await polaris('doctor', '--live', '--set', 'live.enabled=false', '--json')
  t.equal(code, 1)
  const checks = checksOf(json)
  t.match(checks.get('geoblock'), { status: 'fail', detail: /takes no orders from XX/ })
  t.match(checks.get('clob-clock'), { status: 'fail', detail: /differ by \d{5} ms.*NTP/ })
  t.match(checks.get('closed-only'), { status: 'fail', detail: /only close positions/ })
  t.match(checks.get('live-switches'), { status: 'warn', detail: /live\.enabled = true/ })
  t.match(checks.get('open-orders'), { status: 'warn', detail: /^1: / })
  for (const name of ['v2', 'neg-risk', 'adapter', 'v3'])
    t.match(checks.get(`allowance-${name}`), {
      status: 'warn',
      detail: /until the account approves/,
    })
})

t.test('keys that the venue refuses, and none at all', async t => {
  const { polaris, polarisWith: bare, venue } = await liveTwin(t)
  const none = checksOf((await bare({}, 'doctor', '--live', '--json')).json)
  t.match(none.get('key'), { status: 'fail', detail: /expected POLARIS_KEYSTORE/ })
  t.match(none.get('balance'), { status: 'warn', detail: /see the line of the key/ })
  venue.script('unauthorized', 120_000)
  const refused = checksOf((await polaris('doctor', '--live', '--json')).json)
  t.match(refused.get('credentials'), { status: 'fail', detail: /refuses the API key/ })
})

t.test('a venue that is not there fails line by line', async t => {
  const at = ['--venue', 'http://127.0.0.1:9', '--json']
  const { code, json } = await polarisBeside({}, 'doctor', '--live', ...at)
  t.equal(code, 1)
  const checks = checksOf(json)
  for (const name of ['clob', 'clob-clock', 'order-version', 'gamma', 'data-api', 'geoblock'])
    t.match(checks.get(name), { status: 'fail', detail: /cannot be asked/ }, name)
  t.match(checks.get('market-channel'), { status: 'fail' })
})

const KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const SECRET = Buffer.alloc(32).toString('base64')
const LOCAL = {
  POLY_BUILDER_API_KEY: 'builder-name',
  POLY_BUILDER_SECRET: SECRET,
  POLY_BUILDER_PASSPHRASE: 'builder-words',
}

t.test('builder-health answers in the fields of the earlier system', async t => {
  const health = (env: NodeJS.ProcessEnv) => polarisWith(env, 'builder-health', '--json')
  const whole = health({ ...LOCAL, POLARIS_PRIVATE_KEY: KEY })
  t.equal(whole.code, 0)
  const fields = ['ok', 'message', 'builder_type', 'source', 'address', 'can_builder_auth']
  t.same(Object.keys(whole.json), fields)
  const address = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
  t.match(whole.json, { ok: true, builder_type: 'local', address, can_builder_auth: true })
  t.notOk(whole.out.includes('builder-words'))
  const { POLY_BUILDER_SECRET: _, ...part } = LOCAL
  const message = /missing: POLY_BUILDER_SECRET \(or POLY_BUILDER_REMOTE_URL\)/
  t.match(health({ ...part, POLARIS_PRIVATE_KEY: KEY }), { code: 1, json: { ok: false, message } })
  t.match(health(LOCAL), { code: 1, json: { address: '', can_builder_auth: true } })
  const odd = health({ ...LOCAL, POLY_BUILDER_SECRET: 'no secret!', POLARIS_PRIVATE_KEY: KEY })
  t.match(odd, { code: 1, json: { message: /API secret does not fit/ } })
  const both = health({ ...LOCAL, POLY_BUILDER_REMOTE_URL: 'http://x', POLARIS_PRIVATE_KEY: KEY })
  t.match(both, { code: 1, json: { message: /both set/ } })
})

t.test('a builder signs as the venue’s own SDK does', async t => {
  // Computed with `@polymarket/builder-signing-sdk`'s recipe by OpenSSL: printf … | openssl dgst -sha256 -mac HMAC (2026-11-29).
  const builder = builderFrom({ ...LOCAL })
  if ('missing' in builder) throw new Error(builder.missing)
  const of = { method: 'POST', path: '/order', body: '{"a":1}', timestampS: 1_758_744_060 }
  t.match(await builderHeaders(builder, of), {
    POLY_BUILDER_API_KEY: 'builder-name',
    POLY_BUILDER_PASSPHRASE: 'builder-words',
    POLY_BUILDER_SIGNATURE: '5VG6ffFW8pQMbOuFq3yC4d_C9cu2_TMnoGxJoiSdNfA=',
    POLY_BUILDER_TIMESTAMP: '1758744060',
  })
})

t.test('a remote signer is asked, with its token', async t => {
  const asked: string[] = []
  const server = createServer((request, answer) => {
    asked.push(request.headers.authorization ?? '')
    const whole = { POLY_BUILDER_API_KEY: 'a', POLY_BUILDER_PASSPHRASE: 'b' }
    const rest = { POLY_BUILDER_SIGNATURE: 'c', POLY_BUILDER_TIMESTAMP: 'd' }
    answer.end(JSON.stringify(asked.length === 1 ? { ...whole, ...rest } : whole))
  }).listen(0)
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sign`
  const env = { POLY_BUILDER_REMOTE_URL: url, POLY_BUILDER_TOKEN: 'tok', POLARIS_PRIVATE_KEY: KEY }
  const health = () => polarisBeside(env, 'builder-health', '--json')
  t.match(await health(), { code: 0, json: { builder_type: 'remote', can_builder_auth: true } })
  t.match(await health(), { code: 1, json: { message: /gives no POLY_BUILDER_SIGNATURE/ } })
  t.same(asked, ['Bearer tok', 'Bearer tok'])
})
