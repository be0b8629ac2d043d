import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import { TwinVenue } from '#twin/venue.js'
import { polarisBeside, polarisWith, startingWith } from './helpers/cli.js'

const dir = t.testdir()
t.setTimeout(120_000)

/** A key of tests, and the address that it has. */
const KEY = '5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a'
const OWNER = '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc'
const config = join(dir, 'polaris.toml')
const LIVE = '[live]\nenabled = true\n'
const CAPPED = `${LIVE}[risk]\nglobal_exposure_max_micro = 900000000\n[strategy]\nnames = ["quoting"]\n`

const words = (base: string, out: string, ...more: string[]): string[] => [
  ...['run', '--source', 'polymarket', '--venue', base, '--config', config, '--out', out],
  ...['--mode', 'live', ...more],
]
const later = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))
const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise(resolve => child.once('exit', resolve))

void t.test('no order leaves unless everything says so, and what is missing is named', async t => {
  const venue = new TwinVenue({ scenario: 'mixed', seed: 3, speed: 5, events: 1e12 })
  const base = await venue.start()
  t.teardown(() => venue.stop())
  const out = join(dir, 'never')
  const refused = (toml: string, env: Record<string, string>, ...more: string[]): string => {
    writeFileSync(config, toml)
    const { code, err } = polarisWith(env, ...words(base, out, ...more))
    t.equal(code, 2, err)
    return err
  }
  const keys = { RAZOR_MODE: 'live', POLARIS_PRIVATE_KEY: KEY }
  t.match(refused(CAPPED, keys), /lacks --confirm-live/)
  t.match(refused(CAPPED, { POLARIS_PRIVATE_KEY: KEY }, '--confirm-live'), /lacks RAZOR_MODE=live/)
  t.match(refused(LIVE, keys, '--confirm-live'), /no limit to what may be at risk/)
  t.match(refused(CAPPED, { RAZOR_MODE: 'live' }, '--confirm-live'), /no key to sign with/)
  t.match(
    refused(`${CAPPED}[account]\nsignature_type = 3\n`, keys, '--confirm-live'),
    /needs the address of the wallet/,
  )
  const noted = polarisWith(
    keys,
    ...['run', '--source', 'sim:parity', '--events', '50', '--mode', 'live'],
    ...['--out', join(dir, 'sim'), '--config', config, '--confirm-live'],
  )
  t.match(noted.err, /--source polymarket/, 'real orders need the real market')
  t.equal(venue.truth.account(OWNER).submissions.length, 0)
})

void t.test('a process that trades and is killed goes on, and both sides agree', async t => {
  const venue = new TwinVenue({
    ...{ scenario: 'mixed', seed: 5, speed: 8, events: 1e12 },
    settlement: { minedMs: [50, 300], confirmedMs: [100, 600] },
  })
  const base = await venue.start()
  t.teardown(() => venue.stop())
  writeFileSync(config, CAPPED)
  const env = { RAZOR_MODE: 'live', POLARIS_PRIVATE_KEY: KEY }
  const out = join(dir, 'live')
  const first = startingWith(env, ...words(base, out, '--confirm-live'))
  for (let k = 0; k < 200 && venue.truth.account(OWNER).orders.length < 12; k++) await later(100)
  const second = await polarisBeside(env, ...words(base, join(dir, 'other'), '--confirm-live'))
  t.equal(second.code, 2)
  t.match(second.err, /another process trades the account|lease|exists/)
  first.kill('SIGKILL')
  await endOf(first)
  t.ok(venue.truth.account(OWNER).openOrders.length > 0, 'it left orders behind')
  const resumed = ['run', '--resume', out, '--venue', base, '--config', config, '--confirm-live']
  const again = startingWith(env, ...resumed, '--duration', '6s')
  let said = ''
  again.stdout?.on('data', (text: Buffer) => (said += text.toString()))
  await later(5_000)
  venue.pause()
  t.equal(await endOf(again), 0, said)
  const { openOrders, positions, submissions } = venue.truth.account(OWNER)
  t.equal(openOrders.length, 0)
  const ids = submissions.flatMap(({ orderId }) => (orderId === '' ? [] : orderId))
  t.equal(new Set(ids).size, ids.length, 'no order was sent twice')
  const { json } = polarisWith({}, 'sql', out, '--json', 'select token_id, qty from positions')
  const rows = json['rows'] as [string, number][] | undefined
  const held = new Map(
    rows?.filter(([, qty]) => qty !== 0).map(([key, qty]) => [key, Math.round(qty * 1e6)]),
  )
  t.same([...held].sort(), [...positions].sort())
  t.equal(polarisWith({}, 'replay', out, '--verify', '--json').json['identical'], true)
  t.equal(polarisWith({}, 'verify', out).code, 0)
  const log = readFileSync(join(out, 'events-000001.jsonl'), 'utf8')
  t.notMatch(log, new RegExp(KEY, 'i'))
})
