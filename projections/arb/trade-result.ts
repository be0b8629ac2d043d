import { microCell } from '../csv.js'
import { tableOf, type RowView } from '../view.js'
import { CREATED, isoCell, jsonCell, minutesOf, PLACED, RUN_ID, type Place } from './columns.js'
import { sumOf, Trades, type Trade, type TradeSum } from './trades.js'

/** A trade as reports see it. Money in 1e-6 dollar, times in µs. */
export interface TradeRow extends Place, TradeSum {
  readonly trade: Trade
  readonly strategy: string
  /** When its entry was over; where it is not yet, when it began. */
  readonly tUs: number
  /** From its first fill to its end, or to the end of the log, µs. */
  readonly heldUs: number
}

/** The trades of a run as they stand at the end of the log. */
export function tradeRowsOf(
  { all }: Trades,
  { mode, source, tUs: endUs }: Place & { readonly tUs: number },
): readonly TradeRow[] {
  return all.map(trade => {
    const sum = sumOf(trade)
    const tUs = trade.attachment?.tUs ?? sum.openedUs
    const heldUs = (sum.closedUs ?? endUs) - sum.openedUs
    return { trade, ...sum, mode, source, strategy: trade.strategy, tUs, heldUs }
  })
}

const arbTradeResult: RowView<Trades, TradeRow> = {
  name: 'arb_trade_result',
  version: 1,
  initialState: () => new Trades(),
  evolve: (trades, row, world) => {
    trades.take(row, world)
  },
  drain: () => [],
  rest: (trades, world) => tradeRowsOf(trades, world),
  isWhole: true,
}

/** `arb_trade_result.csv`: what was bought, and what came of it. */
export const arbTradeResultFile = tableOf(arbTradeResult, [
  RUN_ID,
  ['trade_id', ({ trade }) => trade.id, 'text'],
  ['signal_id', ({ trade }) => trade.signal, 'text'],
  ...PLACED,
  ['status', ({ status }) => status, 'text'],
  ['gross_pnl_usd', ({ gross }) => microCell(gross), 'micro'],
  ['fees_usd', ({ fees }) => microCell(fees), 'micro'],
  ['slippage_usd', ({ trade }) => microCell(trade.slippage), 'micro'],
  ['net_pnl_usd', ({ net }) => microCell(net), 'micro'],
  ['capital_used_usd', ({ capital }) => microCell(capital), 'micro'],
  ['hold_minutes', ({ heldUs }) => microCell(minutesOf(heldUs)), 'micro'],
  ['opened_at', ({ openedUs }) => isoCell(openedUs), 'text'],
  ['closed_at', ({ closedUs }) => isoCell(closedUs), 'text'],
  ['metadata', row => jsonCell(metadataOf(row)), 'text'],
  CREATED,
])

/** The ways to say what a trade earned. */
export const PNL_MODELS = ['realised', 'entry_only', 'mark_to_book', 'hybrid'] as const
/** One of them. */
export type PnlModel = (typeof PNL_MODELS)[number]

/** A trade that was held no longer counts by the book in the model `hybrid`: one minute, in µs. */
const SHORT_US = 60_000_000

/** What a trade earned by a model. The models of the earlier system look at the entry alone, and take its fees off. */
export function earnedBy(
  model: PnlModel,
  row: TradeRow,
): { gross: number; fees: number; net: number } {
  if (model === 'realised') return { gross: row.gross, fees: row.fees, net: row.net }
  const { bookGross = 0, entryFees: fees = 0 } = row.trade.attachment ?? {}
  // A conversion cannot be sold into the books of what was bought: only its end says what it earned.
  const isByBook =
    row.strategy !== 'C' &&
    (model === 'mark_to_book' || (model === 'hybrid' && row.heldUs <= SHORT_US))
  const gross = isByBook ? bookGross : 0
  return { gross, fees, net: gross - fees }
}

function metadataOf(row: TradeRow) {
  const { attachment: of } = row.trade
  const expected = of ? of.expectedGross - of.entryFees : 0
  return {
    pnl_model: 'realised',
    result: of?.result ?? 'in_work',
    expected_gross_micro: of?.expectedGross ?? 0,
    expected_net_micro: expected,
    mark_to_book_gross_micro: of?.bookGross ?? 0,
    mark_to_book_net_micro: of ? of.bookGross - of.entryFees : 0,
    realized_gross_micro: row.gross,
    realized_net_micro: row.net,
    pnl_gap_vs_expected_micro: row.net - expected,
    fees_paid_micro: row.feesPaid,
    slippage_micro: row.trade.slippage,
  }
}
