import { pause } from '#engine/transport/pause.js'
import { Pool } from 'undici'
import { priceFrom } from '../../decimal.js'

/** Most ids of one request for books: the venue limits its body. */
const BATCH_MAX = 250
/** Requests at one time. */
const CONCURRENCY = 4
/** Refusals that a part of the batch may not earn: an id that the venue cannot read, too large a body. */
const OF_THE_BATCH = new Set([400, 413])
/** Tries of one request that the venue put off. */
const TRIES_MAX = 4
/** Most bytes of an answer. */
const BODY_MAX = 64 << 20

/** How long things may take. Times in ms. */
export interface RestRules {
  /** Longest that an answer may take, from the request to its last byte. */
  readonly timeoutMs: number
  /** Longest wait that the venue may ask for, and where it asks for none the first of them. */
  readonly retryAfterMaxMs: number
  readonly putOffMs: number
}

/** What suits the venue. */
export const REST_RULES: RestRules = {
  timeoutMs: 5_000,
  retryAfterMaxMs: 30_000,
  putOffMs: 1_000,
}

/** What became of a request. */
export type RestAnswer =
  | { readonly tag: 'ok'; readonly text: string }
  /** The venue refuses it as it is: another try gives the same. */
  | { readonly tag: 'refused'; readonly status: number; readonly text: string }
  /** It may be taken another time. */
  | { readonly tag: 'failed'; readonly why: string }

interface PutOff {
  readonly tag: 'later'
  /** How long the venue wants to hear nothing, ms. */
  readonly askedMs: number | undefined
}

/** Counts of what was asked. */
export interface RestCounts {
  requests: number
  failed: number
  putOff: number
  bisected: number
  single: number
}

/** What is bid and asked for an asset, 1e-4 dollar; 0 where there is none. */
export interface Bests {
  readonly bid: number
  readonly ask: number
}

/** The venue's public REST interface: kept-alive connections, a bounded number at a time, put off as the venue asks. */
export class MarketRest {
  /** The address that paths are added to, without a slash. */
  readonly base: string
  readonly #pool: Pool
  readonly #prefix: string
  readonly #rules: RestRules
  /** Ends every request and every wait: the signal was given, or the interface is closed. */
  readonly #ends = new AbortController()
  readonly #release: () => void
  readonly counts: RestCounts = { requests: 0, failed: 0, putOff: 0, bisected: 0, single: 0 }
  #running = 0
  readonly #queue: (() => void)[] = []
  #notBeforeMs = 0

  /** `base` as in `https://clob.polymarket.com`, with a path where the interface has one. */
  constructor(base: string, signal: AbortSignal, rules: RestRules = REST_RULES) {
    this.base = base.replace(/\/$/, '')
    const url = new URL(base)
    this.#pool = new Pool(url.origin, {
      ...{ connections: CONCURRENCY, connectTimeout: rules.timeoutMs },
      maxResponseSize: BODY_MAX,
    })
    this.#prefix = url.pathname.replace(/\/$/, '')
    this.#rules = rules
    const end = (): void => {
      this.#ends.abort()
    }
    signal.addEventListener('abort', end)
    this.#release = () => {
      signal.removeEventListener('abort', end)
    }
    if (signal.aborted) end()
  }

  /** Books of these assets as the venue writes each; those that it does not have are missing. */
  async books(assets: readonly string[]): Promise<string[]> {
    const batches: (readonly string[])[] = []
    for (let at = 0; at < assets.length; at += BATCH_MAX)
      batches.push(assets.slice(at, at + BATCH_MAX))
    return (await Promise.all(batches.map(batch => this.#batch(batch)))).flat()
  }

  /** Best bid and ask of these assets, as another part of the venue says them: 1e-4 dollar, 0 where there is none. */
  async bests(assets: readonly string[]): Promise<ReadonlyMap<string, Bests>> {
    const found = new Map<string, Bests>()
    for (let at = 0; at < assets.length; at += BATCH_MAX) {
      const batch = assets.slice(at, at + BATCH_MAX)
      const sides = batch.flatMap(token_id => [
        { token_id, side: 'BUY' },
        { token_id, side: 'SELL' },
      ])
      const answer = await this.#asked('POST', '/prices', JSON.stringify(sides))
      if (answer.tag === 'ok')
        for (const [asset, bests] of bestsIn(answer.text)) found.set(asset, bests)
    }
    return found
  }

  /** A page, or anything else that is read. */
  async get(path: string): Promise<RestAnswer> {
    return await this.#asked('GET', path)
  }

  /** Gives up what is under way, which answers `failed`. */
  async close(): Promise<void> {
    this.#release()
    this.#ends.abort()
    await this.#pool.destroy()
  }

  /** A batch that is refused as a whole is asked for in halves, and at last one by one. */
  async #batch(assets: readonly string[]): Promise<string[]> {
    if (assets.length === 0) return []
    if (assets.length === 1) {
      this.counts.single++
      const one = await this.#asked('GET', `/book?token_id=${encodeURIComponent(assets[0] ?? '')}`)
      return one.tag === 'ok' ? [one.text] : []
    }
    const body = JSON.stringify(assets.map(token_id => ({ token_id })))
    const answer = await this.#asked('POST', '/books', body)
    if (answer.tag === 'ok') return objectsIn(answer.text)
    // Halves of what is refused for another reason than its size or an id in it would be refused as well.
    if (answer.tag === 'failed' || !OF_THE_BATCH.has(answer.status)) return []
    this.counts.bisected++
    const half = assets.length >> 1
    const halves = [assets.slice(0, half), assets.slice(half)]
    return (await Promise.all(halves.map(part => this.#batch(part)))).flat()
  }

  async #asked(method: 'GET' | 'POST', path: string, body?: string): Promise<RestAnswer> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#turn(() => this.#once(method, path, body))
      if (answer.tag !== 'later') return answer
      this.counts.putOff++
      if (tries === TRIES_MAX) return this.#failed(`put off ${tries} times`)
      const { retryAfterMaxMs, putOffMs } = this.#rules
      const waitMs = answer.askedMs ?? putOffMs * tries
      this.#notBeforeMs = Math.max(
        this.#notBeforeMs,
        performance.now() + Math.min(waitMs, retryAfterMaxMs),
      )
    }
  }

  /** Waits for one of the connections, and for the time before which the venue wants to hear nothing. */
  async #turn<T>(work: () => Promise<T>): Promise<T> {
    // Who waits is handed the place of who is done: a place that is free for a moment might be taken twice.
    if (this.#running < CONCURRENCY) this.#running++
    else await new Promise<void>(resolve => this.#queue.push(resolve))
    try {
      for (let left = this.#left; left > 0; left = this.#left) await pause(left, this.#ends.signal)
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    }
  }

  get #left(): number {
    return this.#ends.signal.aborted ? 0 : this.#notBeforeMs - performance.now()
  }

  async #once(method: 'GET' | 'POST', path: string, body?: string): Promise<RestAnswer | PutOff> {
    if (this.#ends.signal.aborted) return { tag: 'failed', why: 'stopped' }
    this.counts.requests++
    const { timeoutMs } = this.#rules
    const cut = new AbortController()
    const stop = (): void => {
      cut.abort(new Error('stopped'))
    }
    this.#ends.signal.addEventListener('abort', stop)
    const timer = setTimeout(() => {
      cut.abort(new Error(`no answer in ${timeoutMs} ms`))
    }, timeoutMs)
    try {
      const answer = await this.#pool.request({
        ...{ method, path: `${this.#prefix}${path}`, signal: cut.signal },
        ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
      })
      const text = await answer.body.text()
      const { statusCode: status } = answer
      if (status >= 200 && status < 300) return { tag: 'ok', text }
      if (status === 429 || status === 425 || status === 503)
        return { tag: 'later', askedMs: askedIn(answer.headers['retry-after']) }
      if (status >= 500) return this.#failed(`status ${status}`)
      return { tag: 'refused', status, text }
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : String(error))
    } finally {
      clearTimeout(timer)
      this.#ends.signal.removeEventListener('abort', stop)
    }
  }

  #failed(why: string): RestAnswer {
    this.counts.failed++
    return { tag: 'failed', why }
  }
}

/** Seconds that `Retry-After` asks for, in ms; undefined where it says nothing of use. */
function askedIn(header: string | readonly string[] | undefined): number | undefined {
  const seconds = Number(typeof header === 'string' ? header : header?.[0])
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined
}

/** Prices by asset and side, of an answer to `POST /prices`; none where it cannot be read. */
function bestsIn(text: string): (readonly [string, Bests])[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value as Readonly<Record<string, unknown>>).map(([asset, of]) => {
    const sides =
      typeof of === 'object' && of !== null ? (of as Readonly<Record<string, unknown>>) : {}
    return [asset, { bid: priceOf(sides['BUY']), ask: priceOf(sides['SELL']) }] as const
  })
}

function priceOf(value: unknown): number {
  const at = typeof value === 'string' || typeof value === 'number' ? priceFrom(String(value)) : 0
  return typeof at === 'number' ? at : 0
}

/** The outermost objects of a JSON array, each as it was written: hashes cover the very text. */
export function objectsIn(text: string): string[] {
  const found: string[] = []
  let [depth, from, isString, isEscaped] = [0, 0, false, false]
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (isEscaped) isEscaped = false
    else if (char === '\\') isEscaped = isString
    else if (char === '"') isString = !isString
    else if (isString) continue
    else if (char === '{' && depth++ === 0) from = i
    else if (char === '}' && depth > 0 && --depth === 0) found.push(text.slice(from, i + 1))
  }
  return found
}
