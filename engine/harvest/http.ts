import { Agent, request } from 'undici'
import type { HttpAnswer, HttpPort } from './ports.js'

/** Most bytes of an answer. */
const BODY_MAX = 64 << 20
/** Connections of one host. */
const CONNECTIONS = 4
/** Longest that a server may ask us to stay away by a date, ms. */
const DAY_MS = 86_400_000

/** The sources over HTTP, by connections that are kept. `nowMs` reads a date that a server wants to hear nothing before. */
export function httpPort(nowMs: () => number): HttpPort & { readonly close: () => Promise<void> } {
  const dispatcher = new Agent({ connections: CONNECTIONS, maxResponseSize: BODY_MAX })
  return {
    ask: async ({ url, method, body }, signal): Promise<HttpAnswer> => {
      try {
        const answer = await request(url, {
          ...{ method, dispatcher, signal },
          ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
        })
        const text = await answer.body.text()
        const retryAfterMs = askedIn(answer.headers['retry-after'], nowMs())
        return { tag: 'answer', status: answer.statusCode, text, retryAfterMs }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return { tag: 'failed', why: 'network', message }
      }
    },
    close: async () => {
      await dispatcher.destroy()
    },
  }
}

/** What `Retry-After` asks for, seconds or a date, in ms; undefined where it says nothing of use. */
export function askedIn(
  header: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  const text = typeof header === 'string' ? header : header?.[0]
  if (text === undefined) return undefined
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs
  return ms > 0 && ms <= DAY_MS ? ms : undefined
}
