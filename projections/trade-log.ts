import { BID, type Side } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import { kindOf, type Event, type EventOf } from '#schemas/registry.js'
import { codeOf, codesCell, microCell, msCell, priceCell, sideCell } from './csv.js'
import { finished, tableOf, type Column, type RowView } from './view.js'
import { signalOf } from './owners.js'
import type { World } from './world.js'

type TradeAction =
  | 'FIRE'
  | 'CHASE'
  | 'FLATTEN'
  | 'QUOTE'
  | 'ORDER'
  | 'EXIT'
  | 'COOLDOWN'
  | 'VOID'
  | 'DEDUP_SIGNAL'
  | 'HARDSTOP'
type FillStatus = 'NONE' | 'PARTIAL' | 'FULL'

interface OrderPart {
  readonly id: string
  readonly seq: number
  /** Attempt within its action, from 1. */
  readonly attempt: number
  readonly leg: number
  readonly token: string
  readonly side: Side
  readonly limit: number
  readonly size: number
  ack: 'PENDING' | 'ACCEPTED' | 'REJECTED' | 'UNKNOWN'
  filled: number
  /** Sum of price × size, exact. */
  notional: bigint
}

/** One row: an order attempt with its result, or a rest, a repeat or a stop. */
export interface Trade {
  readonly tUs: number
  readonly mode: 'live' | 'sim'
  readonly signal: string
  readonly market: string
  readonly strategy: string
  readonly bucket: string
  readonly edge: string
  readonly action: TradeAction
  readonly order: OrderPart | undefined
  readonly reasons: string[]
  isDone: boolean
}

interface State {
  /** Rows in the order in which they began; an order holds back those behind it until it is over. */
  readonly rows: Trade[]
  /** Orders whose outcome is unknown: a late report may still fill them, so they are written last. */
  readonly unknown: Trade[]
  /** Orders that may still be spoken of: open, unknown, or rejected (a venue may contradict itself). */
  readonly orders: Map<string, Trade>
  /** Which signal an event of this turn belongs to. */
  readonly origins: Map<number, string>
}

/** What we did: a row for each order attempt with its result, for each rest and repeat, and for the stop. */
export const tradeLog: RowView<State, Trade> = {
  name: 'trade_log',
  version: 1,
  initialState: () => ({ rows: [], unknown: [], orders: new Map(), origins: new Map() }),
  evolve: (state, row, world) => {
    remember(state, row)
    take(state, row, world)
  },
  drain: state => finished(state.rows),
  rest: ({ rows, unknown }) => [...rows, ...unknown],
}

const ofOrder =
  (cell: (order: OrderPart) => string) =>
  ({ order }: Trade): string =>
    order ? cell(order) : ''

/** The 22 columns. */
const COLUMNS: readonly Column<Trade>[] = [
  ['ts_ms', ({ tUs }) => msCell(tUs), 'integer'],
  ['run_id', (_, runId) => runId, 'text'],
  ['mode', ({ mode }) => mode, 'text'],
  ['signal_id', ({ signal }) => signal, 'text'],
  ['market_id', ({ market }) => market, 'text'],
  ['strategy', ({ strategy }) => strategy, 'text'],
  ['bucket', ({ bucket }) => bucket, 'text'],
  ['expected_net_bps', ({ edge }) => edge, 'integer'],
  ['action', ({ action }) => action, 'text'],
  ['attempt', ofOrder(({ attempt }) => String(attempt)), 'integer'],
  ['leg_index', ofOrder(({ leg }) => String(leg)), 'integer'],
  ['token_id', ofOrder(({ token }) => token), 'text'],
  ['side', ofOrder(({ side }) => sideCell(side)), 'text'],
  ['limit_price', ofOrder(({ limit }) => priceCell(limit)), 'price'],
  ['req_qty', ofOrder(({ size }) => microCell(size)), 'micro'],
  ['order_id', ofOrder(({ id }) => id), 'text'],
  ['ack_status', ofOrder(({ ack }) => ack), 'text'],
  ['filled_qty', ofOrder(({ filled }) => microCell(filled)), 'micro'],
  ['avg_price', ofOrder(averageCell), 'price'],
  ['fill_status', statusOf, 'text'],
  ['result', row => (row.action === 'HARDSTOP' ? 'HARDSTOP' : statusOf(row)), 'text'],
  ['reason_codes', ({ reasons }) => codesCell(reasons), 'text'],
]

/** `trade_log.csv`. */
export const tradeLogFile = tableOf(tradeLog, COLUMNS)

function take(state: State, row: Recorded, world: World): void {
  const { event } = row
  switch (event.type) {
    case 'OrderPlaced':
      place(state, row, event, world)
      return
    case 'OrderAcknowledged':
      change(state, event.data.order, order => (order.ack = 'ACCEPTED'))
      return
    case 'OrderRejected':
      change(state, event.data.order, order => (order.ack = 'REJECTED'), event.data.reason)
      return
    case 'OrderFilled':
      fill(state, row, event)
      return
    case 'FillVoided':
      note(state, row, world, {
        ...{ action: 'VOID', signal: signalOf(event.data.order), why: 'fill-voided' },
      })
      return
    case 'FillRefused':
      change(state, event.data.order, () => undefined, event.data.reason)
      return
    case 'OrderClosed':
      close(state, event.data)
      return
    case 'CooldownStarted':
      note(state, row, world, { action: 'COOLDOWN', signal: event.data.signal, why: 'started' })
      return
    case 'SignalDropped':
      if (event.data.reason !== 'cooldown') return
      note(state, row, world, { action: 'COOLDOWN', signal: event.data.signal, why: 'dropped' })
      return
    case 'DedupSignal':
      note(state, row, world, { action: 'DEDUP_SIGNAL', signal: event.data.signal, why: '' })
      return
    case 'HardStopTripped': {
      const signal = state.origins.get(row.cause) ?? ''
      note(state, row, world, { action: 'HARDSTOP', signal, why: event.data.why })
      return
    }
    default:
  }
}

function place(
  state: State,
  { seq, tUs }: Recorded,
  { data }: EventOf<'OrderPlaced'>,
  world: World,
): void {
  const row: Trade = {
    ...headOf(world, data.signal),
    tUs,
    action: ACTION_OF[data.action],
    order: {
      id: data.order,
      seq,
      attempt: data.rung,
      leg: data.leg,
      token: world.tokenKey(data.token),
      side: data.side,
      limit: data.limit,
      size: data.size,
      ack: 'PENDING',
      filled: 0,
      notional: 0n,
    },
    reasons: [],
    isDone: false,
  }
  state.rows.push(row)
  state.orders.set(data.order, row)
}

const ACTION_OF = {
  fire: 'FIRE',
  chase: 'CHASE',
  flatten: 'FLATTEN',
  quote: 'QUOTE',
  order: 'ORDER',
  exit: 'EXIT',
} as const

function change(state: State, id: string, to: (order: OrderPart) => void, reason?: string): void {
  const row = state.orders.get(id)
  if (!row?.order) return
  to(row.order)
  if (reason !== undefined) row.reasons.push(codeOf(reason))
}

function close(state: State, { order: id, result }: EventOf<'OrderClosed'>['data']): void {
  const row = state.orders.get(id)
  if (!row?.order) return
  // Fills may come before the acknowledgement: then they are one.
  const isSilent = row.order.ack === 'PENDING'
  if (isSilent) row.order.ack = row.order.filled > 0 ? 'ACCEPTED' : 'UNKNOWN'
  if (result === 'unknown') {
    row.reasons.push('UNKNOWN_OUTCOME')
    state.unknown.push(...state.rows.splice(state.rows.indexOf(row), 1))
    return
  }
  row.isDone = true
  if (result !== 'rejected') state.orders.delete(id)
}

/** A fill after its order was rejected has a row of its own: what was written is never changed. */
function fill(state: State, { tUs }: Recorded, { data }: EventOf<'OrderFilled'>): void {
  const row = state.orders.get(data.order)
  if (!row?.order) return
  const notional = BigInt(data.price) * BigInt(data.size)
  if (row.isDone) {
    const order = { ...row.order, filled: data.size, notional }
    state.rows.push({ ...row, tUs, order, reasons: [...row.reasons, 'LATE_FILL'] })
    return
  }
  row.order.filled += data.size
  row.order.notional += notional
}

function note(
  state: State,
  { tUs }: Recorded,
  world: World,
  { action, signal, why }: { action: TradeAction; signal: string; why: string },
): void {
  const prefix = action === 'COOLDOWN' ? 'COOLDOWN_' : ''
  const reasons = why === '' ? [] : [prefix + codeOf(why)]
  const row = { ...headOf(world, signal), tUs, action, order: undefined, reasons, isDone: true }
  state.rows.push(row)
}

function headOf(world: World, id: string) {
  const signal = world.signals.get(id)
  const mode = world.mode === 'live' ? ('live' as const) : ('sim' as const)
  return {
    mode,
    signal: id,
    market: world.marketKey(signal?.market),
    strategy: signal?.strategy ?? '',
    bucket: signal?.bucket ?? '',
    edge: signal ? String(signal.edge) : '',
  }
}

/** Within a turn: which signal each event belongs to, so that a stop finds the one that caused it. */
function remember(state: State, { seq, cause, event }: Recorded): void {
  const kind = kindOf(event.type)
  if (kind !== 'decision' && state.origins.size > 0) state.origins.clear()
  if (kind === 'feed') return // it is about no order of ours
  const signal = signalIn(state, event) ?? signalOfDeadline(state, cause, event)
  if (signal !== undefined) state.origins.set(seq, signal)
}

function signalIn(state: State, { data }: Event): string | undefined {
  if ('signal' in data) return data.signal
  return 'order' in data ? state.orders.get(data.order)?.signal : undefined
}

function signalOfDeadline(state: State, cause: number, { type }: Event): string | undefined {
  if (type !== 'ClockTicked') return undefined
  for (const { order, signal } of state.orders.values()) if (order?.seq === cause) return signal
  return undefined
}

function statusOf({ order }: Trade): FillStatus {
  if (!order || order.filled === 0) return 'NONE'
  return order.filled < order.size ? 'PARTIAL' : 'FULL'
}

/** Cash over shares: a cost rounds up, proceeds down. */
function averageCell({ filled, notional, side }: OrderPart): string {
  if (filled === 0) return ''
  const size = BigInt(filled)
  return priceCell(Number((side === BID ? notional + size - 1n : notional) / size))
}
