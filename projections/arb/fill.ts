import type { EventOf } from '#schemas/registry.js'
import { microCell, priceCell, sideCell } from '../csv.js'
import { tableOf, taken, type RowView } from '../view.js'
import { CREATED, RUN_ID } from './columns.js'
import { fillId } from './lots.js'

interface FillRow {
  readonly data: EventOf<'OrderFilled'>['data'] | EventOf<'FillVoided'>['data']
  readonly market: string
  readonly token: string
  /** -1: a fill that is taken back, so that sums are right. */
  readonly sign: 1 | -1
  readonly tUs: number
}

const arbFill: RowView<FillRow[], FillRow> = {
  name: 'arb_fill',
  version: 1,
  initialState: () => [],
  evolve: (rows, { event, tUs }, world) => {
    if (event.type !== 'OrderFilled' && event.type !== 'FillVoided') return
    const { data } = event
    const market = world.marketKey(world.marketOf(data.token))
    const sign = event.type === 'OrderFilled' ? 1 : -1
    rows.push({ data, market, token: world.tokenKey(data.token), sign, tUs })
  },
  drain: rows => taken(rows),
  rest: () => [],
}

const signed = (n: number, sign: 1 | -1): string => microCell(n === 0 ? 0 : sign * n)

/** `arb_fill.csv`: every fill that was booked; one that failed to settle has a second row that takes it back. */
export const arbFillFile = tableOf(arbFill, [
  RUN_ID,
  [
    'fill_id',
    row => fillId(row.data.order, row.data.trade) + (row.sign < 0 ? ':void' : ''),
    'text',
  ],
  ['intent_id', ({ data }) => data.order, 'text'],
  ['market_id', ({ market }) => market, 'text'],
  ['token_id', ({ token }) => token, 'text'],
  ['side', ({ data }) => sideCell(data.side), 'text'],
  ['fill_price', ({ data }) => priceCell(data.price), 'price'],
  ['fill_size', ({ data, sign }) => signed(data.size, sign), 'micro'],
  ['fill_notional_usd', ({ data, sign }) => signed(Math.abs(data.cash), sign), 'micro'],
  ['fee_usd', ({ data, sign }) => signed(data.fee, sign), 'micro'],
  CREATED,
])
