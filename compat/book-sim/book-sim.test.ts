import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { answerTo, answerToLine } from './book-sim.js'
import { asked, BOOK, requestOf, type Asked } from './testing/requests.js'

const filledAs = (intent: Asked): unknown => {
  const { fills, events } = asked([intent])
  const { fill_size: size, fill_price: price, fill_notional_usd: notional } = fills[0] ?? {}
  return [events[0]?.message, size, price, notional]
}
const refusedAs = (intent: Asked, snapshots?: Record<string, unknown>): unknown => {
  const { fills, events, capital_used_usd: capital } = asked([intent], snapshots && { snapshots })
  const [only] = events
  return [fills.length, capital, only?.event_type, only?.status_code, only?.message]
}
const no = (message: string, code = 422): unknown => [0, 0, 'reject', code, message]

t.test('the golden examples', async t => {
  t.test('BUY FAK 25 @ .49: all of it, from two levels', async t => {
    t.same(filledAs({ shares: 25, limit_price: 0.49 }), ['paper_fill', 25, 0.486, 12.15])
  })
  t.test('BUY FAK 40 @ .49: the part that is there', async t => {
    t.same(filledAs({ shares: 40, limit_price: 0.49 }), ['paper_partial_fill', 30, 0.4866667, 14.6])
  })
  t.test('BUY FOK 40 @ .49: all or none', async t => {
    const fok = { order_type: 'FOK', limit_price: 0.49 }
    t.same(refusedAs({ ...fok, shares: 40 }), no('insufficient_liquidity'))
    t.same(filledAs({ ...fok, shares: 30 }), ['paper_fill', 30, 0.4866667, 14.6])
  })
  t.test('BUY FAK $2 without a limit: at the touch, raised to the least size', async t => {
    t.same(filledAs({ notional_usd: 2 }), ['paper_fill', 5, 0.48, 2.4])
  })
  t.test('SELL FAK 20 @ .45: down the bids', async t => {
    const sale = { side: 'SELL', shares: 20, limit_price: 0.45 }
    t.same(filledAs(sale), ['paper_fill', 20, 0.458, 9.16])
    t.equal(asked([sale]).capital_used_usd, 9.16, 'sales count')
  })
  t.test('BUY FAK 25 @ .47: the price has drifted', async t => {
    t.same(refusedAs({ shares: 25, limit_price: 0.47 }), no('preflight_price_drift'))
    const [event] = asked([{ shares: 25, limit_price: 0.47 }]).events
    t.same(event?.payload, { limit: 0.47, bid: 0.47, ask: 0.48 })
  })
  t.test('BUY FAK 5 @ .478: the limit rounds up to its tick', async t => {
    t.same(filledAs({ shares: 5, limit_price: 0.478 }), ['paper_fill', 5, 0.48, 2.4])
  })
})

t.test('an answer, to the last field', async t => {
  t.same(asked([{ shares: 40, limit_price: 0.49 }]), {
    fills: [
      {
        token_id: 't1',
        market_id: 'm1',
        side: 'BUY',
        fill_price: 0.4866667,
        fill_size: 30,
        fill_notional_usd: 14.6,
        fee_usd: 0,
      },
    ],
    events: [
      {
        intent_id: 'i1',
        event_type: 'partial_fill',
        status_code: 200,
        message: 'paper_partial_fill',
        payload: { price: 0.4866667, size: 30, requested_size: 40, notional: 14.6 },
      },
    ],
    capital_used_usd: 14.6,
  })
})

t.test('each step refuses with its own reason, in their order', async t => {
  const bare = { market_id: 'm1', bids: [], asks: [] }
  t.same(refusedAs({ token_id: 'other', shares: 0 }), no('missing_snapshot', 404))
  t.same(refusedAs({}), no('invalid_size'), 'nothing says how much')
  t.same(refusedAs({ notional_usd: 9 }, { t1: bare }), no('invalid_size'), 'dollars at no price')
  t.same(refusedAs({ shares: 5 }, { t1: bare }), no('invalid_price'))
  t.same(refusedAs({ shares: 5, limit_price: -0.1 }), no('invalid_price'))
  t.same(refusedAs({ shares: 5, limit_price: 0.5 }, { t1: bare }), no('preflight_price_drift'))
  const sale = { side: 'SELL', shares: 5 }
  t.same(refusedAs({ ...sale, limit_price: 0.473 }), [1, 2.35, 'fill', 200, 'paper_fill'])
  t.same(refusedAs({ ...sale, limit_price: 0.48 }), no('preflight_price_drift'), '.47 < .47808')
  const wide = { ...BOOK, best_ask: 0.47 }
  t.same(refusedAs({ shares: 5, limit_price: 0.47 }, { t1: wide }), no('insufficient_liquidity'))
})

t.test('only FAK, IOC and PAPER take a part', async t => {
  const fills = (kind: string): number =>
    asked([{ order_type: kind, shares: 40, limit_price: 0.49 }]).fills.length
  t.same(['FAK', 'IOC', 'PAPER', 'FOK', 'GTC', 'fak'].map(fills), [1, 1, 1, 0, 0, 0])
})

t.test(
  'levels may come in any order, and a touch that is not stated is the best of them',
  async t => {
    const shuffled = { ...BOOK, best_bid: null, best_ask: null, asks: [...BOOK.asks].reverse() }
    const { events } = asked([{ shares: 25 }], { snapshots: { t1: shuffled } })
    t.match(events[0]?.payload, { price: 0.48, size: 10, requested_size: 25 })
  },
)

t.test('an average rounds up for a buy and down for a sale, at the seventh decimal', async t => {
  const thirds = { ...BOOK, bids: BOOK.asks, best_bid: 0.52, best_ask: 0.52 }
  const of = (side: string, limit: number): number | undefined => {
    const asks = [
      { price: 0.52, size: 1 },
      { price: 0.51, size: 2 },
    ]
    const snapshots = { t1: { ...thirds, min_order_size: 0, asks, bids: asks } }
    return asked([{ side, shares: 3, limit_price: limit }], { snapshots }).fills[0]?.fill_price
  }
  t.equal(of('BUY', 0.52), 0.5133334)
  t.equal(of('SELL', 0.51), 0.5133333)
})

t.test('the multi-leg guard discards a trade of which a leg has under 80 %', async t => {
  const leg = { limit_price: 0.49 }
  const guarded = (...intents: Asked[]) => asked(intents, { options: { guardsLegs: true } })
  const snapshots = { t1: BOOK, t2: BOOK }
  const two = (shares: number) =>
    asked(
      [
        { ...leg, shares: 25 },
        { ...leg, token_id: 't2', shares },
      ],
      {
        snapshots,
        options: { guardsLegs: true },
      },
    )
  t.equal(two(37.5).fills.length, 2, '30 of 37.5 is 80 %')
  const short = two(38)
  t.same([short.fills, short.capital_used_usd], [[], 0])
  t.match(short.events[2], {
    intent_id: 'i2',
    event_type: 'paper_multi_leg_partial_fill',
    payload: { requested: 38, filled: 30, ratio: 0.789473, min_ratio: 0.8 },
  })
  const missing = guarded({ ...leg, shares: 5 }, { ...leg, shares: 5, token_id: 'other' })
  t.same(missing.fills, [])
  t.match(missing.events[2], { intent_id: 'i2', event_type: 'paper_multi_leg_incomplete' })
  t.equal(guarded({ ...leg, shares: 100 }).fills.length, 1, 'one leg alone has nothing to match')
  t.equal(
    asked([
      { ...leg, shares: 100 },
      { shares: 5, side: 'SELL' },
    ]).fills.length,
    2,
    'off',
  )
})

t.test('a request that is malformed says what, where and what was expected', async t => {
  const said = (request: unknown): string => {
    const answer = answerTo(request)
    return E.isLeft(answer) ? answer.left : 'answered'
  }
  t.equal(said(requestOf([{ shares: 5 }])), 'answered')
  t.equal(
    said(requestOf([{ shares: -1 }])),
    'invalid_request: intents.shares is -1, expected number ≥ 0',
  )
  t.match(said(requestOf([{ side: 'buy' }])), /intents.side is "buy", expected "BUY" or "SELL"/)
  t.match(said({ ...Object(requestOf([])), slippage_bps: 1.5 }), /slippage_bps is 1.5, expected/)
  t.match(said([]), /^invalid_request: /)
  const odd = { t1: { ...BOOK, asks: [{ price: 0.48005, size: 1 }] } }
  t.equal(
    said(requestOf([], odd)),
    'invalid_request: snapshots.t1.asks.0.price is 0.48005, expected a whole number of 0.0001 dollar',
  )
  t.match(said(requestOf([], { t1: { ...BOOK, tick_size: 0 } })), /tick_size is 0, expected a tick/)
  t.match(said(requestOf([{ shares: 1e300 }])), /intents.0.shares is 1e\+300, expected less than/)
})

t.test('a conversation in lines', async t => {
  const payload = requestOf([{ shares: 25, limit_price: 0.49 }])
  const line = answerToLine(JSON.stringify({ id: 'a', payload })) ?? ''
  t.match(JSON.parse(line), { id: 'a', ok: true, error: null, result: { capital_used_usd: 12.15 } })
  t.match(JSON.parse(answerToLine('{"id":"b"}') ?? ''), { id: 'b', ok: false, result: null })
  for (const malformed of ['{', '[]', '7', '{"payload":{}}'])
    t.match(JSON.parse(answerToLine(malformed) ?? ''), {
      id: 'unknown',
      ok: false,
      error: /^invalid_request: /,
    })
  t.equal(answerToLine('  '), undefined)
})
