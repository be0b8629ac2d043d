import t from 'tap'
import { micro, Story } from '#engine/run/testing/story.js'
import {
  calibrationLogFile,
  calibrationSuggestFile,
  quartileOf,
  SAMPLES_MIN,
} from './calibration.js'
import { eventful, objectsOf, offered, printed } from './testing/eventful.js'
import { linesFrom } from './view.js'

t.test('the columns, in their order', async t => {
  t.equal(
    calibrationLogFile.columns.join(),
    'ts_ms,bucket,market_id,token_id,side,req_qty,filled_qty,market_ask_size_best,market_bid_size_best,sim_fill_share_used,mode,real_share_req,real_share_mkt',
  )
})

t.test('every order is a sample, also where nothing filled', async t => {
  const story = eventful()
  const samples = objectsOf(calibrationLogFile, story)
  t.equal(samples.length, story.all('OrderPlaced').length)
  t.ok(
    samples.some(row => row['filled_qty'] === '0.000000' && row['real_share_req'] === '0.000000'),
  )
  const filled = samples.reduce((sum, row) => sum + Number(row['filled_qty']), 0)
  const booked = story.all('OrderFilled').reduce((sum, { size }) => sum + size, 0)
  t.equal(Math.round(filled * 1e6), booked)
})

t.test('both shares: of what was asked, and of what was traded', async t => {
  const story = offered(new Story({ sim: { fill_share_thin_bps: 6_000 } }))
  printed(story, 150, { token: 1, size: 80, at: 0.4, side: 1 })
  printed(story, 151, { token: 1, size: 8, at: 0.39, side: 0 })
  printed(story, 152, { token: 1, size: 8, at: 0.41, side: 1 })
  printed(story, 1_102, { token: 1, size: 8, at: 0.4, side: 1 }).end()
  t.match(objectsOf(calibrationLogFile, story)[0], {
    ts_ms: '1',
    bucket: 'thin',
    token_id: 't1',
    side: 'BUY',
    req_qty: '50.000000',
    filled_qty: '30.000000',
    market_ask_size_best: '50.000000',
    market_bid_size_best: '500.000000',
    sim_fill_share_used: '0.600000',
    mode: 'sim',
    real_share_req: '0.600000',
    real_share_mkt: '0.375000',
  })
})

t.test('a sale is compared with what takers bought at its limit or above', async t => {
  const story = offered(new Story({}, { faults: ['force-chase-fail'] }))
  const at = 0.35 // the limit of its first step
  printed(story, 600, { token: 1, size: 100, at, side: 0 })
  printed(story, 601, { token: 1, size: 7, at, side: 1 })
  printed(story, 602, { token: 1, size: 7, at: 0.34, side: 0 }).end()
  t.match(objectsOf(calibrationLogFile, story).at(-1), {
    side: 'SELL',
    filled_qty: '50.000000',
    real_share_mkt: '0.500000',
  })
})

t.test(
  'without a trade in the window there is no share of the market, not a share of 0',
  async t => {
    t.match(objectsOf(calibrationLogFile, offered(new Story()).end())[0], { real_share_mkt: '' })
  },
)

t.test('a change of one level leaves the size at the touch what it was', async t => {
  const story = offered(new Story({ dedup: { ttl_ms: 0 } }))
  story.change(2_000, 1, 1, 0.4, 70).end()
  t.match(objectsOf(calibrationLogFile, story)[2], { market_ask_size_best: '70.000000' })
})

t.test('p25 is the value at floor((n − 1) × 0.25)', async t => {
  const values = Array.from({ length: 30 }, (_, k) => 30 - k)
  t.equal(quartileOf(values), 8, 'index 7 of 1 … 30')
  t.equal(quartileOf([...values, 31, 32, 33]), 9, 'index 8 of 33')
  t.equal(quartileOf(values.slice(1)), undefined)
  t.equal(SAMPLES_MIN, 30)
})

t.test(
  'below 30 samples it says insufficient_samples, and no number that could be used',
  async t => {
    const lines = linesFrom(calibrationSuggestFile, offered(new Story()).end().rows)
    t.equal(lines.filter(line => line === 'status = "insufficient_samples"').length, 4)
    t.notOk(lines.some(line => line.startsWith('p25')))
    t.ok(lines.includes('samples = 2'))
  },
)

t.test('a suggestion follows from the samples of the log, bucket by bucket', async t => {
  const story = eventful()
  const shares = objectsOf(calibrationLogFile, story).filter(row => row['bucket'] === 'thin')
  t.ok(shares.length >= SAMPLES_MIN)
  const of = (name: string): number[] =>
    shares.filter(row => row[name] !== '').map(row => micro(Number(row[name])))
  const lines = linesFrom(calibrationSuggestFile, story.rows)
  const section = (name: string): readonly string[] => {
    const from = lines.indexOf(`[calibration_suggest.thin.${name}]`)
    return lines.slice(from + 1, from + 4)
  }
  for (const name of ['real_share_req', 'real_share_mkt']) {
    const p25 = quartileOf(of(name))
    t.equal(section(name)[0], `samples = ${of(name).length}`)
    const said = p25 === undefined ? 'insufficient_samples' : (p25 / 1_000_000).toFixed(6)
    t.ok(section(name).join().includes(said), `${name}: ${said}`)
  }
})
