import { basename, resolve } from 'node:path'
import { channelsOf } from '../alerts/channels.js'
import { Dispatch } from '../alerts/dispatch.js'
import { recorded, watch } from '../alerts/watch.js'
import { Refusal, wordOf, type Answer, type Call, type Command } from '../command.js'
import { loadConfig } from '../config.js'
import { runDirOf } from '../runs.js'

const USAGE = 'alerts (watch DIR [--all] | test [TEXT])'

/** `polaris alerts`: tells somebody when a run has something to say, or says nothing. */
export const alertsCommand: Command = {
  name: 'alerts',
  summary: 'tell by Telegram, webhook or desktop what a run has to say, or that it says nothing',
  usage: USAGE,
  example: 'alerts test "polaris is there"',
  options: { all: { type: 'boolean' } },
  help: {
    'watch DIR':
      'follows a run until it ends: hard stops, lost and silent feeds, a process that is gone, unknown orders, signals of rules',
    'test [TEXT]': 'sends one message by every channel',
    '--all': 'also what happened long before now: of a run that is over, or simulated',
  },
  run: async call => {
    const word = wordOf(call, 0, 'watch or test', USAGE)
    if (word === 'watch') return await watching(call)
    if (word === 'test') return await testing(call)
    throw new Refusal('usage', `'${word}' is none of them`, 'command line', USAGE)
  },
}

function dispatchOf(
  call: Call,
  title: string,
  record: ConstructorParameters<typeof Dispatch>[0]['record'],
) {
  const { alerts } = loadConfig(call.values).config
  const channels = channelsOf(alerts, process.env)
  for (const { name, isReady } of channels)
    if (!isReady) call.note(`${name} is not set up: alerts are a dry run (docs/alerts.md)`)
  const dispatch = new Dispatch({
    ...{ channels, title, record, signal: call.stop, nowMs: Date.now },
    ...{ cooldownMs: alerts.cooldown_ms, attempts: alerts.attempts, pauseMs: alerts.pause_ms },
  })
  return { alerts, dispatch }
}

async function watching(call: Call): Promise<Answer> {
  const dir = resolve(runDirOf(wordOf(call, 1, 'DIR', USAGE), call.values))
  const outcomes: Record<string, number> = {}
  const { alerts, dispatch } = dispatchOf(call, `polaris ${basename(dir)}`, async event => {
    const { channel, outcome } = event.data
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    call.say(`${event.data.rule} by ${channel}: ${outcome}`)
    await recorded(dir, event, line => {
      call.note(line)
    })
  })
  const count = await watch({
    ...{ dir, dispatch, stop: call.stop, terms: alerts },
    catchUpMs: call.values['all'] === true ? Number.POSITIVE_INFINITY : alerts.catch_up_ms,
    nowUs: () => Date.now() * 1_000,
    note: line => {
      call.note(line)
    },
  })
  call.say(`${count} alerts`)
  return {
    code: (outcomes['failed'] ?? 0) > 0 ? 1 : 0,
    json: { runDir: dir, alerts: count, outcomes },
  }
}

async function testing(call: Call): Promise<Answer> {
  const text = call.positionals.slice(1).join(' ') || 'polaris is there'
  const { dispatch } = dispatchOf(call, 'polaris', () => Promise.resolve())
  const sent = await dispatch.send({ rule: 'test', key: '', about: 0, tUs: 0, text })
  const deliveries = sent.map(({ data: { channel, outcome, attempts, why } }) => ({
    ...{ channel, status: outcome, attempts },
    ...(why !== undefined && { why }),
  }))
  for (const { channel, status, why } of deliveries)
    call.say(`${channel}: ${status}${why === undefined ? '' : ` (${why})`}`)
  const isFailed = deliveries.some(({ status }) => status === 'failed')
  return { code: isFailed ? 1 : 0, json: { deliveries } }
}
