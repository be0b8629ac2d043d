import t from 'tap'
import { MarketRest, objectsIn, REST_RULES, type RestRules } from './rest.js'
import {
  later,
  loopback,
  until,
  type Answered,
  type Asked,
  type Loopback,
} from '#engine/transport/testing/loopback.js'

type Answer = Parameters<typeof loopback>[0]

async function asking(
  t: { readonly teardown: (done: () => Promise<void>) => void },
  answer: Answer,
  rules: Partial<RestRules> = {},
): Promise<{ rest: MarketRest; server: Loopback; ends: AbortController }> {
  const server = await loopback(answer)
  const ends = new AbortController()
  const rest = new MarketRest(`${server.base}/clob/`, ends.signal, { ...REST_RULES, ...rules })
  t.teardown(async () => {
    await rest.close()
    await server.close()
  })
  return { rest, server, ends }
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, k) => `${7_000 + k}`)
const idsOf = ({ body }: Asked): string[] =>
  (JSON.parse(body) as { token_id: string }[]).map(({ token_id }) => token_id)
const bookOf = (id: string): string => `{"asset_id":"${id}","bids":[{"price":"0.5","size":"1"}]}`

/** Books as the venue gives them: those that it does not have are left out, and what is no id spoils a batch. */
const books: Answer = asked => {
  if (asked.method === 'GET') {
    const id = asked.query.get('token_id') ?? ''
    return /^\d+$/.test(id) ? { body: bookOf(id) } : { status: 400, body: '{"error":"no id"}' }
  }
  const all = idsOf(asked)
  if (all.some(id => !/^\d+$/.test(id))) return { status: 400, body: '{"error":"no id"}' }
  return {
    body: `[${all
      .filter(id => !id.endsWith('13'))
      .map(bookOf)
      .join()}]`,
  }
}

void t.test('books are asked for in batches of 250; those the venue lacks are missing', async t => {
  const { rest, server } = await asking(t, books)
  const found = await rest.books(ids(601))
  t.same(
    server.asked.map(one => idsOf(one).length).sort((a, b) => a - b),
    [101, 250, 250],
  )
  t.equal(server.asked[0]?.path, '/clob/books')
  t.same(
    found.sort(),
    ids(601)
      .filter(id => !id.endsWith('13'))
      .map(bookOf),
  )
  t.same(await rest.books([]), [])
  t.match(rest.counts, { requests: 3, failed: 0, bisected: 0, single: 0 })
})

void t.test('a refused batch is asked for in halves, down to the one that spoils it', async t => {
  const { rest, server } = await asking(t, books)
  const found = await rest.books([...ids(5), 'x/&?', ...ids(12).slice(5)])
  t.same(found.sort(), ids(12).map(bookOf))
  t.ok(
    server.asked.some(({ method, query }) => method === 'GET' && query.get('token_id') === 'x/&?'),
    'the last is asked for alone, as it is written',
  )
  t.ok(rest.counts.bisected >= 3, `${rest.counts.bisected} halvings`)
  t.ok(server.asked.length < 12, `${server.asked.length} requests`)
})

void t.test('a refusal that halves would earn as well is not asked again', async t => {
  for (const status of [401, 403, 404]) {
    const { rest, server } = await asking(t, () => ({ status }))
    t.same(await rest.books(ids(250)), [])
    t.equal(server.asked.length, 1, `status ${status}`)
  }
})

void t.test('what puts off is asked again, as long after as it says', async t => {
  for (const status of [425, 429, 503]) {
    const headers = { 'retry-after': '0.15' }
    const put: Answer = (_, nth) => (nth < 2 ? { status, headers } : { body: 'here' })
    const { rest, server } = await asking(t, put, { putOffMs: 1 })
    const from = performance.now()
    t.same(await rest.get('/x'), { tag: 'ok', text: 'here' })
    t.ok(performance.now() - from >= 145, `status ${status}: seconds are waited for`)
    t.equal(server.asked.length, 2)
    t.match(rest.counts, { putOff: 1, failed: 0 })
  }
})

void t.test('no wait is longer than may be, nor asked for too often', async t => {
  const headers = { 'retry-after': '86400' }
  const rules = { retryAfterMaxMs: 40 }
  const { rest, server } = await asking(t, () => ({ status: 429, headers }), rules)
  const from = performance.now()
  t.same(await rest.get('/x'), { tag: 'failed', why: 'put off 4 times' })
  const tookMs = performance.now() - from
  t.ok(tookMs >= 115 && tookMs < 1_000, `3 × 40 ms, took ${tookMs}`)
  t.equal(server.asked.length, 4)
})

void t.test('a wait of no use is our own: a date, none at all, or one of the past', async t => {
  for (const said of ['Wed, 21 Oct 2026 07:28:00 GMT', '', '-5', 'Infinity', undefined]) {
    const once: Answered = {
      status: 503,
      ...(said !== undefined && { headers: { 'retry-after': said } }),
    }
    const { rest } = await asking(t, (_, nth) => (nth < 2 ? once : {}), { putOffMs: 30 })
    const from = performance.now()
    t.match(await rest.get('/x'), { tag: 'ok' })
    const tookMs = performance.now() - from
    t.ok(tookMs >= 28 && tookMs < 1_000, `${said}: took ${tookMs}`)
  }
})

void t.test('while the venue puts off nothing else is asked', async t => {
  const put: Answer = (_, nth) =>
    nth === 1 ? { status: 429, headers: { 'retry-after': '0.2' } } : {}
  const { rest, server } = await asking(t, put)
  const first = rest.get('/first')
  await until(() => rest.counts.putOff === 1)
  const second = rest.get('/second')
  await later(60)
  t.equal(server.asked.length, 1)
  await Promise.all([first, second])
  t.equal(server.asked.length, 3)
})

void t.test(
  'what fails is an answer too: status, time-out, broken socket, nobody there',
  async t => {
    const never = new Promise<undefined>(() => undefined)
    const kinds: Record<string, Answer> = {
      '/500': () => ({ status: 500 }),
      '/break': () => undefined,
      '/never': () => never,
      '/moved': () => ({ status: 302, headers: { location: '/elsewhere' } }),
    }
    const answer: Answer = (asked, nth) => kinds[asked.path.replace('/clob', '')]?.(asked, nth)
    const { rest, server } = await asking(t, answer, { timeoutMs: 100 })
    t.same(await rest.get('/500'), { tag: 'failed', why: 'status 500' })
    t.match(await rest.get('/break'), { tag: 'failed', why: /socket|closed/i })
    t.same(await rest.get('/never'), { tag: 'failed', why: 'no answer in 100 ms' })
    t.match(await rest.get('/moved'), { tag: 'refused', status: 302 })
    t.match(rest.counts, { failed: 3 })
    await server.close()
    t.match(await rest.get('/500'), { tag: 'failed', why: /ECONNREFUSED|socket|closed/ })
    t.same(await rest.books(ids(3)), [], 'a batch that fails has no books')
  },
)

void t.test('an answer that drips has no longer than one that hangs', async t => {
  const { createServer } = await import('node:http')
  const server = createServer((_, response) => {
    response.writeHead(200)
    const drip = setInterval(() => response.write(' '), 20)
    response.on('close', () => {
      clearInterval(drip)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const rules = { ...REST_RULES, timeoutMs: 150 }
  const rest = new MarketRest(`http://127.0.0.1:${port}`, new AbortController().signal, rules)
  t.same(await rest.get('/x'), { tag: 'failed', why: 'no answer in 150 ms' })
  await rest.close()
  server.close()
})

void t.test('no more than four are asked at one time, and all of them come', async t => {
  let [now, most] = [0, 0]
  const { rest } = await asking(t, async ({ path }) => {
    most = Math.max(most, ++now)
    await later(5)
    now--
    return { body: path }
  })
  const paths = Array.from({ length: 40 }, (_, k) => `/${k}`)
  // Each asks twice in a row, so that a new request comes just as a place is free.
  const twice = async (path: string) => [await rest.get(path), await rest.get(path)]
  const all = await Promise.all(paths.map(twice))
  t.equal(most, 4)
  t.same(
    all.map(([, second]) => second),
    paths.map(path => ({ tag: 'ok', text: `/clob${path}` })),
  )
})

void t.test('once it is stopped or closed nothing waits any more', async t => {
  const put = { status: 429, headers: { 'retry-after': '20' } }
  for (const how of ['stopped', 'closed']) {
    const { rest, server, ends } = await asking(t, () => put)
    const all = Promise.all([1, 2, 3, 4, 5, 6].map(k => rest.get(`/${k}`)))
    await until(() => rest.counts.putOff >= 1)
    const from = performance.now()
    if (how === 'stopped') ends.abort()
    else await rest.close()
    t.ok(
      (await all).every(({ tag }) => tag === 'failed'),
      how,
    )
    t.ok(performance.now() - from < 1_000)
    const before = server.asked.length
    t.match(await rest.get('/late'), { tag: 'failed', why: 'stopped' })
    t.equal(server.asked.length, before)
  }
})

void t.test('the outermost objects of an array, each as it was written', async t => {
  const nested = '{"a": {"b":[{"c":1}]} }'
  const quoted = '{"text":"a } in \\"quotes\\" { and a \\\\"}'
  t.same(objectsIn(`[${nested} ,\n ${quoted},{}]`), [nested, quoted, '{}'])
  t.same(objectsIn('[]'), [])
  t.same(objectsIn('{"cut":{"off":1}'), [])
  t.same(objectsIn('}}{"a":1}'), ['{"a":1}'], 'a stray brace spoils nothing')
  t.same(objectsIn('no JSON'), [])
})
