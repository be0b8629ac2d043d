import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { ending, startingWith } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

t.test('without an engine everything of the account is cancelled at the venue', async t => {
  const { polarisWith, env, deepBid, venue, client } = await liveTwin(t)
  await deepBid()
  await deepBid()
  t.equal(venue.truth.account(client.address).openOrders.length, 2)
  const { POLARIS_PRIVATE_KEY } = env // RAZOR_MODE is not needed to stop
  const said = await polarisWith({ POLARIS_PRIVATE_KEY }, 'cancel-all', '--json')
  t.match(said, { code: 0, json: { via: 'venue', cancelled: 2, open: 0, confirmed: true } })
  t.equal(venue.truth.account(client.address).openOrders.length, 0)
  t.match(await polarisWith({ POLARIS_PRIVATE_KEY }, 'cancel-all'), {
    code: 0,
    out: /^cancelled 0 orders of 0x[0-9a-fA-F]{40}\nthe venue has none open\n$/,
  })
})

t.test('a venue that fails is asked again until it has done it', async t => {
  const { polaris, deepBid, venue, client } = await liveTwin(t)
  await deepBid()
  venue.script('cancel-5xx-without-effect', 2_500)
  venue.script('account-500', 3_500)
  t.match(await polaris('cancel-all', '--json'), { code: 0, json: { open: 0, confirmed: true } })
  t.equal(venue.truth.account(client.address).openOrders.length, 0)
})

t.test('one that never does it is exit 1, and says what is open', async t => {
  const { polaris, deepBid, venue, client } = await liveTwin(t)
  await deepBid()
  venue.script('cancel-5xx-without-effect', 120_000)
  const said = await polaris('cancel-all', '--within', '3s', '--json')
  t.match(said, { code: 1, json: { open: 1, confirmed: false, why: /status 500/ } })
  t.equal(venue.truth.account(client.address).openOrders.length, 1)
})

t.test('without a key, or with one that the venue refuses, it could not', async t => {
  const { polarisWith, polaris, venue } = await liveTwin(t)
  t.match(await polarisWith({}, 'cancel-all'), { code: 2, err: /no key to sign with/ })
  venue.script('unauthorized', 60_000)
  t.match(await polaris('cancel-all', '--within', 'now'), { code: 2, err: /--within is 'now'/ })
  t.match(await polaris('cancel-all'), { code: 2, err: /refuses the API key/ })
})

t.test('an engine that is alive is told, and its orders are gone', async t => {
  const { env, base, config, dir, venue, client, polarisWith } = await liveTwin(t, {
    scenario: 'quoting',
    speed: 4,
  })
  const out = join(dir, 'runs', 'quoting')
  const set = ['--set', 'strategy.names=["quoting"]', '--confirm-live', '--venue', base]
  const words = ['--source', 'polymarket', '--mode', 'live', '--duration', '30s', '--out', out]
  const engine = startingWith(env, 'run', ...words, '--config', config, ...set)
  const ended = ending(engine)
  const openOrders = () => venue.truth.account(client.address).openOrders
  for (let k = 0; k < 100 && openOrders().length < 3; k++) await pause(150)
  const before = openOrders()
  t.ok(before.length >= 3, `${before.length} orders rest`)
  const said = await polarisWith({}, 'cancel-all', out, '--json')
  t.match(said.json, { via: 'run', confirmed: true }, said.err)
  const still = openOrders().filter(({ id }) => before.some(one => one.id === id))
  t.same(still, [], 'none of them is open, and no key was needed')
  engine.kill('SIGTERM')
  const { code, err } = await ended
  t.equal(code, 130, err)
})
