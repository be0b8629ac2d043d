import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { request } from 'undici'
import type { Config } from '#schemas/config.js'
import type { AlertChannel, AlertOutcome } from '#schemas/alerts.js'
import { takeSecret } from '../secrets.js'

/** The variable that holds the token of the Telegram bot: it never stands in a file of ours. */
export const TOKEN = 'TELEGRAM_BOT_TOKEN'
/** Longest answer of a channel that is waited for, ms. */
const ANSWER_MS = 10_000
/** Longest pause that a channel may ask for, ms. */
const PAUSE_MAX_MS = 60_000
/** Most characters of a message: Telegram takes 4,096. Source: Telegram Bot API, sendMessage. */
const TEXT_MAX = 4_000

/** What became of a message at a channel. */
export interface Delivery {
  readonly channel: AlertChannel
  readonly outcome: AlertOutcome
  readonly attempts: number
  readonly why?: string
}

/** One try: it went out, or why not, and after which pause (ms) another may help; without one none will. */
type Try = { readonly ok: true } | { readonly why: string; readonly againMs?: number }

/** A way to reach somebody. */
export interface Channel {
  readonly name: AlertChannel
  /** Whether it is set up; where it is not, a message is a dry run. */
  readonly isReady: boolean
  readonly send: (text: string, signal: AbortSignal) => Promise<Try>
}

/** The channels that a configuration names; where it names none, Telegram, dry. */
export function channelsOf(config: Config['alerts'], env: NodeJS.ProcessEnv): readonly Channel[] {
  const token = takeSecret(env, TOKEN)
  const chat = config.telegram_chat || (env['TELEGRAM_CHAT_ID'] ?? '')
  const found: Channel[] = []
  if (config.telegram || (config.webhook === '' && !config.desktop)) {
    const isReady = config.telegram && token !== undefined && chat !== ''
    const send = telegram(config.telegram_url, token ?? '', chat)
    found.push({ name: 'telegram', isReady, send })
  }
  if (config.webhook !== '')
    found.push({ name: 'webhook', isReady: true, send: webhook(config.webhook) })
  if (config.desktop) found.push({ name: 'desktop', isReady: true, send: desktop })
  return found
}

/** Sends a message, again where that may help, at most so many times. */
export async function delivered(
  channel: Channel,
  text: string,
  { attempts: most, pauseMs, signal }: { attempts: number; pauseMs: number; signal: AbortSignal },
): Promise<Delivery> {
  const of = { channel: channel.name }
  if (!channel.isReady) return { ...of, outcome: 'dry-run', attempts: 0 }
  let why = ''
  for (let attempts = 1; attempts <= most; attempts++) {
    const tried = await channel.send(text.slice(0, TEXT_MAX), signal)
    if ('ok' in tried) return { ...of, outcome: 'sent', attempts }
    why = tried.why
    const isLast = tried.againMs === undefined || attempts === most || signal.aborted
    if (isLast) return { ...of, outcome: 'failed', attempts, why }
    const waitMs = Math.min(
      PAUSE_MAX_MS,
      Math.max(tried.againMs ?? 0, pauseMs * 2 ** (attempts - 1)),
    )
    await setTimeout(waitMs, undefined, { signal }).catch(() => undefined)
  }
  return { ...of, outcome: 'failed', attempts: most, why }
}

/** Telegram's bot interface. Its address has the token in it, so no fault names it. Source: Telegram Bot API. */
const telegram =
  (url: string, token: string, chat: string): Channel['send'] =>
  async (text, signal) => {
    const body = JSON.stringify({ chat_id: chat, text, disable_web_page_preview: true })
    const answer = await posted(`${url}/bot${token}/sendMessage`, body, signal)
    if ('why' in answer) return answer
    const said = parsed(answer.text)
    if (answer.status === 200 && said['ok'] === true) return { ok: true }
    const parameters = said['parameters'] as Readonly<Record<string, unknown>> | undefined
    const againS = Number(parameters?.['retry_after'] ?? 0)
    const why = `Telegram: status ${answer.status}, ${textOf(said['description'])}`
    return isPassing(answer.status) ? { why, againMs: againS * 1_000 } : { why }
  }

const webhook =
  (url: string): Channel['send'] =>
  async (text, signal) => {
    const answer = await posted(url, JSON.stringify({ text }), signal)
    if ('why' in answer) return answer
    if (answer.status >= 200 && answer.status < 300) return { ok: true }
    const why = `the webhook: status ${answer.status}`
    return isPassing(answer.status) ? { why, againMs: 0 } : { why }
  }

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : '')

/** Statuses that may be others in a moment. */
const isPassing = (status: number): boolean => status === 429 || status >= 500

async function posted(
  url: string,
  body: string,
  signal: AbortSignal,
): Promise<
  | { readonly status: number; readonly text: string }
  | { readonly why: string; readonly againMs: number }
> {
  try {
    const answer = await request(url, {
      ...{ method: 'POST', body, signal, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS },
      headers: { 'content-type': 'application/json' },
    })
    return { status: answer.statusCode, text: await answer.body.text() }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer'
    return { why: `it cannot be reached: ${code}`, againMs: 0 }
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** A notice on this machine's screen, by the program that its system has for it. */
const desktop: Channel['send'] = text => {
  const [title = '', ...rest] = text.split('\n')
  const body = rest.join('\n')
  const [program, words]: [string, readonly string[]] =
    process.platform === 'darwin'
      ? [
          'osascript',
          [
            '-e',
            'on run a',
            '-e',
            'display notification (item 2 of a) with title (item 1 of a)',
            '-e',
            'end run',
            title,
            body,
          ],
        ]
      : ['notify-send', ['--app-name=polaris', '--', title, body]]
  return new Promise(resolve => {
    const child = spawn(program, words, { stdio: 'ignore' })
    child.on('error', () => {
      resolve({ why: `there is no ${program}` })
    })
    child.on('exit', code => {
      resolve(code === 0 ? { ok: true } : { why: `${program}: exit code ${code ?? 'none'}` })
    })
  })
}
