import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polaris, ROOT } from './helpers/cli.js'

const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const KEY = 'a key for this test alone'

const until = async <T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (let k = 0; k < 400; k++) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise(done => setTimeout(done, 50))
  }
  throw new Error('it does not come')
}

/** Starts `serve` and answers where it is reached. */
async function serving(
  t: Tap,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const child = start(t, ['serve', ...words, '--port', '0', '--json'], env)
  let out = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (out += part))
  return await until(() => /"serving":"([^"]+)"/.exec(out)?.[1])
}

type Tap = Pick<typeof t, 'teardown'>

function start(t: Tap, words: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...words], {
    ...{ stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...env } },
  })
  t.teardown(async () => {
    if (child.exitCode !== null) return
    const over = new Promise(done => child.once('exit', done))
    child.kill('SIGINT')
    await over
  })
  return child
}

interface Intent {
  readonly intent_id: string
  readonly status: string
  readonly confirmed_seq: number | null
  readonly detail_json: {
    readonly note?: string
    readonly checks: { readonly approved: boolean; readonly reasons: readonly string[] }
    readonly legs: readonly { readonly order_id: string | null; readonly token: number }[]
  }
}

t.test('orders of a live run are confirmed through the engine, its gate and its log', async t => {
  t.setTimeout(120_000)
  const run = join(t.testdir(), 'run')
  // No rule of its own trades much: the operator does.
  const live = start(t, [
    ...['run', '--source', 'sim:parity-busy', '--speed', '4', '--out', run],
    ...['--set', 'parity.min_edge_bps=40', '--set', 'views.live=false'],
  ])
  await until(() => (existsSync(join(run, 'control.sock')) ? true : undefined))
  const limits = { EXEC_MAX_NOTIONAL_PER_ORDER: '100000', EXEC_MAX_DAILY_NOTIONAL: '1000000' }
  const base = await serving(t, [run], {
    POLARIS_API_KEY: KEY,
    ...limits,
    EXEC_SLIPPAGE_BPS: '5000',
  })
  const headers = { 'x-api-key': KEY, 'content-type': 'application/json' }
  const post = async (path: string, body?: object) => {
    const init = body ? { headers, body: JSON.stringify(body) } : { headers: { 'x-api-key': KEY } }
    const answer = await fetch(`${base}/api/${path}`, { method: 'POST', ...init })
    return { status: answer.status, body: (await answer.json()) as Intent }
  }
  const signal = await until(async () => {
    const found = (await (await fetch(`${base}/api/signals?level=P1`)).json()) as {
      signal_id: string
    }[]
    return found[0]?.signal_id
  })
  t.match((await post('execution/intent', { signal_id: 'nobody' })).status, 404)
  const wanted = { signal_id: signal, qty_override: 6, ttl_secs: 3_600 }
  const intent = await post('execution/intent', wanted)
  t.equal(intent.status, 200)
  t.match(intent.body, { status: 'suggested', detail_json: { legs: [{ order_id: null }, {}] } })
  const confirm = () => post(`execution/confirm/${intent.body.intent_id}`)
  const both = await Promise.all([confirm(), confirm()])
  const third = await confirm()
  for (const { status, body } of [...both, third]) {
    t.equal(status, 200)
    t.match(body, { status: /sent|filled|rejected/ })
    t.equal(body.confirmed_seq, both[0].body.confirmed_seq, 'one confirmation, however often')
  }
  const small = await post('execution/intent', { ...wanted, qty_override: 0.000001 })
  const refused = await post(`execution/confirm/${small.body.intent_id}`)
  t.equal(refused.body.status, 'rejected')
  t.match(refused.body.detail_json.checks.reasons.join(), /below-min-size|depth|slippage/)
  const stop = await post('command', { command: 'hard-stop' })
  t.equal(stop.status, 200)
  const stopped = await post('execution/intent', wanted)
  t.match(stopped.body.detail_json.checks, { approved: false, reasons: /hard-stop/ })
  t.match(await post('command', { command: 'note', text: 'intent proposed {}' }), { status: 400 })
  const health = (await (await fetch(`${base}/api/healthz`)).json()) as object
  t.match(health, { hard_stop: true, rules_heartbeat: 'ok' })
  live.kill('SIGINT')
  await new Promise(done => live.once('exit', done))
  t.match(polaris('verify', run, '--json').json, { status: 'intact', sealed: true })
  t.match(polaris('replay', run, '--verify', '--json').json, { identical: true })
  const late = await post('execution/intent', wanted)
  t.match(late.body, { status: 'verdict', detail_json: { note: /no process/ } })
  t.equal((await post(`execution/confirm/${stopped.body.intent_id}`)).status, 409)
  const order = both[0].body.detail_json.legs[0]?.order_id
  if (order !== null && order !== undefined) {
    const why = polaris('explain', run, `order:${order}`, '--json').json as {
      chain: { type: string }[]
    }
    t.equal(why.chain[0]?.type, 'CommandGiven', 'the operator is the cause of it')
  }
})

t.test('what cannot be served is said', async t => {
  t.match(polaris('serve', 'nowhere', '--json').json, { error: { code: 'no-run' } })
  t.match(polaris('serve', '--host', '0.0.0.0', '--json').json, { error: { code: 'no-key' } })
  const demo = join(ROOT, 'test', 'golden-runs', 'version-5')
  t.match(polaris('serve', demo, '--port', 'x', '--json').json, { error: { code: 'usage' } })
  t.match(polaris('serve', demo, '--runs', demo, '--json').json, { error: { code: 'usage' } })
})

t.test('a folder of runs is served, the newest first', async t => {
  const base = await serving(t, ['--runs', join(ROOT, 'test', 'golden-runs')])
  const runs = (await (await fetch(`${base}/api/runs`)).json()) as { run: string }[]
  t.ok(runs.some(({ run }) => run === 'version-3'))
  const moment = await fetch(`${base}/api/moment?run=version-3&at=100`)
  t.match(await moment.json(), { seq: 100 })
  t.equal((await fetch(`${base}/api/moment?run=nobody`)).status, 404)
  const write = await fetch(`${base}/api/command`, { method: 'POST', body: '{}' })
  t.ok(write.status === 403 || write.status === 415, 'no key, no write')
})

t.test('a rule is uploaded, a running process decides by it, and its hit is confirmed', async t => {
  t.setTimeout(120_000)
  const dir = t.testdir({
    rules: {},
    'p.toml': '[strategy]\nnames = []\n[code]\nrules = ["rules"]\n',
  })
  const run = join(dir, 'run')
  const config = ['--config', join(dir, 'p.toml')]
  start(t, ['run', '--source', 'sim:parity-busy', '--speed', '3', '--out', run, ...config])
  await until(() => (existsSync(join(run, 'control.sock')) ? true : undefined))
  const base = await serving(t, [run, ...config], { POLARIS_API_KEY: KEY })
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { 'content-type': 'application/json', 'x-api-key': KEY }
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return { status: answer.status, ...((await answer.json()) as object) }
  }
  const dsl = 'type: SUM_LT_1\nname: cheap sets # mine\nparams: { liquidity_min_usd: 1 }\n'
  t.match(await post('/api/rules', { name: 'cheap sets', dsl: `${dsl}colour: red\n` }), {
    status: 400,
    detail: /'colour' is no key/,
    where: /dsl:4/,
  })
  t.match(await post('/api/rules', { name: 'other', dsl }), { status: 400, detail: /cheap sets/ })
  t.match(await post('/api/rules', { name: 'cheap sets', dsl }), {
    status: 200,
    rule_id: 'cheap-sets',
  })
  t.match(await post('/api/rules', { name: 'cheap sets', dsl }), {
    status: 200,
    rule_id: 'cheap-sets',
  })
  t.match(readFileSync(join(dir, 'rules', 'cheap-sets.yaml'), 'utf8'), /# mine\n[^]*version: 2/)
  t.match(await post('/api/alerts/test', { text: 'hello' }), { status: 'dry-run' })
  interface Signal {
    signal_id: string
    level: string
    score: number
    state: string
    reasons: string[]
    payload_json: { rule_name: string; used: { name: string; value: number }[] }
  }
  const signal = await until(async () => {
    const items = (await (await fetch(`${base}/api/signals?level=P1`)).json()) as Signal[]
    return items.find(({ payload_json: { rule_name: name, used } }) => {
      const isSecond = used.some(of => of.name === 'rule-version' && of.value === 2)
      return name === 'cheap-sets' && isSecond
    })
  })
  t.match(signal, { level: 'P1', state: 'dropped', reasons: ['manual'] })
  const said = Object.fromEntries(signal.payload_json.used.map(({ name, value }) => [name, value]))
  t.equal(signal.score, Math.floor((said['score-1e2'] ?? 0) / 100))
  const intent = await post('/api/execution/intent', { signal_id: signal.signal_id })
  t.match(intent, { status: /suggested|rejected/, detail_json: { legs: [{}, {}] } })
})
