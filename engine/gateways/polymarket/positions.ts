import { Pool } from 'undici'
import { positionsIn } from './wire/positions.js'

/** Most pages of positions. */
const PAGES_MAX = 100
const TIMEOUT_MS = 5_000

/**
 * Which tokens the account holds, as the venue's Data API lists them: it lags, but it names what nobody here knows of. How much of each it
 * is the CLOB is asked.
 */
export class Positions {
  readonly #pool: Pool
  readonly #prefix: string
  readonly #user: string
  readonly #odd: (what: string) => void

  constructor(base: string, user: string, odd: (what: string) => void) {
    const url = new URL(base)
    this.#pool = new Pool(url.origin, { connections: 2, connectTimeout: TIMEOUT_MS })
    this.#prefix = url.pathname.replace(/\/$/, '')
    this.#user = user
    this.#odd = odd
  }

  /** Sizes in 1e-6 share by the venue's tokens; undefined where it does not answer. */
  async listed(): Promise<ReadonlyMap<string, number> | undefined> {
    const all = new Map<string, number>()
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const next = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const text = await this.#get(`/positions?user=${this.#user}&limit=500${next}`)
      const found = text === undefined ? undefined : positionsIn(text)
      if (!found) {
        if (text !== undefined) this.#odd('positions that cannot be read')
        return undefined
      }
      for (const [token, size] of found.sizes) all.set(token, size)
      if (found.next === '' || found.next === cursor) return all
      cursor = found.next
    }
    return undefined
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #get(path: string): Promise<string | undefined> {
    const cut = new AbortController()
    const timer = setTimeout(() => {
      cut.abort()
    }, TIMEOUT_MS)
    try {
      const of = { method: 'GET', path: `${this.#prefix}${path}`, signal: cut.signal } as const
      const { statusCode, body } = await this.#pool.request(of)
      const text = await body.text()
      return statusCode === 200 ? text : undefined
    } catch {
      return undefined
    } finally {
      clearTimeout(timer)
    }
  }
}
