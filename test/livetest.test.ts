import t from 'tap'
import { polarisWarm as offline } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

interface Tested {
  readonly ok: boolean
  readonly steps: { step: string; ok: boolean; ms: number | null }[]
  readonly hash: string
  readonly venueOrder: string
  readonly runDir: string
}
const failing = ({ steps }: Tested): string[] =>
  steps.filter(({ ok }) => !ok).map(({ step }) => step)

t.test('an order is placed, seen everywhere, and cancelled', async t => {
  const { polaris, venue, client } = await liveTwin(t)
  const said = await polaris('livetest', '--confirm-live', '--json')
  t.equal(said.code, 0, said.err + said.out)
  const json = said.json as unknown as Tested
  t.equal(json.ok, true)
  t.same(failing(json), [])
  t.equal(json.venueOrder, json.hash)
  for (const { step, ms } of json.steps)
    if (!/order id|nothing/.test(step)) t.ok(ms !== null && ms >= 0 && ms < 5_000, step)
  const { orders } = venue.truth.account(client.address)
  t.match(orders, [{ id: json.hash, status: 'CANCELED', matched: 0, size: 5_000_000, price: 100 }])
  t.equal(offline('replay', json.runDir, '--verify').code, 0)
})

t.test('a user channel that says nothing is seen', async t => {
  const { polaris, venue } = await liveTwin(t)
  venue.script('stall-user', 60_000)
  const { code, json } = await polaris('livetest', '--confirm-live', '--json')
  t.equal(code, 1)
  const failed = failing(json as unknown as Tested)
  t.same(failed, ['user channel: placed', 'user channel: cancelled'])
})

t.test('a venue that names another order is seen', async t => {
  const { polaris, venue } = await liveTwin(t)
  venue.script('wrong-order-id', 60_000)
  const { code, json } = await polaris('livetest', '--confirm-live', '--json')
  t.equal(code, 1)
  t.ok(failing(json as unknown as Tested).includes('order id'))
})

t.test('one that takes no orders is seen, and why', async t => {
  const { polaris, venue } = await liveTwin(t)
  venue.script('reject-orders', 60_000)
  const said = await polaris('livetest', '--confirm-live')
  t.equal(said.code, 1)
  t.match(said.out, /failed {2}acknowledged .*venue-refused/)
})

t.test('without its keys it is refused', async t => {
  const { polaris, polarisWith } = await liveTwin(t)
  t.match(await polaris('livetest'), { code: 2, err: /lacks --confirm-live/ })
  const mode = { RAZOR_MODE: 'live' }
  t.match(await polarisWith(mode, 'livetest', '--confirm-live'), { code: 2, err: /no key/ })
})
