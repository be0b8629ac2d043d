import t from 'tap'
import { FillReported } from '#schemas/events/order.js'
import { SettlementReported } from '#schemas/events/venue.js'
import type { Side } from '#schemas/levels.js'
import { price, shares, usdc } from '#schemas/units.js'
import { cents, micro } from '#engine/run/testing/story.js'
import { VenueStory } from '#engine/run/testing/venue-story.js'
import { pnlFile, positionsFile } from './profit.js'
import { project } from './projection.js'
import { summary } from './summary.js'
import { objectsOf } from './testing/eventful.js'
import { tradeLogFile } from './trade-log.js'

const FIRE = 's6-1.0.1'

/** A signal whose first leg was bought: 50 at 0.40. */
function bought(): VenueStory {
  const story = new VenueStory()
  story.market().lists(1).holds(2)
  story.book(600, 1, { bids: [[0.35, 500]], asks: [[0.6, 1]] }).holds(601)
  story.book(700, 1, { bids: [[0.35, 500]], asks: [[0.4, 50]] })
  story.book(701, 2, { bids: [[0.45, 500]], asks: [[0.5, 100]] })
  return filled(story.signs(710, FIRE), 720, { trade: 'T', at: 0.4, size: 50 })
}

function filled(
  story: VenueStory,
  ms: number,
  of: { trade: string; at: number; size: number; side?: Side; fee?: number },
): VenueStory {
  const { trade, side = 0, fee = 0 } = of
  const sizes = { price: price(cents(of.at)), size: shares(micro(of.size)), fee: usdc(fee) }
  return story.answer(ms, 0, FillReported.make({ order: FIRE, trade, token: 1, side, ...sizes }))
}

const failed = (story: VenueStory, ms: number, trade: string): VenueStory =>
  story.answer(ms, 0, SettlementReported.make({ order: FIRE, trade, state: 'failed', tx: '' }))

t.test('views hold what the engine holds once a fill was taken back', async t => {
  const story = failed(bought(), 730, 'T')
  const { positions, realised, cash } = story.loop.state.exposure
  t.same([positions.size, realised], [0, 0])
  t.equal(cash, story.loop.state.config.risk.bankroll_micro)
  t.match(objectsOf(positionsFile, story), [{ bought_qty: '0.000000', qty: '0.000000' }])
  t.match(objectsOf(pnlFile, story).at(-1), { realised: '0.000000', open: '0.000000' })
  t.same(project(summary, story.rows).pnlMicro, { realised: 0, open: 0, fees: 0 })
})

t.test('the trade log has a row for it', async t => {
  const rows = objectsOf(tradeLogFile, failed(bought(), 730, 'T'))
  t.match(
    rows.find(row => row['action'] === 'VOID'),
    { signal_id: 's6-1', reason_codes: 'FILL_VOIDED' },
  )
})

t.test('what was confirmed stays in the views', async t => {
  const story = bought()
  story.answer(
    730,
    0,
    SettlementReported.make({ order: FIRE, trade: 'T', state: 'confirmed', tx: '' }),
  )
  t.match(objectsOf(positionsFile, failed(story, 740, 'T')), [{ qty: '50.000000' }])
})
