import type { Config } from '#schemas/config.js'
import { KeptSocket, SOCKET_RULES } from '#engine/transport/kept-socket.js'
import { isObject, jsonOf, textIn } from '#engine/gateways/polymarket/wire/texts.js'
import { askVenue } from '../ask-venue.js'
import { fail, ok, warn, type Look } from './finding.js'

/** The order version that our orders are (`/version`). Source: Polymarket CLOB, autumn 2026. */
const ORDER_VERSION = 2
/** Lag of the Data API beyond which its positions are old news, s. */
const LAG_WARN_S = 60
/** Longest that a channel may take to open, ms. */
const OPEN_MS = 8_000

/** What can be asked of the venue without a key: whether it is there, its clock, and whether it takes orders from here. */
export const publicLooks = (urls: Config['venue'], skewMaxMs: number): readonly Look[] => [
  { name: 'clob', look: () => clob(urls.clob) },
  { name: 'clob-clock', look: () => clock(urls.clob, skewMaxMs) },
  { name: 'order-version', look: () => version(urls.clob) },
  { name: 'gamma', look: () => gamma(urls.gamma) },
  { name: 'data-api', look: () => lag(urls.data) },
  { name: 'market-channel', look: () => channel(urls.channel, { assets_ids: [], type: 'market' }) },
  { name: 'geoblock', look: () => geoblock(urls.geoblock) },
]

/** The body of an answer, where its status is 200; else what was answered, in words. */
async function bodyOf(base: string, path: string): Promise<{ text: string } | string> {
  const { status, text } = await askVenue(base, { method: 'GET', path })
  return status === 200 ? { text } : `${path} answers status ${status}; expected 200`
}

async function clob(base: string): Promise<ReturnType<typeof ok>> {
  const started = performance.now()
  const body = await bodyOf(base, '/ok')
  if (typeof body === 'string') return fail(`${body}: the venue's order books are not to be had`)
  return ok(`${base} answers in ${(performance.now() - started).toFixed(0)} ms`)
}

async function clock(base: string, skewMaxMs: number): Promise<ReturnType<typeof ok>> {
  const before = Date.now()
  const body = await bodyOf(base, '/time')
  const after = Date.now()
  const theirs = typeof body === 'string' ? Number.NaN : Number(body.text.trim()) * 1_000
  if (!(theirs > 0)) return fail(typeof body === 'string' ? body : `/time says '${body.text}'`)
  // Theirs has whole seconds: what it says lies up to one behind.
  const off = Math.max(0, theirs - after, before - (theirs + 1_000))
  if (off <= skewMaxMs) return ok(`ours and the venue's differ by ${off} ms at least`)
  return fail(
    `ours and the venue's differ by ${off} ms; expected at most ${skewMaxMs}: set this machine's clock (NTP)`,
  )
}

async function version(base: string): Promise<ReturnType<typeof ok>> {
  const body = await bodyOf(base, '/version')
  const value = typeof body === 'string' ? undefined : jsonOf(body.text)
  const found = isObject(value) ? value['version'] : undefined
  if (found === ORDER_VERSION) return ok(`${ORDER_VERSION}, and ExchangeV3 for markets of v2`)
  return fail(
    `${typeof body === 'string' ? body : `the venue says ${JSON.stringify(found)}`}; expected ${ORDER_VERSION}: orders signed here may not be taken`,
  )
}

async function gamma(base: string): Promise<ReturnType<typeof ok>> {
  const body = await bodyOf(base, '/markets/keyset?limit=1&closed=false')
  const value = typeof body === 'string' ? undefined : jsonOf(body.text)
  const markets = isObject(value) ? value['markets'] : undefined
  if (Array.isArray(markets) && markets.length > 0) return ok(`${base} lists markets`)
  return fail(`${typeof body === 'string' ? body : 'no list of markets'}: no market can be found`)
}

async function lag(base: string): Promise<ReturnType<typeof ok>> {
  const body = await bodyOf(base, '/status')
  const value = typeof body === 'string' ? undefined : jsonOf(body.text)
  const data = isObject(value) && isObject(value['data']) ? value['data'] : value
  const serving = isObject(data) ? data['serving'] : undefined
  const seconds = isObject(serving) ? Number(textIn(serving, 'lag_seconds')) : Number.NaN
  if (typeof body === 'string') return fail(`${body}: positions cannot be compared`)
  if (!(seconds >= 0)) return warn('it does not say how far it lags')
  if (seconds <= LAG_WARN_S) return ok(`${base} lags ${seconds} s`)
  return warn(`it lags ${seconds} s: positions that it lists are that old`)
}

async function geoblock(url: string): Promise<ReturnType<typeof ok>> {
  if (url === '') return warn('venue.geoblock is empty: nobody asks whether orders are taken here')
  const body = await bodyOf(url, '')
  const value = typeof body === 'string' ? undefined : jsonOf(body.text)
  const blocked = isObject(value) ? value['blocked'] : undefined
  const country = isObject(value) ? textIn(value, 'country') : ''
  if (blocked === false) return ok(`orders are taken from ${country || 'here'}`)
  if (blocked === true)
    return fail(`the venue takes no orders from ${country || 'here'}: nothing can be traded live`)
  return fail(`${typeof body === 'string' ? body : 'no answer'}; expected {"blocked":false}`)
}

/** Whether a channel opens, and stays once it was told what is wanted. */
export async function channel(url: string, first: object): Promise<ReturnType<typeof ok>> {
  const started = performance.now()
  return await new Promise(resolve => {
    const done = (found: ReturnType<typeof ok>): void => {
      clearTimeout(timer)
      socket.close()
      resolve(found)
    }
    let settled: NodeJS.Timeout | undefined
    const timer = setTimeout(() => {
      done(fail(`${url} does not open in ${OPEN_MS} ms; expected a WebSocket`))
    }, OPEN_MS)
    const socket = new KeptSocket(
      url,
      {
        opened: own => {
          own.send(JSON.stringify(first))
          const tookMs = performance.now() - started
          // One that refuses what it was told is closed at once.
          settled = setTimeout(() => {
            done(ok(`${url} opens in ${tookMs.toFixed(0)} ms`))
          }, 400)
        },
        frame: () => undefined,
        lost: why => {
          clearTimeout(settled)
          done(fail(`${url} is closed: ${why}`))
        },
        silent: () => undefined,
      },
      { rules: SOCKET_RULES, chance: Math.random },
    )
    socket.open()
  })
}
