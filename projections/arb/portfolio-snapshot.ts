import { microCell } from '../csv.js'
import { PurseHoldings } from '../purse-holdings.js'
import { tableOf, taken, type RowView } from '../view.js'
import type { World } from '../world.js'
import { CashLedger } from './cash.js'
import { CREATED, jsonCell, RUN_ID, type Place } from './columns.js'
import { Lots } from './lots.js'

/** Purses are shown this long after something of them moved, at the earliest, µs of event time. */
const EVERY_US = 60_000_000

interface Snapshot extends Place {
  readonly scope: string
  readonly cash: number
  /** Positions at cost, fees included. */
  readonly exposure: number
  /** Cash and what is held at its worth now. */
  readonly nav: number
  readonly lots: number
  readonly realised: number
  readonly tUs: number
}

interface State {
  readonly cash: CashLedger
  readonly lots: Lots
  readonly holdings: PurseHoldings
  readonly rows: Snapshot[]
  /** Purses that moved since they were shown. */
  readonly moved: Set<string>
  shownUs: number
}

const arbPortfolioSnapshot: RowView<State, Snapshot> = {
  name: 'arb_portfolio_snapshot',
  version: 1,
  initialState: () => ({
    ...{ cash: new CashLedger(), lots: new Lots(), holdings: new PurseHoldings(), rows: [] },
    ...{ moved: new Set(), shownUs: -EVERY_US },
  }),
  evolve: (state, row, world) => {
    // What is shown at this moment is what was there before it.
    if (state.moved.size > 0 && row.tUs - state.shownUs >= EVERY_US) show(state, world)
    state.cash.take(row, world)
    for (const { scope } of taken(state.cash.entries)) state.moved.add(scope)
    state.lots.take(row, world)
    state.holdings.take(row.event)
  },
  drain: ({ rows }) => taken(rows),
  rest: (state, world) => snapshotsOf(state, world),
}

/** `arb_portfolio_snapshot.csv`: each purse a minute at the earliest after it moved, and at the end. */
export const arbPortfolioSnapshotFile = tableOf(arbPortfolioSnapshot, [
  RUN_ID,
  ['mode', ({ mode }) => mode, 'text'],
  ['source_code', ({ source }) => source, 'text'],
  ['scope', ({ scope }) => scope, 'text'],
  ['cash_balance', ({ cash }) => microCell(cash), 'micro'],
  ['exposure', ({ exposure }) => microCell(exposure), 'micro'],
  ['nav_mtm', ({ nav }) => microCell(nav), 'micro'],
  ['open_lots', ({ lots }) => `${lots}`, 'integer'],
  ['payload', ({ realised }) => jsonCell({ realized_net_micro: realised }), 'text'],
  CREATED,
])

function show(state: State, world: World): void {
  state.rows.push(...snapshotsOf(state, world).filter(({ scope }) => state.moved.has(scope)))
  state.moved.clear()
  state.shownUs = world.tUs
}

function snapshotsOf({ cash, lots, holdings }: State, world: World): Snapshot[] {
  const { mode, source, tUs } = world
  return [...cash.balances].map(([scope, balance]) => {
    const own = lots.all.filter(({ of }) => of.scope === scope)
    const open = own.filter(({ remaining }) => remaining > 0)
    const held = holdings.purses.get(scope)
    const pnl = held?.pnl(
      token => world.bidOf(token),
      tokens => world.setsAmong(tokens),
    )
    const cost = [...(held?.byToken.values() ?? [])].reduce((sum, of) => sum + of.cost, 0)
    return {
      ...{ mode, source, scope, cash: balance, lots: open.length, tUs },
      exposure: open.reduce((sum, { basis }) => sum + basis, 0),
      nav: balance + cost + (pnl?.open ?? 0),
      realised: own.reduce((sum, of) => sum + of.realised, 0),
    }
  })
}
