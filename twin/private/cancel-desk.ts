import { failure, jsonOf, putOff, said, UNANSWERED, type Answer, type Asked } from '../answer.js'
import type { Credentials } from '../auth/credentials.js'
import type { Exchange } from '../exchange/exchange.js'
import type { TwinOrder } from '../exchange/order.js'
import type { Faults } from '../faults.js'
import type { Limiter } from '../rate-limits.js'
import type { Records } from './records.js'

/** What a cancel desk works with. */
export interface CancelDeskOptions {
  readonly exchange: Exchange
  readonly faults: Faults
  readonly limiter: Limiter
  readonly records: Records
  readonly nowMs: () => number
}

/** Most orders that one request may cancel (the venue's OpenAPI, 2026). */
const CANCELS_MAX = 1_000
/** How much later a fill is told that was made before its order was cancelled, ms. */
const TOLD_LATE_MS = 500
/** 1e-6 share in the finest step of an order's size. */
const STEP = 10_000

/** Where orders are taken back. */
export class CancelDesk {
  readonly #of: CancelDeskOptions

  constructor(of: CancelDeskOptions) {
    this.#of = of
  }

  /** Answers `DELETE /order`. */
  one(owner: Credentials, { body }: Asked): Answer {
    const value = jsonOf(body)
    const id =
      typeof value === 'object' && value !== null && 'orderID' in value ? value.orderID : undefined
    return isId(id) ? this.#through(owner, [id]) : failure(400, 'Invalid orderID')
  }

  /** Answers `DELETE /orders`. */
  many(owner: Credentials, { body }: Asked): Answer {
    const ids = jsonOf(body)
    if (!Array.isArray(ids) || !ids.every(isId)) return failure(400, 'Invalid order payload')
    if (ids.length > CANCELS_MAX)
      return failure(400, `Too many orders in payload, max allowed: ${CANCELS_MAX}`)
    return this.#through(owner, ids)
  }

  /** Answers `DELETE /cancel-all`. */
  all(owner: Credentials): Answer {
    return this.#through(owner, this.#idsOf(owner))
  }

  /** Answers `DELETE /cancel-market-orders`: of a market, a token, or both. */
  inMarket(owner: Credentials, { body }: Asked): Answer {
    const value: unknown = jsonOf(body)
    if (typeof value !== 'object' || value === null) return failure(400, 'Invalid order payload')
    const { market, asset_id: asset } = value as Readonly<Record<string, unknown>>
    const isMeant = (order: TwinOrder): boolean =>
      (market === undefined || market === '' || order.market.conditionId === market) &&
      (asset === undefined || asset === '' || order.asset === asset)
    return this.#through(owner, this.#idsOf(owner, isMeant))
  }

  #idsOf({ address }: Credentials, isMeant: (order: TwinOrder) => boolean = () => true): string[] {
    return this.#of.exchange
      .open(address)
      .filter(isMeant)
      .map(({ id }) => id)
  }

  #through(owner: Credentials, ids: readonly string[]): Answer {
    const { limiter, faults } = this.#of
    const { isAllowed, headers } = limiter.take(owner.address, 'cancels', Math.max(1, ids.length))
    if (!isAllowed) return { ...failure(429, 'Too Many Requests'), headers }
    if (faults.isOn('order-425')) return putOff(425, 'matching engine is restarting', 1)
    if (faults.isOn('cancel-5xx-without-effect')) return failure(500, 'Internal server error')
    if (faults.isOn('cancel-timeout-before')) return UNANSWERED
    const answer = said(this.#cancel(owner, ids))
    if (faults.isOn('cancel-5xx-with-effect')) return failure(500, 'Internal server error')
    if (faults.isOn('cancel-timeout-after-execution')) return UNANSWERED
    return { ...answer, headers }
  }

  #cancel({ address }: Credentials, ids: readonly string[]): object {
    const { exchange, records, nowMs } = this.#of
    const canceled: string[] = []
    const refused: Record<string, string> = {}
    for (const id of new Set(ids)) {
      const order = exchange.orders.get(id)
      const isTheirs = order?.owner.address === address
      if (isTheirs) this.#fillBefore(order)
      const isCancelled = isTheirs && exchange.cancel(order)
      const why = isTheirs ? 'already canceled or matched' : 'Order not found or already canceled'
      if (isCancelled) canceled.push(id)
      else refused[id] = why
      records.cancelled({
        ...{ atMs: nowMs(), address, orderId: id, isCancelled, why: isCancelled ? '' : why },
      })
    }
    return { canceled, not_canceled: refused }
  }

  /** By script: half of what rests is filled just before, and told after the cancel is confirmed. */
  #fillBefore(order: TwinOrder): void {
    const { exchange, faults } = this.#of
    if (!faults.isOn('fill-after-cancel')) return
    const half = Math.floor((order.size - order.matched) / 2 / STEP) * STEP
    if (half === 0) return
    exchange.floor.lateMs = TOLD_LATE_MS
    exchange.fill(order, half)
    exchange.floor.lateMs = 0
  }
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^0x[0-9a-fA-F]{64}$/.test(value)
