import type { EventOf } from '#schemas/registry.js'
import type { OrderResult } from '#schemas/reasons.js'
import { BID } from '#schemas/levels.js'
import { costOf, proceedsOf } from '#schemas/units.js'
import { microCell, priceCell, sideCell } from '../csv.js'
import { finished, tableOf, type RowView } from '../view.js'
import type { World } from '../world.js'
import { CREATED, jsonCell, PLACED, RUN_ID } from './columns.js'
import { PlacedOrders, SHARED } from './placed.js'

interface IntentRow {
  readonly data: EventOf<'OrderPlaced'>['data']
  readonly tUs: number
  readonly mode: string
  readonly source: string
  readonly strategy: string
  readonly signal: string
  readonly index: number
  readonly market: string
  readonly token: string
  readonly edge: number | undefined
  status: string
  isDone: boolean
}

interface State {
  readonly rows: IntentRow[]
  readonly open: Map<string, IntentRow>
  readonly orders: PlacedOrders
}

const ENDS: Readonly<Record<OrderResult, string>> = {
  ...{ full: 'filled', partial: 'partially_filled', none: 'unfilled', rejected: 'rejected' },
  ...{ cancelled: 'cancelled', expired: 'expired', unknown: 'unknown' },
}

const arbOrderIntent: RowView<State, IntentRow> = {
  name: 'arb_order_intent',
  version: 1,
  initialState: () => ({ rows: [], open: new Map(), orders: new PlacedOrders() }),
  evolve: (state, row, world) => {
    const { event } = row
    state.orders.take(row, world)
    if (event.type === 'OrderPlaced') {
      const made = rowOf(event.data, row.tUs, { world, orders: state.orders })
      state.rows.push(made)
      state.open.set(event.data.order, made)
    } else if (event.type === 'OrderAcknowledged') {
      const known = state.open.get(event.data.order)
      if (known) known.status = 'submitted'
    } else if (event.type === 'OrderClosed') {
      const { order, result } = event.data
      const known = state.open.get(order)
      if (known) Object.assign(known, { status: ENDS[result], isDone: true })
      state.open.delete(order)
    }
  },
  drain: ({ rows }) => finished(rows),
  rest: ({ rows }) => [...rows],
}

/** `arb_order_intent.csv`: every order that was to leave. */
export const arbOrderIntentFile = tableOf(arbOrderIntent, [
  RUN_ID,
  ['intent_id', ({ data }) => data.order, 'text'],
  ['signal_id', ({ signal }) => signal, 'text'],
  ...PLACED,
  ['order_index', ({ index }) => `${index}`, 'integer'],
  ['market_id', ({ market }) => market, 'text'],
  ['token_id', ({ token }) => token, 'text'],
  ['side', ({ data }) => sideCell(data.side), 'text'],
  ['order_type', ({ data }) => data.tif ?? 'FAK', 'text'],
  ['limit_price', ({ data }) => priceCell(data.limit), 'price'],
  ['shares', ({ data }) => microCell(data.size), 'micro'],
  ['notional_usd', ({ data }) => microCell(notionalOf(data)), 'micro'],
  ['status', ({ status }) => status, 'text'],
  ['payload', row => jsonCell(payloadOf(row)), 'text'],
  CREATED,
])

/** At its limit: the most that a purchase costs, the least that a sale brings. */
const notionalOf = ({ side, limit, size }: IntentRow['data']): number =>
  side === BID ? costOf(limit, size) : proceedsOf(limit, size)

function rowOf(
  data: IntentRow['data'],
  tUs: number,
  { world, orders }: { world: World; orders: PlacedOrders },
): IntentRow {
  const { strategy, signal, index } = orders.of(data.order)
  const { mode, source } = world
  return {
    ...{ data, tUs, mode, source, strategy, signal, index },
    market: world.marketKey(world.marketOf(data.token)),
    token: world.tokenKey(data.token),
    edge: world.signals.get(signal)?.edge,
    ...{ status: 'new', isDone: false },
  }
}

function payloadOf({ data, edge }: IntentRow) {
  const { signal: owner, action, leg, attempt, rung, scope = SHARED, post, until, purpose } = data
  return {
    ...{ owner, scope, action, leg, attempt, rung },
    ...(edge !== undefined && { signal_edge_bps: edge }),
    ...(post !== undefined && { post_only: post }),
    ...(until !== undefined && { until_us: until }),
    ...(purpose !== undefined && { purpose }),
  }
}
