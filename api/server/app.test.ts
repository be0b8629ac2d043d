import { request } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { isRead, KEY, served } from '../testing/served.js'

const json = { 'content-type': 'application/json' }
const write = { ...json, 'x-api-key': KEY }

/** A request with headers that `fetch` would not send. */
function raw(port: number, path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method, headers }, answer => {
        let body = ''
        answer.setEncoding('utf8').on('data', (part: string) => (body += part))
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body })
        })
      })
      asked.on('error', reject)
      asked.end()
    },
  )
}

t.test('a sealed run is shown, now and behind any event', async t => {
  const { base, close, notes } = await served()
  t.teardown(close)
  await isRead(base)
  const get = async (path: string) => {
    const answer = await fetch(`${base}${path}`)
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never }
  }
  const health = await get('/api/healthz')
  t.match(health.body, { db: 'ok', rules_heartbeat: 'over', run: 'golden' })
  const [all, early] = [await get('/api/moment'), await get('/api/moment?at=500')]
  t.match(early.body, { seq: 500 })
  t.ok((all.body as { seq: number }).seq > 3_000)
  const markets = await get('/api/markets?limit=2')
  t.equal((markets.body as unknown[]).length, 2)
  t.ok(Number(markets.headers.get('x-total-count')) > 2)
  const { market_id } = (markets.body as { market_id: string }[])[0]!
  t.match((await get(`/api/markets/${market_id}`)).body, {
    market_id,
    books: [{ bids: [], asks: [] }, {}],
    sparkline: [],
  })
  const [signal] = (await get('/api/signals?limit=1')).body as {
    signal_id: string
    level: string
  }[]
  t.match(signal, { level: /P[123]/, payload_json: { legs: [] } })
  t.match((await get(`/api/signals/${signal?.signal_id}`)).body, { signal_id: signal?.signal_id })
  t.match((await get(`/api/why?of=signal:${signal?.signal_id}`)).body, { nodes: [{ cause: 0 }] })
  t.match((await get('/api/kpi/daily')).body, [{ rule_type: /./, est_edge_bps: Number }])
  t.match((await get('/api/heatmap?token=1&from=100&events=800&columns=5')).body, { token: 1 })
  t.match((await get('/api/orders?limit=1')).body, [{ steps: [] }])
  t.match((await get('/api/timeline')).body, { clock: [], equity: [] })
  t.match((await get('/api/openapi.json')).body, { openapi: '3.1.0', paths: { '/api/rules': {} } })
  const metrics = await (await fetch(`${base}/metrics`)).text()
  for (const name of ['mpx_signals_total', 'mpx_ingest_last_tick_timestamp', 'polaris_pnl_micro'])
    t.match(metrics, new RegExp(`^${name}\\{`, 'm'))
  for (const name of ['mpx_ingest_latency_ms', 'mpx_rule_eval_ms', 'mpx_telegram_failures_total'])
    t.match(metrics, new RegExp(`^# TYPE ${name} `, 'm'))
  t.same(notes, [])
})

t.test('only its own pages, under its own names, with a key where one is wanted', async t => {
  const { base, port, close } = await served()
  t.teardown(close)
  const own = { host: `127.0.0.1:${port}` }
  t.equal((await raw(port, '/api/runs', { host: 'rebound.example' })).status, 421)
  t.equal((await raw(port, '/api/runs', { ...own, origin: 'http://evil.example' })).status, 403)
  t.equal((await raw(port, '/api/runs', { ...own, origin: 'null' })).status, 403)
  const same = await raw(port, '/api/runs', { ...own, origin: `http://127.0.0.1:${port}` })
  t.equal(same.status, 200)
  t.notOk(same.headers['access-control-allow-origin'], 'no other page may read it')
  t.notOk(same.headers['set-cookie'])
  t.match(same.headers['content-security-policy'], /default-src 'none'/)
  const body = JSON.stringify({ command: 'pause' })
  const post = (headers: Record<string, string>) =>
    fetch(`${base}/api/command`, { method: 'POST', headers, body })
  t.equal((await post(json)).status, 401)
  t.equal((await post({ ...json, 'x-api-key': 'another key' })).status, 401)
  t.equal((await post({ 'content-type': 'text/plain', 'x-api-key': KEY })).status, 415)
  t.equal((await post(write)).status, 409, 'no process runs the run')

  const closed = await served({ keys: { write: undefined, read: ['reads and no more'] } })
  t.teardown(closed.close)
  t.equal((await fetch(`${closed.base}/api/runs`)).status, 401)
  t.equal((await fetch(`${closed.base}/metrics`)).status, 401)
  const reader = { 'x-api-key': 'reads and no more' }
  t.equal((await fetch(`${closed.base}/api/runs`, { headers: reader })).status, 200)
  const tried = await fetch(`${closed.base}/api/command`, {
    ...{ method: 'POST', body, headers: { ...json, ...reader } },
  })
  t.equal(tried.status, 403, 'who reads does not write')
})

t.test(
  'whatever a hostile client sends has an answer, and none is a fault of the server',
  async t => {
    const { base, port, close, notes } = await served({ writesAMinute: 1_000 })
    t.teardown(close)
    await isRead(base)
    const long = 'x'.repeat(1_000)
    const odd = [
      '%00',
      '%',
      '%ff',
      '-1',
      '1e309',
      'NaN',
      long,
      '"',
      "';--",
      '[]',
      '🙂',
      '9'.repeat(40),
    ]
    const fields = ['at', 'limit', 'offset', 'run', 'level', 'since', 'token', 'from', 'to', 'of']
    const routes = [
      'moment',
      'markets',
      'signals',
      'orders',
      'book',
      'heatmap',
      'why',
      'step',
      'runs',
    ]
    for (const [k, value] of odd.entries())
      for (const field of fields) {
        const route = routes[(k + field.length) % routes.length]!
        const text = value.includes('%') ? value : encodeURIComponent(value)
        const { status } = await raw(port, `/api/${route}?${field}=${text}`, { host: 'localhost' })
        t.ok(status < 500, `${route}?${field}=${value.slice(0, 20)}: ${status}`)
      }
    for (const path of [
      ...odd.map(encodeURIComponent),
      '../../etc/passwd',
      '%2e%2e%2f',
      '__proto__',
    ])
      for (const of of ['/api/markets/', '/api/signals/', '/api/', '/']) {
        const { status } = await raw(port, `${of}${path}`, { host: 'localhost' })
        t.ok(status < 500 || (of === '/' && status === 503), `${of}${path.slice(0, 20)}: ${status}`)
      }
    const bodies = ['', '{', 'null', '[]', '{"__proto__":{"a":1}}', '{"signal_id":{}}', `"${long}"`]
    for (const path of [
      'execution/intent',
      'execution/confirm/x',
      'command',
      'rules',
      'alerts/test',
    ])
      for (const body of bodies) {
        const options = { method: 'POST', headers: write, body }
        const { status } = await fetch(`${base}/api/${path}`, options)
        t.ok((status >= 400 && status < 500) || status === 501, `${path} ${body}: ${status}`)
      }
    const big = {
      method: 'POST',
      headers: write,
      body: JSON.stringify({ text: 'x'.repeat(1 << 20) }),
    }
    t.equal((await fetch(`${base}/api/alerts/test`, big)).status, 413)
    const wrong = await fetch(`${base}/api/moment`, {
      method: 'DELETE',
      headers: { 'x-api-key': KEY },
    })
    t.equal(wrong.status, 405)
    t.equal(wrong.headers.get('allow'), 'GET, HEAD')
    const rules = { method: 'POST', headers: write, body: '{"name":"a","dsl":"b"}' }
    t.equal((await fetch(`${base}/api/rules`, rules)).status, 501, 'a door that leads nowhere yet')
    await new Promise<void>(done => {
      const socket = connect(port, '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'))
      socket.on('close', () => done()).on('error', () => undefined)
      socket.resume()
    })
    t.same(notes, [], 'no fault of its own')
  },
)

t.test('who asks too often is told to wait', async t => {
  const { base, close } = await served({ writesAMinute: 3 })
  t.teardown(close)
  const statuses: number[] = []
  for (let k = 0; k < 5; k++)
    statuses.push((await fetch(`${base}/api/rules`, { method: 'POST', headers: json })).status)
  t.same(statuses.slice(-1), [429])
})
