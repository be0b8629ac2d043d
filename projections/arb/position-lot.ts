import { BID } from '#schemas/levels.js'
import { mulDivFloor } from '#schemas/units.js'
import { microCell, priceCell, sideCell } from '../csv.js'
import { tableOf, type RowView } from '../view.js'
import { isoCell, PLACED, RUN_ID, type Place } from './columns.js'
import type { Lot } from './lot.js'
import { Lots } from './lots.js'

interface LotRow extends Place {
  readonly lot: Lot
  readonly strategy: string
}

const arbPositionLot: RowView<Lots, LotRow> = {
  name: 'arb_position_lot',
  version: 1,
  initialState: () => new Lots(),
  evolve: (lots, row, world) => {
    lots.take(row, world)
  },
  drain: () => [],
  rest: ({ all }, { mode, source }) =>
    all.map(lot => ({ lot, mode, source, strategy: lot.of.strategy })),
  isWhole: true,
}

/** `arb_position_lot.csv`: the shares that each fill brought, and what became of them. */
export const arbPositionLotFile = tableOf(arbPositionLot, [
  RUN_ID,
  ['position_id', ({ lot }) => lot.of.id, 'text'],
  ...PLACED,
  ['market_id', ({ lot }) => lot.of.market, 'text'],
  ['token_id', ({ lot }) => lot.of.tokenKey, 'text'],
  ['side', ({ lot }) => sideCell(lot.of.side), 'text'],
  ['open_intent_id', ({ lot }) => lot.of.order, 'text'],
  ['open_price', ({ lot }) => priceCell(lot.of.price), 'price'],
  ['open_size', ({ lot }) => microCell(lot.of.size), 'micro'],
  ['open_notional_usd', ({ lot }) => microCell(lot.of.notional), 'micro'],
  ['remaining_size', ({ lot }) => microCell(lot.remaining), 'micro'],
  ['status', ({ lot }) => statusOf(lot), 'text'],
  ['opened_at', ({ lot }) => isoCell(lot.of.tUs), 'text'],
  ['closed_at', ({ lot }) => isoCell(lot.closedUs), 'text'],
  ['close_price', ({ lot }) => closePriceCell(lot), 'price'],
  ['realized_pnl_usd', ({ lot }) => microCell(lot.realised), 'micro'],
])

function statusOf({ isVoid, remaining, of }: Lot): string {
  if (isVoid) return 'voided'
  return remaining === 0 ? 'closed' : remaining < of.size ? 'partially_closed' : 'open'
}

/** What closed of it brought for a share, rounded down; what it took to buy back, rounded up. */
function closePriceCell({ isVoid, remaining, returned, of }: Lot): string {
  const closed = of.size - remaining
  if (isVoid || closed === 0) return ''
  const at =
    of.side === BID
      ? mulDivFloor(returned, 10_000, closed)
      : -mulDivFloor(-returned, 10_000, closed)
  return priceCell(at === 0 ? 0 : at)
}
