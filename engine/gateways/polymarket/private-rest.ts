import { setMaxListeners } from 'node:events'
import { Pool } from 'undici'
import { pause } from '#engine/transport/pause.js'
import { l2HeadersOf } from './sign/auth.js'
import type { Credentials } from './sign/credentials.js'
import type { HttpAnswer } from './wire/verdict.js'

/** A request of the account. */
export interface PrivateRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Without the query, which is not signed. */
  readonly path: string
  /** `a=b&c=d`; empty for none. */
  readonly query?: string
  readonly body?: string
}

/** What came of a request: an answer, or nobody knows whether it arrived. */
export type PrivateAnswer =
  ({ readonly tag: 'answer' } & HttpAnswer) | { readonly tag: 'lost'; readonly why: string }

/** How long things may take, and how often what may be repeated is. Times in ms. */
export interface PrivateRules {
  readonly timeoutMs: number
  /** Repetitions of a request that changes nothing, or whose repetition changes nothing. */
  readonly retries: number
  /** Connections for orders and cancels, and those for all that is read: questions never stand in the way of a cancel. */
  readonly connections: number
  readonly readers: number
}

/** What seed 003 asks for: 3 s, two repetitions. */
export const PRIVATE_RULES: PrivateRules = {
  timeoutMs: 3_000,
  retries: 2,
  connections: 8,
  readers: 4,
}

/** Most bytes of an answer. */
const BODY_MAX = 16 << 20
/** Before a repetition; it doubles. */
const REPEAT_MS = 150

/** The account's REST interface: every request signed (L2), connections kept, nothing that places an order ever repeated. */
export class PrivateRest {
  readonly #pool: Pool
  readonly #readers: Pool
  #reading = 0
  readonly #waiting: (() => void)[] = []
  readonly #prefix: string
  readonly #ends = new AbortController()
  readonly #rules: PrivateRules
  readonly #of: { readonly credentials: Credentials; readonly nowMs: () => number }

  constructor(
    base: string,
    of: { readonly credentials: Credentials; readonly nowMs: () => number },
    rules: PrivateRules = PRIVATE_RULES,
  ) {
    setMaxListeners(0, this.#ends.signal) // each request under way listens
    const url = new URL(base)
    const { connections, readers, timeoutMs: connectTimeout } = rules
    const shared = { connectTimeout, maxResponseSize: BODY_MAX }
    this.#pool = new Pool(url.origin, { connections, ...shared })
    this.#readers = new Pool(url.origin, { connections: readers, ...shared })
    this.#prefix = url.pathname.replace(/\/$/, '')
    this.#rules = rules
    this.#of = of
  }

  /** Sends a request once. What is read waits for its turn first: its time begins when it leaves. */
  async once(request: PrivateRequest): Promise<PrivateAnswer> {
    if (request.method !== 'GET') return await this.#once(this.#pool, request)
    if (this.#reading < this.#rules.readers) this.#reading++
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await this.#once(this.#readers, request)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#reading--
    }
  }

  async #once(
    pool: Pool,
    { method, path, query = '', body = '' }: PrivateRequest,
  ): Promise<PrivateAnswer> {
    const cut = new AbortController()
    const stop = (): void => {
      cut.abort(new Error('stopped'))
    }
    if (this.#ends.signal.aborted) return { tag: 'lost', why: 'stopped' }
    this.#ends.signal.addEventListener('abort', stop)
    const { timeoutMs } = this.#rules
    const timer = setTimeout(() => {
      cut.abort(new Error(`no answer in ${timeoutMs} ms`))
    }, timeoutMs)
    try {
      const { credentials, nowMs } = this.#of
      const timestampS = Math.floor(nowMs() / 1_000)
      const signed = l2HeadersOf(credentials, { method, path, body, timestampS })
      const {
        statusCode,
        headers,
        body: answer,
      } = await pool.request({
        ...{ method, path: `${this.#prefix}${path}${query === '' ? '' : `?${query}`}` },
        headers: { ...signed, ...(body !== '' && { 'content-type': 'application/json' }) },
        ...(body !== '' && { body }),
        signal: cut.signal,
      })
      const text = await answer.text()
      return {
        tag: 'answer',
        status: statusCode,
        text,
        retryAfterMs: waitIn(headers['retry-after']),
      }
    } catch (error) {
      return { tag: 'lost', why: error instanceof Error ? error.message : String(error) }
    } finally {
      clearTimeout(timer)
      this.#ends.signal.removeEventListener('abort', stop)
    }
  }

  /** Sends a request that may be sent again: once more where it was lost, put off, or the venue failed. */
  async repeated(request: PrivateRequest): Promise<PrivateAnswer> {
    for (let tries = 0; ; tries++) {
      const answer = await this.once(request)
      const isFinal =
        answer.tag === 'answer' &&
        answer.status < 500 &&
        answer.status !== 425 &&
        answer.status !== 429
      if (isFinal || tries === this.#rules.retries || this.#ends.signal.aborted) return answer
      const asked = answer.tag === 'answer' ? answer.retryAfterMs : undefined
      await pause(Math.min(asked ?? REPEAT_MS * 2 ** tries, 2_000), this.#ends.signal)
    }
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#ends.abort()
    await Promise.all([this.#pool.destroy(), this.#readers.destroy()])
  }
}

function waitIn(header: string | readonly string[] | undefined): number | undefined {
  const seconds = Number(typeof header === 'string' ? header : header?.[0])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined
}
