import { failure, jsonOf, putOff, said, UNANSWERED, type Answer, type Asked } from '../answer.js'
import type { Credentials } from '../auth/credentials.js'
import type { Exchange, Placed, Refused } from '../exchange/exchange.js'
import { orderFrom, type IntakeOptions } from '../exchange/intake.js'
import type { FaultKind, Faults } from '../faults.js'
import type { Limiter } from '../rate-limits.js'
import { sizeText } from '../texts.js'
import type { Records } from './records.js'

/** What an order desk works with. */
export interface OrderDeskOptions extends IntakeOptions {
  readonly exchange: Exchange
  readonly faults: Faults
  readonly limiter: Limiter
  readonly records: Records
}

/** Most orders of a request (the venue, 2026). */
const BATCH_MAX = 15
/** How long after a restart only post-only orders are taken, ms; two minutes at the venue. */
const POST_ONLY_MS = 5_000
const POST_ONLY = 'post-only mode: only post-only orders and cancels are allowed'
/** How long orders that match at once are held by script, ms; the venue says 250 ms for some markets, seconds for others. */
const DELAYED_MS = 1_000
const REJECTED = 'the market is not yet ready to process new orders'

/** Where orders are handed in: one, or up to fifteen, through whatever goes wrong at the moment. */
export class OrderDesk {
  readonly #of: OrderDeskOptions

  constructor(of: OrderDeskOptions) {
    this.#of = of
  }

  /** Answers `POST /order`. */
  one(owner: Credentials, { body }: Asked): Answer {
    return this.#through(owner, [jsonOf(body)], results => {
      const [result] = results
      if (!result) return failure(400, 'Invalid order payload')
      return 'error' in result ? refusedAnswer(result) : said(this.#accepted(result))
    })
  }

  /** Answers `POST /orders`. */
  many(owner: Credentials, { body }: Asked): Answer {
    const entries = jsonOf(body)
    if (!Array.isArray(entries) || entries.length === 0)
      return failure(400, 'Invalid order payload')
    if (entries.length > BATCH_MAX)
      return failure(
        400,
        `Too many orders in payload: ${entries.length}, max allowed: ${BATCH_MAX}`,
      )
    return this.#through(owner, entries, results =>
      said(results.map(one => ('error' in one ? refusedEntry(one) : this.#accepted(one)))),
    )
  }

  #through(
    owner: Credentials,
    bodies: readonly unknown[],
    answered: (results: readonly (Placed | Refused)[]) => Answer,
  ): Answer {
    const { limiter } = this.#of
    const { isAllowed, headers } = limiter.take(owner.address, 'orders', bodies.length)
    const fault = this.#before()
    const without = fault ? fault[1] : isAllowed ? undefined : failure(429, 'Too Many Requests')
    if (without) {
      for (const body of bodies) this.#note(owner, body, without, { fault: fault?.[0] })
      return { ...without, headers: { ...headers, ...without.headers } }
    }
    const after = this.#after()
    // Half of a batch, and nothing of a single order, is done before it fails.
    const isHalf = after?.[0] === 'order-5xx-half-effect'
    const done = isHalf ? Math.floor(bodies.length / 2) : bodies.length
    const results = bodies.slice(0, done).map(body => this.#place(owner, body, after))
    if (after)
      for (const body of bodies.slice(done)) this.#note(owner, body, after[1], { fault: after[0] })
    const answer = after?.[1] ?? answered(results)
    return { ...answer, headers: { ...headers, ...answer.headers } }
  }

  /** What goes wrong before anything is done. */
  #before(): readonly [FaultKind, Answer] | undefined {
    const faults: readonly (readonly [FaultKind, Answer])[] = [
      ['order-timeout-before', UNANSWERED],
      ['order-425', putOff(425, 'matching engine is restarting', 1)],
      ['order-429', putOff(429, 'Too Many Requests', 1)],
      ['order-503', failure(503, 'trading is disabled')],
      ['order-5xx-without-effect', failure(500, 'could not insert order')],
      ['reject-orders', failure(400, REJECTED)],
    ]
    return faults.find(([kind]) => this.#of.faults.isOn(kind))
  }

  /** What goes wrong after all is done. */
  #after(): readonly [FaultKind, Answer] | undefined {
    const faults: readonly (readonly [FaultKind, Answer])[] = [
      ['order-5xx-with-effect', failure(500, 'Internal server error')],
      ['order-timeout-after-execution', UNANSWERED],
      ['order-reset-after-execution', { ...UNANSWERED, never: 'reset' }],
      ['order-5xx-half-effect', failure(500, 'Internal server error')],
    ]
    return faults.find(([kind]) => this.#of.faults.isOn(kind))
  }

  #place(
    owner: Credentials,
    body: unknown,
    after: readonly [FaultKind, Answer] | undefined,
  ): Placed | Refused {
    const { exchange, faults } = this.#of
    const order = orderFrom(body, owner, this.#of)
    const isRefused = 'error' in order
    const orderId = isRefused ? '' : order.id
    const isDuplicate = exchange.orders.has(orderId)
    const restarted = faults.since('order-425', POST_ONLY_MS)
    const result: Placed | Refused = isRefused
      ? order
      : restarted !== undefined && !order.isPostOnly
        ? { status: 503, error: POST_ONLY }
        : faults.isOn('closed-only') && order.side === 'BUY'
          ? { status: 400, error: `'${owner.address}' address in closed only mode` }
          : exchange.place(order, faults.isOn('order-delayed') ? DELAYED_MS : 0)
    const isExecuted = !isDuplicate && exchange.orders.has(orderId)
    const told = 'error' in result ? result : { status: 200, error: '' }
    const seen = after ? answerSeen(after[1]) : told
    const wrongId = faults.isOn('wrong-order-id') ? ('wrong-order-id' as const) : undefined
    const fault = after?.[0] ?? wrongId
    this.#note(owner, body, seen, { fault, orderId, isExecuted, isDuplicate })
    return result
  }

  #note(
    { address, apiKey }: Credentials,
    body: unknown,
    seen: Answer | Refused,
    of: {
      readonly fault: FaultKind | undefined
      readonly orderId?: string
      readonly isExecuted?: boolean
      readonly isDuplicate?: boolean
    },
  ): void {
    const { status, error } = 'error' in seen ? seen : answerSeen(seen)
    const { fault, orderId = '', isExecuted = false, isDuplicate = false } = of
    const atMs = this.#of.nowMs()
    this.#of.records.submitted({
      ...{ atMs, address, apiKey, orderId, body, status, error, isExecuted, isDuplicate, fault },
    })
  }

  #accepted({ order, trades, isDelayed }: Placed): object {
    const spent = trades.reduce((sum, { taker }) => sum + Math.abs(taker.cash), 0)
    const shares = trades.reduce((sum, { taker }) => sum + taker.size, 0)
    const [making, taking] = order.side === 'BUY' ? [spent, shares] : [shares, spent]
    const isMatched = trades.length > 0
    const isOther = this.#of.faults.isOn('wrong-order-id')
    return {
      ...{ success: true, errorMsg: '' },
      orderID: isOther ? `0x${'f'.repeat(8)}${order.id.slice(10)}` : order.id,
      status: isDelayed === true ? 'delayed' : isMatched ? 'matched' : 'live',
      makingAmount: isMatched ? sizeText(making) : '',
      takingAmount: isMatched ? sizeText(taking) : '',
      ...{ transactionsHashes: [], tradeIDs: trades.map(({ id }) => id) },
    }
  }
}

function answerSeen({ status, body }: Answer): Refused {
  return { status, error: /"error":"([^"]*)"/.exec(body)?.[1] ?? '' }
}

function refusedAnswer({ status, error }: Refused): Answer {
  if (error !== POST_ONLY) return failure(status, error)
  const seconds = POST_ONLY_MS / 1_000
  return {
    status,
    body: JSON.stringify({ error, code: 'post_only_mode', retry_after_seconds: seconds }),
    headers: { 'retry-after': String(seconds) },
  }
}

/** A refused order of a batch: what the market refuses is a success with a message, as the venue has it. */
const refusedEntry = ({ error }: Refused): object => ({
  ...{ success: !/payload|signature|owner|signer|version/.test(error), errorMsg: error },
  ...{ orderID: '', status: '', makingAmount: '', takingAmount: '' },
  ...{ transactionsHashes: [], tradeIDs: [] },
})
