import type { WallClock } from '#engine/core/wall-clock.js'
import { keyedRandom } from '#engine/gateways/sim/keyed-random.js'
import { TokenBucket } from '#engine/transport/token-bucket.js'
import type { Fetched, HttpAnswer, HttpPort, HttpRequest, Source } from './ports.js'
import type { HarvestSettings } from './settings.js'

/** Longest wait that a source may ask for, ms. */
const RETRY_AFTER_MAX_MS = 120_000
/** Most characters of what went wrong. */
const MESSAGE_MAX = 300
/** A source that answers so is asked again. */
const isPassing = (status: number): boolean => status === 429 || status === 425 || status >= 500

/** What a fetcher needs. */
interface Parts {
  readonly http: HttpPort
  readonly clock: WallClock
  readonly settings: () => HarvestSettings
  readonly signal: AbortSignal
}

/** Asks sources at their rates, and again where that may help: at most so many times, each later than the one before. */
export class Fetcher {
  readonly #of: Parts
  readonly #buckets = new Map<Source, { readonly rate: string; readonly bucket: TokenBucket }>()
  /** Requests so far: keys the jitter of waits. */
  #count = 0

  constructor(of: Parts) {
    this.#of = of
  }

  /** JSON at a path below the base of a source. */
  async get(source: Source, path: string): Promise<Fetched> {
    return await this.#asked(source, path, { method: 'GET' })
  }

  async post(source: Source, path: string, body: string): Promise<Fetched> {
    return await this.#asked(source, path, { method: 'POST', body })
  }

  async #asked(source: Source, path: string, how: Omit<HttpRequest, 'url'>): Promise<Fetched> {
    const { settings, signal } = this.#of
    const url = `${settings().base[source]}${path}`
    for (let attempts = 1; ; attempts++) {
      await this.#turn(source)
      const tried = signal.aborted ? STOPPED : await this.#once({ url, ...how })
      const judged = judgedAs(tried, attempts)
      const { attempts: most } = settings()
      if (judged.tag === 'ok' || !judged.isPassing || attempts >= most || signal.aborted)
        return judged.tag === 'ok'
          ? judged
          : { ...judged, message: judged.message.slice(0, MESSAGE_MAX) }
      const askedMs =
        tried.tag === 'answer' ? Math.min(tried.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS) : 0
      const waitMs = Math.max(askedMs, this.#backoffMs(attempts))
      if (askedMs > 0) this.#bucket(source).empty(this.#nowMs + askedMs)
      await this.#pause(waitMs)
    }
  }

  /** Between the shortest wait and one that doubles with each try, never above the longest. */
  #backoffMs(attempt: number): number {
    const { backoffMinMs: min, backoffMaxMs: max, seed } = this.#of.settings()
    const most = Math.min(max, min * 2 ** attempt)
    const n = keyedRandom({ seed, key: 'retry', salt: this.#count++ })
    return min + Math.floor(((most - min) * (n % 1_000)) / 1_000)
  }

  /** Waits until the rate of the source lets one more request go. */
  async #turn(source: Source): Promise<void> {
    await this.#pause(this.#bucket(source).take(1, this.#nowMs))
  }

  #bucket(source: Source): TokenBucket {
    const rate = this.#of.settings().rates[source]
    const key = JSON.stringify(rate)
    const known = this.#buckets.get(source)
    if (known?.rate === key) return known.bucket
    const bucket = new TokenBucket({ ...rate, nowMs: this.#nowMs })
    this.#buckets.set(source, { rate: key, bucket })
    return bucket
  }

  async #once(request: HttpRequest): Promise<HttpAnswer | typeof TIMED_OUT> {
    const { http, clock, settings, signal } = this.#of
    const own = new AbortController()
    const stop = (): void => own.abort()
    signal.addEventListener('abort', stop, { once: true })
    let cancel = (): void => undefined
    const late = new Promise<typeof TIMED_OUT>(resolve => {
      cancel = clock.wakeAt(clock.nowUs() + settings().timeoutMs * 1_000, () => {
        resolve(TIMED_OUT)
        own.abort()
      })
    })
    try {
      return await Promise.race([http.ask(request, own.signal), late])
    } finally {
      cancel()
      signal.removeEventListener('abort', stop)
    }
  }

  async #pause(ms: number): Promise<void> {
    const { clock, signal } = this.#of
    if (ms <= 0 || signal.aborted) return
    await new Promise<void>(resolve => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = clock.wakeAt(clock.nowUs() + ms * 1_000, done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  get #nowMs(): number {
    return Math.floor(this.#of.clock.nowUs() / 1_000)
  }
}

const TIMED_OUT = { tag: 'timed-out' } as const
const STOPPED: HttpAnswer = { tag: 'failed', why: 'stopped', message: 'stopped' }

/** What a try came to; where it failed, whether another one may do better. */
function judgedAs(
  tried: HttpAnswer | typeof TIMED_OUT,
  attempts: number,
): (Fetched & { tag: 'ok' }) | (Fetched & { tag: 'failed' } & { readonly isPassing: boolean }) {
  if (tried.tag === 'timed-out')
    return {
      tag: 'failed',
      http: 0,
      attempts,
      fault: 'timeout',
      message: 'no answer in time',
      isPassing: true,
    }
  if (tried.tag === 'failed') {
    const isPassing = tried.why === 'network'
    return { tag: 'failed', http: 0, attempts, fault: tried.why, message: tried.message, isPassing }
  }
  const { status: http, text } = tried
  if (http < 200 || http >= 300) {
    const fault = http === 429 ? 'rate-limited' : http >= 500 ? 'server-error' : 'refused'
    const message = `status ${http}: ${text.slice(0, 120)}`
    return { tag: 'failed', http, attempts, fault, message, isPassing: isPassing(http) }
  }
  try {
    return { tag: 'ok', http, attempts, text, value: JSON.parse(text) as unknown }
  } catch {
    const message = `no JSON: ${text.length} characters that end with '${text.slice(-20)}'`
    return { tag: 'failed', http, attempts, fault: 'not-json', message, isPassing: true }
  }
}
