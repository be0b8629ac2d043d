import { Pool } from 'undici'

/** Most ids of one request for books: the venue limits its body. */
const BATCH_MAX = 250
/** Requests at one time. */
const CONCURRENCY = 4
/** Longest that an answer may take, ms. */
const TIMEOUT_MS = 5_000
/** Longest wait that the venue may ask for, ms. */
const RETRY_AFTER_MAX_MS = 30_000
/** Tries of one request that the venue put off. */
const TRIES_MAX = 4
/** Most bytes of an answer. */
const BODY_MAX = 64 << 20

/** What became of a request. */
export type RestAnswer =
  | { readonly tag: 'ok'; readonly text: string }
  /** The venue refuses it as it is: another try gives the same. */
  | { readonly tag: 'refused'; readonly status: number; readonly text: string }
  /** It may be taken another time. */
  | { readonly tag: 'failed'; readonly why: string }

/** Counts of what was asked. */
export interface RestCounts {
  requests: number
  failed: number
  putOff: number
  bisected: number
  single: number
}

/** The venue's public REST interface: kept-alive connections, a bounded number at a time, put off as the venue asks. */
export class MarketRest {
  readonly #pool: Pool
  readonly #prefix: string
  readonly #signal: AbortSignal
  readonly counts: RestCounts = { requests: 0, failed: 0, putOff: 0, bisected: 0, single: 0 }
  #running = 0
  readonly #queue: (() => void)[] = []
  #notBeforeMs = 0

  /** `base` as in `https://clob.polymarket.com`, with a path where the interface has one. */
  constructor(base: string, signal: AbortSignal) {
    const url = new URL(base)
    this.#pool = new Pool(url.origin, {
      ...{ connections: CONCURRENCY, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS },
      ...{ connectTimeout: TIMEOUT_MS, maxResponseSize: BODY_MAX },
    })
    this.#prefix = url.pathname.replace(/\/$/, '')
    this.#signal = signal
  }

  /** Books of these assets as the venue writes each; those that it does not have are missing. */
  async books(assets: readonly string[]): Promise<string[]> {
    const batches: (readonly string[])[] = []
    for (let at = 0; at < assets.length; at += BATCH_MAX)
      batches.push(assets.slice(at, at + BATCH_MAX))
    return (await Promise.all(batches.map(batch => this.#batch(batch)))).flat()
  }

  /** A page, or anything else that is read. */
  async get(path: string): Promise<RestAnswer> {
    return await this.#asked('GET', path)
  }

  async close(): Promise<void> {
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
    if (answer.tag === 'failed') return []
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
      if (tries === TRIES_MAX) return { tag: 'failed', why: `put off ${tries} times` }
      this.#notBeforeMs = Math.max(this.#notBeforeMs, Date.now() + answer.waitMs * tries)
    }
  }

  /** Waits for one of the connections, and for the time before which the venue wants to hear nothing. */
  async #turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= CONCURRENCY) await new Promise<void>(resolve => this.#queue.push(resolve))
    this.#running++
    try {
      for (let left = this.#left; left > 0; left = this.#left) await this.#pause(left)
      return await work()
    } finally {
      this.#running--
      this.#queue.shift()?.()
    }
  }

  get #left(): number {
    return this.#signal.aborted ? 0 : this.#notBeforeMs - Date.now()
  }

  async #once(
    method: 'GET' | 'POST',
    path: string,
    body?: string,
  ): Promise<RestAnswer | { readonly tag: 'later'; readonly waitMs: number }> {
    if (this.#signal.aborted) return { tag: 'failed', why: 'stopped' }
    this.counts.requests++
    try {
      const answer = await this.#pool.request({
        ...{ method, path: `${this.#prefix}${path}`, signal: this.#signal },
        ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
      })
      const text = await answer.body.text()
      const { statusCode: status } = answer
      if (status >= 200 && status < 300) return { tag: 'ok', text }
      if (status === 429 || status === 425 || status === 503)
        return { tag: 'later', waitMs: waitIn(answer.headers['retry-after']) }
      if (status >= 500) return this.#failed(`status ${status}`)
      return { tag: 'refused', status, text }
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : String(error))
    }
  }

  #failed(why: string): RestAnswer {
    this.counts.failed++
    return { tag: 'failed', why }
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        this.#signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#signal.addEventListener('abort', done)
    })
  }
}

/** What `Retry-After` says, in ms; a second where it says nothing of use. */
function waitIn(header: string | readonly string[] | undefined): number {
  const seconds = Number(typeof header === 'string' ? header : header?.[0])
  return Number.isFinite(seconds) && seconds > 0
    ? Math.min(seconds * 1_000, RETRY_AFTER_MAX_MS)
    : 1_000
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
    else if (char === '}' && --depth === 0) found.push(text.slice(from, i + 1))
  }
  return found
}
