import t from 'tap'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { verdictOf, verdictsOf, type HttpAnswer, type Verdict } from './verdict.js'

const HASH = `0x${'ab'.repeat(32)}`
const answer = (status: number, body: unknown, retryAfterMs?: number): HttpAnswer => ({
  ...{ status, retryAfterMs },
  text: typeof body === 'string' ? body : JSON.stringify(body),
})
const accepted = (of: object): object => ({
  ...{ success: true, errorMsg: '', orderID: HASH, status: 'live', makingAmount: '' },
  ...{ takingAmount: '', transactionsHashes: [], tradeIDs: [] },
  ...of,
})

t.test(
  'an order is accepted when the venue names it, has no error and a status that is one',
  async t => {
    t.same(verdictOf(answer(200, accepted({}))), { tag: 'live', hash: HASH })
    t.same(verdictOf(answer(200, accepted({ status: 'delayed' }))), { tag: 'delayed', hash: HASH })
    t.same(
      verdictOf(
        answer(
          200,
          accepted({ status: 'matched', makingAmount: '9.999999', takingAmount: '14.925372' }),
        ),
      ),
      { tag: 'matched', hash: HASH, making: 9_999_999, taking: 14_925_372 },
    )
    t.same(verdictOf(answer(200, accepted({ status: 'matched' }))), {
      ...{ tag: 'matched', hash: HASH, making: undefined, taking: undefined },
    })
  },
)

t.test('what a 200 does not say clearly nobody knows', async t => {
  for (const body of [
    accepted({ status: 'unmatched' }),
    accepted({ status: 'resting' }),
    accepted({ orderID: '' }),
    accepted({ orderID: '0x12' }),
    '',
    '<html>',
    'null',
    [],
  ])
    t.equal(verdictOf(answer(200, body)).tag, 'unknown', JSON.stringify(body))
})

t.test('a 200 that carries an error is a refusal', async t => {
  const crossed = accepted({
    orderID: '',
    status: '',
    errorMsg: 'invalid post-only order: order crosses book',
  })
  t.match(verdictOf(answer(200, crossed)), { tag: 'refused', reason: 'would-cross' })
  const small = accepted({
    orderID: '',
    errorMsg: 'invalid amount for a marketable BUY order ($0.01), min size: $1',
  })
  t.match(verdictOf(answer(200, small)), { tag: 'refused', reason: 'below-min-size' })
  t.match(verdictOf(answer(200, { success: false, errorMsg: 'no' })), { tag: 'refused' })
})

t.test('only what says that nothing happened is a refusal; all else is unknown', async t => {
  const tagOf = (status: number, body: unknown): Verdict['tag'] =>
    verdictOf(answer(status, body)).tag
  for (const status of [400, 401, 403, 404, 413, 422])
    t.equal(tagOf(status, { error: 'no' }), 'refused')
  for (const status of [500, 502, 504, 520, 300]) t.equal(tagOf(status, { error: 'no' }), 'unknown')
  // A gateway in front of the venue answers in HTML: the order may have passed it.
  for (const status of [400, 403, 503]) t.equal(tagOf(status, '<html>busy</html>'), 'unknown')
  t.equal(tagOf(503, {}), 'unknown', 'a 503 without the venue’s words')
})

t.test('an immediate order that met nothing has ended as it should', async t => {
  const texts = [
    "order couldn't be fully filled. FOK orders are fully filled or killed.",
    'no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.',
  ]
  for (const error of texts) t.same(verdictOf(answer(400, { error })), { tag: 'killed' })
})

t.test('the very same order again is no refusal: the venue has it', async t => {
  const { tag } = verdictOf(answer(400, { error: `order ${HASH} is invalid. Duplicated.` }))
  t.equal(tag, 'unknown')
})

t.test(
  'what says how it is with the venue becomes a condition, for as long as it asks',
  async t => {
    const of = (status: number, body: unknown, ms?: number) => verdictOf(answer(status, body, ms))
    t.match(of(425, '', 20_000), {
      tag: 'refused',
      condition: { name: 'restarting', forMs: 20_000 },
    })
    t.match(of(425, ''), { condition: { name: 'restarting' } })
    const postOnly = { error: 'post-only mode: …', code: 'post_only_mode', retry_after_seconds: 79 }
    t.match(of(503, postOnly), { condition: { name: 'post-only', forMs: 79_000 } })
    t.match(of(503, { error: 'trading is disabled' }), { condition: { name: 'unavailable' } })
    t.match(of(401, { error: 'Unauthorized/Invalid api key' }), {
      condition: { name: 'unauthorized' },
    })
    t.match(of(429, { error: 'slow down' }), { tag: 'refused', reason: 'rate-limited' })
    t.match(of(503, { error: 'x', retry_after_seconds: 1e9 }), { condition: { forMs: 600_000 } })
  },
)

t.test('a batch is answered entry by entry, or all of it is unknown', async t => {
  const mixed = [accepted({}), accepted({ orderID: '', errorMsg: 'no' })]
  t.same(
    verdictsOf(answer(200, mixed), 2).map(({ tag }) => tag),
    ['live', 'refused'],
  )
  t.same(
    verdictsOf(answer(200, mixed), 3).map(({ tag }) => tag),
    ['unknown', 'unknown', 'unknown'],
  )
  t.same(
    verdictsOf(answer(200, {}), 2).map(({ tag }) => tag),
    ['unknown', 'unknown'],
  )
  t.same(
    verdictsOf(answer(400, { error: 'Too many orders in payload: 16, max allowed: 15' }), 2).map(
      ({ tag }) => tag,
    ),
    ['refused', 'refused'],
  )
})

const SAMPLES = resolve(
  import.meta.dirname,
  '../../../../..',
  '..',
  'shared/reference/venue-samples/orders',
)
const skip = existsSync(SAMPLES) ? false : '../shared is not here'

t.test('every answer that was seen at the venue means something', { skip }, async t => {
  interface Seen {
    readonly status_code: number
    readonly body: unknown
  }
  for (const file of ['order_responses.json', 'error_responses.json']) {
    const all = JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Record<string, unknown>
    for (const [name, value] of Object.entries(all)) {
      const seen = value as Partial<Seen>
      if (typeof seen !== 'object' || seen.status_code === undefined) continue
      const { status_code: status, body } = seen
      const verdicts = Array.isArray(body)
        ? verdictsOf(answer(status, body), body.length)
        : [verdictOf(answer(status, body))]
      t.ok(
        verdicts.every(({ tag }) => tag.length > 0),
        `${file} ${name}: ${verdicts.map(({ tag }) => tag).join()}`,
      )
    }
  }
})
