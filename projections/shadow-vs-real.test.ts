import t from 'tap'
import { Story } from '#engine/run/testing/story.js'
import { shadowVsRealFile } from './shadow-vs-real.js'
import { eventful, objectsOf, offered, printed } from './testing/eventful.js'

const FILE = shadowVsRealFile()

t.test(
  'a matched set: the shadow pays flat fees, the orders paid what the market charges',
  async t => {
    const story = offered(new Story())
    printed(story, 150, { token: 1, size: 200, at: 0.4, side: 1 })
    printed(story, 151, { token: 2, size: 900, at: 0.5, side: 1 })
    printed(story, 1_200, { token: 9, size: 1, at: 0.5, side: 1 }).end()
    t.match(objectsOf(FILE, story), [
      {
        end: 'matched',
        shadow_q_set: '20.000000',
        real_q_set: '50.000000',
        shadow_q_fill_avg: '35.000000',
        real_q_fill_avg: '50.000000',
        shadow_pnl: '-1.111500', // 20 × (0.999 − 0.9 × 1.02), and 30 × (0.45 × 0.95 × 0.98 − 0.5 × 1.02)
        real_pnl: '5.000000',
        shadow_notes: '',
      },
    ])
  },
)

t.test('other quantities and other prices add up to the difference', async t => {
  const rows = objectsOf(FILE, eventful())
  const micro = (row: Record<string, string>, name: string): number =>
    Math.round(Number(row[name]) * 1e6)
  t.ok(rows.length > 10)
  for (const row of rows)
    t.equal(
      micro(row, 'real_pnl') - micro(row, 'shadow_pnl'),
      micro(row, 'quantity_effect') + micro(row, 'price_effect'),
    )
})

t.test('the same quantities at the prices of the signal earn the same but for fees', async t => {
  const story = offered(new Story()).end()
  const [row] = objectsOf(FILE, story)
  t.equal(row?.['real_pnl_at_shadow_prices'], '4.050000', '50 × 0.999 − 50 × 0.9 × 1.02')
  t.equal(
    row?.['price_effect'],
    '0.950000',
    'merge fee 0.05 and flat fee 0.90, which nobody charged',
  )
})

t.test('what was not traded says why', async t => {
  const rows = objectsOf(FILE, eventful())
  const ends = new Set(rows.map(row => row['end']))
  t.ok(ends.has('repeat') && ends.has('flattened'), [...ends].join())
  const refused = offered(new Story({ risk: { bankroll_micro: 1 } })).end()
  t.match(objectsOf(FILE, refused), [
    { end: 'refused', reason_codes: 'INSUFFICIENT_BANKROLL', real_pnl: '0.000000' },
  ])
  const shadow = offered(new Story({}, { mode: 'shadow' })).end()
  t.match(objectsOf(FILE, shadow), [{ end: 'dropped', reason_codes: 'SHADOW_MODE' }])
  t.match(objectsOf(FILE, offered(new Story())), [{ end: 'open' }])
})
