import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { RunStarted } from '#schemas/events/run.js'
import { AlertConditions } from '#cli/alerts/conditions.js'
import { Dispatch } from '#cli/alerts/dispatch.js'
import { polaris, polarisBeside, startingWith, ending } from './helpers/cli.js'
import { startedWith, configWith } from '#engine/run/testing/story.js'
import { AlertDelivered } from '#schemas/events/alert.js'
import { BookSnapshot } from '#schemas/events/feed.js'
import type { Event, EventOf } from '#schemas/registry.js'

const dir = t.testdir()
t.setTimeout(120_000)
const TOKEN = '12345:not-to-be-seen'

/** What a channel is to answer, one after the other; 200 when there is no more. */
type Answers = (readonly [status: number, body: object])[]

async function channel(answers: Answers = []) {
  const heard: { path: string; text: string }[] = []
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', part => (body += String(part)))
    request.on('end', () => {
      heard.push({ path: request.url ?? '', text: (JSON.parse(body) as { text: string }).text })
      const [status, said] = answers.shift() ?? [200, { ok: true }]
      response.writeHead(status).end(JSON.stringify(said))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { heard, url, close: () => server.close() }
}

const telegram = (url: string): string[] =>
  [
    'alerts.telegram=true',
    `alerts.telegram_url="${url}"`,
    'alerts.telegram_chat="42"',
    'alerts.pause_ms=10',
  ].flatMap(pair => ['--set', pair])
const withToken = { TELEGRAM_BOT_TOKEN: TOKEN }

t.test('a test message: dry where nothing is set up, sent where it is', async t => {
  const dry = polaris('alerts', 'test', 'hello', '--json')
  t.equal(dry.code, 0)
  t.same(dry.json, { deliveries: [{ channel: 'telegram', status: 'dry-run', attempts: 0 }] })
  const bot = await channel([
    [500, {}],
    [429, { ok: false, parameters: { retry_after: 0 } }],
  ])
  t.teardown(bot.close)
  const child = startingWith(withToken, 'alerts', 'test', 'hello', '--json', ...telegram(bot.url))
  const sent = await ending(child)
  t.same(sent.json, { deliveries: [{ channel: 'telegram', status: 'sent', attempts: 3 }] })
  t.same(bot.heard.at(-1), { path: `/bot${TOKEN}/sendMessage`, text: 'polaris\nhello' })
  t.notMatch(sent.out + sent.err, /not-to-be-seen/)
})

t.test('what will not do is not tried for ever, and never tells the token', async t => {
  const bot = await channel([[401, { ok: false, description: 'Unauthorized' }]])
  t.teardown(bot.close)
  const refused = await ending(
    startingWith(withToken, 'alerts', 'test', '--json', ...telegram(bot.url)),
  )
  t.equal(refused.code, 1)
  t.match(refused.json, {
    deliveries: [{ status: 'failed', attempts: 1, why: /401, Unauthorized/ }],
  })
  const gone = await ending(
    startingWith(
      withToken,
      'alerts',
      'test',
      '--json',
      ...telegram('http://127.0.0.1:9'),
      '--set',
      'alerts.attempts=2',
    ),
  )
  t.match(gone.json, { deliveries: [{ status: 'failed', attempts: 2 }] })
  t.notMatch(gone.out + gone.err + refused.err, /not-to-be-seen/)
})

t.test('a run that is over is told of from its log; what came of it stands beside it', async t => {
  const hook = await channel()
  t.teardown(hook.close)
  const run = join(dir, 'mixed')
  polaris('demo', '--out', run, '--quiet')
  const said = await polarisBeside(
    {},
    'alerts',
    'watch',
    run,
    '--all',
    '--json',
    '--set',
    `alerts.webhook="${hook.url}"`,
  )
  t.equal(said.code, 0, said.err)
  const texts = hook.heard.map(({ text }) => text)
  t.ok(texts.some(text => text.startsWith('polaris mixed\ntrading is stopped: residue')))
  t.ok(texts.some(text => text.includes('a feed is lost')))
  t.ok(texts.some(text => text.includes('the run has ended')))
  t.match(said.json, { alerts: texts.length, outcomes: { sent: texts.length } })
  const journal = readFileSync(join(run, 'alerts.jsonl'), 'utf8').trim().split('\n')
  t.equal(journal.length, texts.length)
  t.equal(polaris('verify', run).code, 0)
  const late = await polarisBeside(
    {},
    'alerts',
    'watch',
    run,
    '--json',
    '--set',
    `alerts.webhook="${hook.url}"`,
  )
  t.match(late.json, { alerts: 0 }, 'what is long over is not told unless it is asked for')
})

t.test('of a run that is alive it stands in its log, and the run replays with it', async t => {
  const hook = await channel()
  t.teardown(hook.close)
  const run = join(dir, 'alive')
  const words = ['run', '--source', 'sim:mixed', '--speed', '2', '--out', run, '--quiet']
  const child = startingWith({}, ...words)
  const ended = ending(child)
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise(resolve => setTimeout(resolve, 50))
  }
  await until(() => existsSync(join(run, 'control.sock')))
  const watching = polarisBeside(
    {},
    ...['alerts', 'watch', run, '--all', '--json', '--set', `alerts.webhook="${hook.url}"`],
  )
  t.equal(polaris('command', run, 'hard-stop').code, 0)
  await until(() => hook.heard.some(({ text }) => text.includes('trading is stopped: operator')))
  const query = "SELECT rule, outcome, about < seq FROM alerts WHERE rule = 'hard-stop'"
  await until(() => polaris('sql', run, query).code === 0)
  child.kill('SIGINT')
  await ended
  t.match((await watching).json, { outcomes: { sent: Number } })
  t.same(polaris('sql', run, query, '--json').json['rows'], [['hard-stop', 'sent', true]])
  t.equal(polaris('replay', run, '--verify').code, 0)
})

t.test(
  'a signal rests, silence is told once, and nobody hears twice what the log says was told',
  async t => {
    const row = (seq: number, tUs: number, event: Event) => ({ seq, tUs, cause: 0, event })
    const conditions = new AlertConditions({ silence_ms: 1_000, signal_level: 2 })
    const { data } = startedWith(configWith())
    conditions.take(row(1, 0, RunStarted.make({ ...data, clock: 'wall' })))
    t.same(conditions.silence(9e9), [], 'nothing was heard yet: nothing is silent')
    conditions.take(row(3, 5_000_000, BookSnapshot.make({ token: 1, bids: [], asks: [] })))
    t.same(conditions.silence(5_900_000), [])
    t.match(conditions.silence(6_000_000), [
      { rule: 'silence', about: 3, text: /1970-01-01T00:00:05/ },
    ])
    t.same(conditions.silence(7_000_000), [])
    conditions.take(row(4, 7_100_000, BookSnapshot.make({ token: 1, bids: [], asks: [] })))
    t.equal(conditions.silence(8_200_000).length, 1)
    const records: EventOf<'AlertDelivered'>[] = []
    let nowMs = 0
    const dispatch = new Dispatch({
      ...{ cooldownMs: 1_000, attempts: 1, pauseMs: 1, title: 'x', nowMs: () => nowMs },
      signal: new AbortController().signal,
      channels: [{ name: 'webhook', isReady: true, send: () => Promise.resolve({ ok: true }) }],
      record: event => {
        records.push(event)
        return Promise.resolve()
      },
    })
    const alert = { rule: 'signal', key: 'a 1', about: 7, tUs: 0, text: 'P1' } as const
    for (const [atMs, about] of [
      [0, 7],
      [500, 8],
      [900, 9],
      [1_000, 10],
    ] as const) {
      nowMs = atMs
      await dispatch.send({ ...alert, about })
    }
    t.same(
      records.map(({ data: of }) => [of.about, of.suppressed]),
      [
        [7, 0],
        [10, 2],
      ],
    )
    t.notOk(conditions.isDelivered(alert))
    conditions.take(row(9, 9_000_000, AlertDelivered.make({ ...records[0]!.data })))
    t.ok(conditions.isDelivered(alert))
  },
)
