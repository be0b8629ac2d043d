import { HoldingsReported, OpenOrdersReported, OrderStatusReported } from '#schemas/events/order.js'
import { shares, usdc } from '#schemas/units.js'
import type { OrderState } from '#schemas/reasons.js'
import type { QueryOrder, RequestHoldings, RequestOpenOrders } from '#engine/core/effects.js'
import { filledOf, rests, tellTrade, type Desk } from './desk.js'
import type { KnownOrder } from './known-orders.js'
import type { PrivateAnswer } from './private-rest.js'
import { Shared } from './single-flight.js'
import { orderOf, type OrderReport } from './wire/order-state.js'
import { hashIn, isObject, jsonOf, textIn } from './wire/texts.js'
import { fillsOf, pageOf, tradeOf, type Trade } from './wire/trade.js'

/** Most pages of one list: more are a cursor that goes in a circle. */
const PAGES_MAX = 200
/** What is asked of trades begins so long before the order, s: the venue's clock is not ours. */
const MARGIN_S = 10

/** Answers to what the engine asks of the venue. What cannot be answered is not: the engine asks again. */
export class Inquiries {
  readonly #desk: Desk
  /** Positions by the venue's tokens as its Data API lists them; undefined where it does not answer. */
  readonly #listed: () => Promise<ReadonlyMap<string, number> | undefined>

  constructor(desk: Desk, listed: () => Promise<ReadonlyMap<string, number> | undefined>) {
    this.#desk = desk
    this.#listed = listed
  }

  /** What became of an order: by its id, then by its trades. */
  async order({ order, venueOrder, seq }: QueryOrder): Promise<void> {
    const { known: all } = this.#desk
    const known = all.get(order)
    if (known && known.hash === '' && venueOrder !== '') all.named(known, venueOrder)
    // It was never signed, or its signature was never durable: then it never left.
    if (!known || known.hash === '') {
      this.#say(order, seq, 'not-found', 0)
      return
    }
    const report = await this.report(known)
    if (report === 'failed') return
    if (report === 'none') await this.#byTrades(known, seq)
    else await this.#reported(known, seq, report)
  }

  /** The venue's word on one order; `none` where it does not have it, `failed` where it does not answer. */
  async report({ hash }: KnownOrder): Promise<OrderReport | 'none' | 'failed'> {
    const answer = await this.#desk.rest.repeated({ method: 'GET', path: `/data/order/${hash}` })
    if (answer.tag === 'lost') return 'failed'
    if (answer.status === 404) return 'none'
    if (answer.status !== 200) return 'failed'
    const value = jsonOf(answer.text)
    if (value === null || value === undefined || answer.text.trim() === '') return 'none'
    if (isObject(value) && hashIn(value, 'id') === undefined) return 'none'
    const report = orderOf(value)
    if (!('odd' in report)) return report
    this.#desk.odd(report.odd)
    return 'failed'
  }

  /** Trades of the account since a time (s), as far as the venue answers: each is told. */
  async tradesSince(afterS: number): Promise<Trade[] | undefined> {
    return await this.#trades.get(afterS)
  }

  async #tradesSince(afterS: number): Promise<Trade[] | undefined> {
    const { account } = this.#desk
    const query = `maker_address=${account.maker}&after=${Math.max(0, Math.floor(afterS))}`
    const entries = await this.#pages('/data/trades', query)
    return entries?.flatMap(entry => {
      const trade = tradeOf(entry)
      if (!('odd' in trade)) return trade
      this.#desk.odd(trade.odd)
      return []
    })
  }

  /** Which orders the venue has of us. */
  async open({ seq }: RequestOpenOrders): Promise<void> {
    const entries = await this.#pages('/data/orders', '')
    if (!entries) return
    const orders: string[] = []
    const strangers: string[] = []
    for (const entry of entries) {
      const report = orderOf(entry)
      if ('odd' in report) {
        this.#desk.odd(report.odd)
        return // a list that cannot be read proves nothing
      }
      const known = this.#desk.known.ofHash(report.hash)
      if (known) orders.push(known.order)
      else strangers.push(report.hash)
    }
    this.#desk.tell(seq, OpenOrdersReported.make({ orders, strangers }))
  }

  /** What the account has: cash, and the balances of the tokens that are asked about or that the Data API lists. */
  async holdings({ tokens, seq }: RequestHoldings): Promise<void> {
    const session = this.#desk.session()
    const listed = await this.#listed()
    if (!listed) return
    const wanted = new Set<number>()
    for (const [key, size] of listed) {
      const token = size > 0 ? session.tokenOf('polymarket', key) : undefined
      if (token !== undefined) wanted.add(token)
    }
    for (const token of [...tokens, ...this.#touched]) wanted.add(token)
    const cash = await this.#balance('asset_type=COLLATERAL')
    if (cash === undefined) return
    const positions: (readonly [number, ReturnType<typeof shares>])[] = []
    for (const token of [...wanted].sort((a, b) => a - b)) {
      const key = session.instrumentOf(token)?.token ?? ''
      const size = await this.#balance(`asset_type=CONDITIONAL&token_id=${key}`)
      if (size === undefined) return
      if (size > 0) positions.push([token, shares(size)])
    }
    this.#desk.tell(seq, HoldingsReported.make({ cash: usdc(cash), positions }))
  }

  readonly #touched = new Set<number>()
  readonly #trades = new Shared(afterS => this.#tradesSince(afterS))

  /** A token of which we have, or had, an order: its balance is asked for at each comparison. */
  touched(token: number): void {
    this.#touched.add(token)
  }

  /**
   * Makes the venue read a token's balance from the chain again: it knows of shares that came only then, and refuses to sell what it does not
   * know of. Source: Polymarket's clients, 2026-10. What comes of it nobody waits for: an order that is refused says so.
   */
  async reread(token: number): Promise<void> {
    const { account, rest, session } = this.#desk
    const key = session().instrumentOf(token)?.token ?? ''
    const query = `asset_type=CONDITIONAL&token_id=${key}&signature_type=${account.type}`
    await rest.repeated({ method: 'GET', path: '/balance-allowance/update', query })
  }

  async #balance(query: string): Promise<number | undefined> {
    const { account, rest } = this.#desk
    const of = { path: '/balance-allowance', query: `${query}&signature_type=${account.type}` }
    const answer = await rest.repeated({ method: 'GET', ...of })
    const value = okOf(answer)
    if (!isObject(value)) return undefined
    const text = textIn(value, 'balance')
    const units = /^\d{1,15}$/.test(text) ? Number(text) : undefined
    if (units === undefined) this.#desk.odd(`a balance of '${text.slice(0, 40)}'`)
    return units
  }

  async #reported(known: KnownOrder, seq: number, report: OrderReport): Promise<void> {
    const { state, filled } = report
    if (filled > filledOf(known)) await this.tellTradesOf(known)
    if (state === 'closed') {
      this.#desk.known.over(known)
      this.#say(known.order, seq, 'closed', filled)
    } else if (state === 'resting' && rests(known)) {
      known.isAcknowledged = true
      this.#say(known.order, seq, 'resting', filled)
    }
    // An immediate order that is still on its way: nobody can say yet.
  }

  /** The venue does not have it: closed orders are not kept everywhere, but their trades are. */
  async #byTrades(known: KnownOrder, seq: number): Promise<void> {
    const filled = await this.tellTradesOf(known)
    if (filled === undefined) return
    if (filled > 0) {
      this.#desk.known.over(known)
      this.#say(known.order, seq, 'closed', filled)
      return
    }
    const leftMs = known.submittedMs || known.placedUs / 1_000
    if (this.#desk.nowMs() - leftMs < this.#desk.rules.notFoundMs) return // it may still be on its way
    this.#desk.known.over(known)
    this.#say(known.order, seq, 'not-found', 0)
  }

  /** Tells all trades since the order was placed. Answers how much of it they filled; undefined where nobody knows. */
  async tellTradesOf(known: KnownOrder): Promise<number | undefined> {
    const trades = await this.tradesSince(known.placedUs / 1_000_000 - MARGIN_S)
    if (!trades) return undefined
    let filled = 0
    for (const trade of trades) {
      tellTrade(this.#desk, trade)
      for (const fill of fillsOf(trade, known.hash)) filled += fill.size
    }
    return filled
  }

  #say(order: string, seq: number, state: OrderState, filled: number): void {
    this.#desk.tell(seq, OrderStatusReported.make({ order, state, filled: shares(filled) }))
  }

  async #pages(path: string, query: string): Promise<unknown[] | undefined> {
    const all: unknown[] = []
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const parts = [query, cursor === '' ? '' : `next_cursor=${encodeURIComponent(cursor)}`]
      const answer = await this.#desk.rest.repeated({
        ...{ method: 'GET', path, query: parts.filter(part => part !== '').join('&') },
      })
      const found = pageOf(okOf(answer))
      if (!found) return undefined
      all.push(...found.data)
      if (found.next === '' || found.next === cursor) return all
      cursor = found.next
    }
    this.#desk.odd(`${path} has more than ${PAGES_MAX} pages`)
    return undefined
  }
}

const okOf = (answer: PrivateAnswer): unknown =>
  answer.tag === 'answer' && answer.status === 200 ? jsonOf(answer.text) : undefined
