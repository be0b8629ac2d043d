import type { Recorded } from '#schemas/recorded.js'
import type { World } from '../world.js'
import { CashLedger } from './cash.js'
import { riskEventsOf, type Severity } from './risk-event.js'
import { SignalRows, type SignalRow } from './signal.js'
import { tradeRowsOf, type TradeRow } from './trade-result.js'
import { Trades } from './trades.js'

/** A fill as reports count it; what is taken back counts below nothing. Money in 1e-6 dollar. */
export interface FillFact {
  readonly strategy: string
  readonly tUs: number
  readonly notional: number
  readonly fee: number
}

/** Something that risk said, as reports count it. */
export interface RiskFact {
  readonly tUs: number
  readonly reason: string
  readonly severity: Severity
}

/** Where the money of a run is at its end, 1e-6 dollar: `cash + positions = deposits + adopted + realised`. */
export interface Balance {
  readonly deposits: number
  /** What was held before the run began, at what it counted for. */
  readonly adopted: number
  readonly realised: number
  readonly cash: number
  /** At cost, fees included. */
  readonly positions: number
}

/** What reports say of one run. */
export interface RunFacts {
  readonly mode: string
  readonly source: string
  readonly firstUs: number
  readonly lastUs: number
  readonly signals: readonly SignalRow[]
  /** Time from a signal to the first word of the exchange about an order of it, µs, by signal. */
  readonly answeredUs: ReadonlyMap<string, number>
  readonly trades: readonly TradeRow[]
  readonly fills: readonly FillFact[]
  readonly risk: readonly RiskFact[]
  readonly balance: Balance
}

/** Collects what reports say of a run. Owned by whoever folds it. */
export class RunFactsFold {
  readonly #signals = new SignalRows()
  readonly #raised = new Map<string, number>()
  readonly #answered = new Map<string, number>()
  readonly #trades = new Trades()
  readonly #cash = new CashLedger()
  readonly #fills: FillFact[] = []
  readonly #risk: RiskFact[] = []
  #adopted = 0
  #firstUs: number | undefined

  take(row: Recorded, world: World): void {
    this.#firstUs ??= row.tUs
    this.#signals.take(row, world)
    this.#trades.take(row, world)
    this.#cash.take(row, world)
    const { event, tUs } = row
    for (const { reason, severity } of riskEventsOf(row, world))
      this.#risk.push({ tUs, reason, severity })
    switch (event.type) {
      case 'SignalRaised':
        this.#raised.set(event.data.signal, tUs)
        return
      case 'OrderAcknowledged':
      case 'OrderRejected':
        this.#answer(event.data.order, tUs)
        return
      case 'OrderFilled':
        this.#answer(event.data.order, tUs)
        this.#fill(event.data, tUs, 1)
        return
      case 'FillVoided':
        this.#fill(event.data, tUs, -1)
        return
      case 'PositionAdopted':
        this.#adopted += event.data.cost
        return
      default:
    }
  }

  /** What it found, as it stands where the world does. */
  facts(world: World): RunFacts {
    const { lots } = this.#trades
    const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0)
    const deposits = this.#cash.entries.filter(({ type }) => type === 'deposit')
    return {
      ...{ mode: world.mode, source: world.source },
      ...{ firstUs: this.#firstUs ?? 0, lastUs: world.tUs },
      ...{ signals: this.#signals.rows, answeredUs: this.#answered },
      trades: tradeRowsOf(this.#trades, world),
      ...{ fills: this.#fills, risk: this.#risk },
      balance: {
        deposits: sum(deposits.map(({ amount }) => amount)),
        adopted: this.#adopted,
        realised: sum(lots.all.map(({ realised }) => realised)),
        cash: sum(this.#cash.balances.values()),
        positions: sum(lots.all.map(({ basis }) => basis)),
      },
    }
  }

  #answer(order: string, tUs: number): void {
    const { signal } = this.#trades.lots.orders.of(order)
    const raised = this.#raised.get(signal)
    if (raised !== undefined && !this.#answered.has(signal))
      this.#answered.set(signal, tUs - raised)
  }

  #fill(
    { order, cash, fee }: { order: string; cash: number; fee: number },
    tUs: number,
    sign: 1 | -1,
  ): void {
    const { strategy } = this.#trades.lots.orders.of(order)
    this.#fills.push({ strategy, tUs, notional: sign * Math.abs(cash), fee: sign * fee })
  }
}
