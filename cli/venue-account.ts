import type { Config } from '#schemas/config.js'
import { Positions } from '#engine/gateways/polymarket/positions.js'
import {
  PrivateRest,
  type PrivateAnswer,
  type PrivateRequest,
} from '#engine/gateways/polymarket/private-rest.js'
import { orderOf, type OrderReport } from '#engine/gateways/polymarket/wire/order-state.js'
import { isObject, jsonOf, priceIn, textIn } from '#engine/gateways/polymarket/wire/texts.js'
import { pageOf } from '#engine/gateways/polymarket/wire/trade.js'
import { Refusal } from './command.js'
import type { LiveAccount } from './live-account.js'

/** Most pages of one list: more are a cursor that goes in a circle. */
const PAGES_MAX = 200

/** An order that the venue has in its book, or on its way there. */
export interface OpenOrder extends OrderReport {
  /** The venue's id of the token. */
  readonly token: string
  readonly side: string
  /** 1e-4 dollar; 0 where it cannot be read. */
  readonly price: number
}

/** What the account has of one asset, and who may move it. */
export interface Balance {
  /** 1e-6 dollar or share. */
  readonly balance: number
  /** By spender, lower case, in units of the token contract. */
  readonly allowances: ReadonlyMap<string, bigint>
}

/** The account as the venue has it, for verbs outside of a run. Everything it cannot say is a `Refusal`. */
export class VenueAccount {
  readonly #rest: PrivateRest
  readonly #positions: Positions
  readonly #urls: Config['venue']
  readonly #type: number

  constructor({ account, credentials }: LiveAccount, urls: Config['venue']) {
    this.#rest = new PrivateRest(urls.clob, { credentials, nowMs: () => Date.now() })
    this.#positions = new Positions(urls.data, account.maker, () => undefined)
    this.#urls = urls
    this.#type = account.type
  }

  /** Every order that is not over. */
  async openOrders(): Promise<readonly OpenOrder[]> {
    const open: OpenOrder[] = []
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const query = cursor === '' ? '' : `next_cursor=${encodeURIComponent(cursor)}`
      const value = await this.#asked({ method: 'GET', path: '/data/orders', query })
      const found = pageOf(value)
      if (!found) throw this.#odd('/data/orders', 'a page of orders')
      for (const entry of found.data) {
        const report = orderOf(entry)
        // A list that cannot be read proves nothing.
        if ('odd' in report || !isObject(entry)) throw this.#odd('/data/orders', 'orders')
        const of = { token: textIn(entry, 'asset_id'), side: textIn(entry, 'side') }
        open.push({ ...report, ...of, price: priceIn(entry, 'price') ?? 0 })
      }
      if (found.next === '' || found.next === cursor) return open
      cursor = found.next
    }
    throw this.#odd('/data/orders', `at most ${PAGES_MAX} pages`)
  }

  /** Asks for everything of the account to be cancelled. How many orders the venue took out; what is still there, `openOrders` says. */
  async cancelAll(): Promise<number> {
    const value = await this.#asked({ method: 'DELETE', path: '/cancel-all' })
    if (!isObject(value)) throw this.#odd('/cancel-all', 'what was cancelled')
    const list = value['canceled']
    return Array.isArray(list) ? list.length : 0
  }

  /** Cash; or a token's shares, by the venue's id of it. */
  async balance(token?: string): Promise<Balance> {
    const asset = token === undefined ? 'COLLATERAL' : `CONDITIONAL&token_id=${token}`
    const query = `asset_type=${asset}&signature_type=${this.#type}`
    const value = await this.#asked({ method: 'GET', path: '/balance-allowance', query })
    const text = isObject(value) ? textIn(value, 'balance') : ''
    if (!isObject(value) || !/^\d{1,15}$/.test(text))
      throw this.#odd('/balance-allowance', 'a balance in base units')
    const of = value['allowances']
    const entries = isObject(of) ? Object.entries(of) : []
    const allowances = entries.flatMap(([spender, amount]) =>
      typeof amount === 'string' && /^\d{1,78}$/.test(amount)
        ? [[spender.toLowerCase(), BigInt(amount)] as const]
        : [],
    )
    return { balance: Number(text), allowances: new Map(allowances) }
  }

  /** Tokens that the Data API lists, with sizes in 1e-6 share: it lags, and its sizes are about right. */
  async listed(): Promise<ReadonlyMap<string, number>> {
    const listed = await this.#positions.listed()
    if (listed) return listed
    throw new Refusal('venue', 'it does not list positions', this.#urls.data, 'a page of positions')
  }

  /** Whether the account may only close positions. */
  async isClosedOnly(): Promise<boolean> {
    const path = '/auth/ban-status/closed-only'
    const value = await this.#asked({ method: 'GET', path })
    const isClosed = isObject(value) ? value['closed_only'] : undefined
    if (typeof isClosed !== 'boolean') throw this.#odd(path, 'closed_only, true or false')
    return isClosed
  }

  async close(): Promise<void> {
    await Promise.all([this.#rest.close(), this.#positions.close()])
  }

  /** The body of an answer to a request that may be repeated. */
  async #asked(request: PrivateRequest): Promise<unknown> {
    const answer: PrivateAnswer = await this.#rest.repeated(request)
    const { method, path } = request
    const where = `${this.#urls.clob}${path}`
    if (answer.tag === 'lost')
      throw new Refusal(
        'venue',
        `no answer to ${method} ${path}: ${answer.why}`,
        where,
        'an answer',
      )
    if (answer.status === 401)
      throw new Refusal(
        'unauthorized',
        'the venue refuses the API key, its secret or our clock',
        where,
        "'polaris doctor --live' tells which",
      )
    if (answer.status !== 200)
      throw new Refusal('venue', `${method} ${path}: status ${answer.status}`, where, 'status 200')
    return jsonOf(answer.text)
  }

  #odd(path: string, expected: string): Refusal {
    return new Refusal('venue', 'its answer cannot be read', `${this.#urls.clob}${path}`, expected)
  }
}
