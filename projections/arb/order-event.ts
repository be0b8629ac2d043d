import type { Reject } from '#schemas/reasons.js'
import type { Event } from '#schemas/registry.js'
import { tableOf, taken, type RowView } from '../view.js'
import { CREATED, jsonCell, RUN_ID } from './columns.js'

interface OrderEventRow {
  readonly id: string
  readonly order: string
  readonly type: string
  /** In the manner of HTTP; undefined where nobody was asked for anything. */
  readonly code: number | undefined
  readonly message: string
  readonly payload: string
  readonly tUs: number
}

/** What an event says of an order, without the order and its payload. */
type Said = Pick<OrderEventRow, 'type' | 'code' | 'message'>

const REJECTED: Readonly<Record<Reject, number>> = {
  ...{ 'no-market': 404, 'not-found': 404, unauthorized: 401, 'rate-limited': 429 },
  ...{ 'venue-unavailable': 503, 'below-min-size': 422, 'off-tick': 422, 'would-cross': 422 },
  ...{ 'not-fillable': 422, 'not-enough-shares': 422, 'not-signable': 422 },
  ...{ 'venue-refused': 400, withheld: 409 },
}

const arbOrderEvent: RowView<OrderEventRow[], OrderEventRow> = {
  name: 'arb_order_event',
  version: 1,
  initialState: () => [],
  evolve: (rows, { seq, tUs, event }) => {
    const said = saidOf(event)
    if (!said || !('order' in event.data)) return
    const { order, ...rest } = event.data
    const payload = jsonCell('body' in rest ? { venueOrder: rest.venueOrder } : rest)
    rows.push({ id: `${seq}`, order, ...said, payload, tUs })
  },
  drain: rows => taken(rows),
  rest: () => [],
}

/** `arb_order_event.csv`: all that happened to orders, one row for each event of the log. */
export const arbOrderEventFile = tableOf(arbOrderEvent, [
  RUN_ID,
  ['order_event_id', ({ id }) => id, 'text'],
  ['intent_id', ({ order }) => order, 'text'],
  ['event_type', ({ type }) => type, 'text'],
  ['status_code', ({ code }) => (code === undefined ? '' : `${code}`), 'integer'],
  ['message', ({ message }) => message, 'text'],
  ['payload', ({ payload }) => payload, 'text'],
  CREATED,
])

function saidOf(event: Event): Said | undefined {
  switch (event.type) {
    case 'OrderPlaced':
      return { type: 'placed', code: undefined, message: event.data.action }
    case 'OrderSigned':
      return { type: 'signed', code: undefined, message: '' }
    case 'OrderWithheld':
      return { type: 'withheld', code: 409, message: event.data.why }
    case 'OrderAcknowledged':
      return { type: 'acknowledged', code: 200, message: event.data.venueOrder }
    case 'OrderRejected': {
      const { reason, detail } = event.data
      const message = detail === '' ? reason : `${reason}: ${detail}`
      return { type: 'rejected', code: REJECTED[reason], message }
    }
    case 'OrderFilled':
      return { type: 'filled', code: 200, message: event.data.trade }
    case 'FillRefused':
      return { type: 'fill_refused', code: 409, message: event.data.reason }
    case 'FillVoided':
      return { type: 'fill_voided', code: 410, message: event.data.trade }
    case 'SettlementReported':
      return { type: `settlement_${event.data.state}`, code: undefined, message: event.data.trade }
    case 'CancelRequested':
      return { type: 'cancel_requested', code: undefined, message: event.data.why }
    case 'CancelRefused':
      return { type: 'cancel_refused', code: 404, message: event.data.detail }
    case 'OrderCancelled':
      return { type: 'cancelled', code: 200, message: event.data.why }
    case 'OrderQueried':
      return { type: 'queried', code: undefined, message: '' }
    case 'OrderStatusReported':
      return { type: 'status', code: 200, message: event.data.state }
    case 'OrderOutcomeUnknown':
      return { type: 'unknown', code: 504, message: event.data.why }
    case 'OrderClosed':
      return { type: 'closed', code: undefined, message: event.data.result }
    default:
      return undefined
  }
}
