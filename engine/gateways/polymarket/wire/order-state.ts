import { hashIn, isObject, microIn, textIn } from './texts.js'

/** An order as the venue tells it, over the user channel or REST. */
export interface OrderReport {
  readonly hash: string
  /** Whether it is in the book, on its way there, or over. */
  readonly state: 'resting' | 'delayed' | 'closed'
  /** 1e-6 share, in its life. */
  readonly filled: number
  /** Why, in the venue's words. */
  readonly status: string
}

/** What a frame of the user channel says of an order. */
export interface OrderFrame extends OrderReport {
  readonly type: 'placement' | 'update' | 'cancellation'
}

/**
 * Reads an order, or says what of it does not fit. The status is an open vocabulary: it is read by how it begins, and what is not known is
 * over, since nobody can say that it rests.
 * Source: Polymarket CLOB documentation and captured frames, 2024–2026.
 */
export function orderOf(value: unknown): OrderReport | { readonly odd: string } {
  if (!isObject(value)) return { odd: 'an order that is no object' }
  const hash = hashIn(value, 'id') ?? hashIn(value, 'orderID')
  if (hash === undefined) return { odd: 'an order without its id' }
  const filled = microIn(value, 'size_matched')
  if (filled === undefined)
    return { odd: `order ${hash} has size_matched '${textIn(value, 'size_matched').slice(0, 40)}'` }
  const status = textIn(value, 'status').replace(/^ORDER_STATUS_/, '')
  const state = /^LIVE/i.test(status) ? 'resting' : /^DELAYED/i.test(status) ? 'delayed' : 'closed'
  return { hash, state, filled, status }
}

/** Reads an `order` frame, or says what of it does not fit. */
export function orderFrameOf(value: unknown): OrderFrame | { readonly odd: string } {
  const report = orderOf(value)
  if ('odd' in report) return report
  const type = isObject(value) ? textIn(value, 'type') : ''
  switch (type) {
    case 'PLACEMENT':
      return { ...report, type: 'placement' }
    case 'UPDATE':
      return { ...report, type: 'update' }
    case 'CANCELLATION':
      return { ...report, type: 'cancellation', state: 'closed' }
    default:
      return { odd: `order ${report.hash} has type '${type.slice(0, 40)}'` }
  }
}
