import { microCell } from '../csv.js'
import { tableOf, taken, type RowView } from '../view.js'
import { CashLedger, type CashEntry } from './cash.js'
import { CREATED, jsonCell, PLACED, RUN_ID, type Place } from './columns.js'

interface State {
  readonly ledger: CashLedger
  readonly rows: CashRow[]
}

interface CashRow extends CashEntry, Place {
  /** The purse. */
  readonly strategy: string
}

const arbCashLedger: RowView<State, CashRow> = {
  name: 'arb_cash_ledger',
  version: 1,
  initialState: () => ({ ledger: new CashLedger(), rows: [] }),
  evolve: ({ ledger, rows }, row, world) => {
    ledger.take(row, world)
    const { mode, source } = world
    for (const entry of taken(ledger.entries))
      rows.push({ ...entry, mode, source, strategy: entry.scope })
  },
  drain: ({ rows }) => taken(rows),
  rest: () => [],
}

/** `arb_cash_ledger.csv`: every change of cash, with what was there before and after. */
export const arbCashLedgerFile = tableOf(arbCashLedger, [
  RUN_ID,
  ['ledger_id', ({ id }) => id, 'text'],
  ...PLACED,
  ['entry_type', ({ type }) => type, 'text'],
  ['amount_usd', ({ amount }) => microCell(amount), 'micro'],
  ['balance_before_usd', ({ before }) => microCell(before), 'micro'],
  ['balance_after_usd', ({ after }) => microCell(after), 'micro'],
  ['ref_signal_id', ({ signal }) => signal, 'text'],
  ['ref_intent_id', ({ order }) => order, 'text'],
  ['payload', ({ payload }) => jsonCell(payload), 'text'],
  CREATED,
])
