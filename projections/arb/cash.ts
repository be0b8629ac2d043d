import type { DecisionConfig } from '#schemas/config.js'
import { completed } from '#schemas/config.js'
import { BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { World } from '../world.js'
import { PlacedOrders, SHARED } from './placed.js'

/** Why cash of a purse changed. */
export type CashEntryType =
  | 'deposit'
  | 'buy_cost'
  | 'sell_proceeds'
  | 'fee'
  | 'settlement_payout'
  | 'fill_voided'
  | 'merge_proceeds'
  | 'gas'

/** One change of a purse's cash, in 1e-6 dollar. */
export interface CashEntry {
  readonly id: string
  readonly tUs: number
  readonly scope: string
  readonly type: CashEntryType
  readonly amount: number
  readonly before: number
  readonly after: number
  readonly signal: string
  readonly order: string
  readonly payload: Readonly<Record<string, unknown>>
}

type Change = Pick<CashEntry, 'scope' | 'type' | 'amount'> &
  Partial<Pick<CashEntry, 'signal' | 'order' | 'payload'>>

/** Runs of the first schemas kept their cash when the bankroll was changed. */
const KEEPS_CASH_BEFORE = 3

/** Cash of every purse, change by change. Owned by the view that folds it. */
export class CashLedger {
  /** Entries since they were taken last. */
  readonly entries: CashEntry[] = []
  /** Cash by purse, in the order in which purses were opened. */
  readonly balances = new Map<string, number>()
  readonly #orders = new PlacedOrders()
  readonly #deposited = new Map<string, number>()
  #schema = 0

  take(row: Recorded, world: World): void {
    this.#orders.take(row, world)
    const { event } = row
    switch (event.type) {
      case 'RunStarted':
        this.#schema = event.data.schema
        this.#open(row, SHARED, completed(event.data.config))
        this.#openAll(row, world.config)
        return
      case 'ConfigChanged':
        this.#redeposit(row, completed(event.data.config))
        return
      case 'OrderFilled': {
        const { order, side, cash, fee, scope = SHARED } = event.data
        const { signal } = this.#orders.of(order)
        const type = side === BID ? 'buy_cost' : 'sell_proceeds'
        this.#change(row, { scope, type, amount: cash, signal, order }, world)
        if (fee !== 0)
          this.#change(row, { scope, type: 'fee', amount: 0 - fee, signal, order }, world)
        return
      }
      case 'FillVoided': {
        const { order, trade, cash, fee, scope = SHARED } = event.data
        const { signal } = this.#orders.of(order)
        const of = { scope, type: 'fill_voided', amount: fee - cash, signal, order } as const
        this.#change(row, { ...of, payload: { trade } }, world)
        return
      }
      case 'PositionsConverted': {
        const { signal, conversion, cash, gas, scope = SHARED } = event.data
        const of = { scope, signal, payload: { conversion } }
        if (cash !== 0) this.#change(row, { ...of, type: 'merge_proceeds', amount: cash }, world)
        if (gas !== 0) this.#change(row, { ...of, type: 'gas', amount: 0 - gas }, world)
        return
      }
      case 'ConversionFailed': {
        const { signal, conversion, gas, scope = SHARED } = event.data
        const of = { scope, signal, payload: { conversion } }
        if (gas !== 0) this.#change(row, { ...of, type: 'gas', amount: 0 - gas }, world)
        return
      }
      case 'PositionSettled': {
        const { scope = SHARED, token, size, payout } = event.data
        const payload = { token_id: world.tokenKey(token), shares_micro: size }
        this.#change(row, { scope, type: 'settlement_payout', amount: payout, payload }, world)
        return
      }
      default:
    }
  }

  /** Every instance that has a purse of its own gets it. */
  #openAll(row: Recorded, config: DecisionConfig | undefined): void {
    if (!config) return
    const { names, instances } = config.strategy
    for (const { id, scope } of [...names.map(id => ({ id, scope: undefined })), ...instances]) {
      const own = scope ?? (config.risk.scope === 'instance' ? id : SHARED)
      this.#open(row, own, config)
    }
  }

  #open(row: Recorded, scope: string, config: DecisionConfig): void {
    if (this.balances.has(scope)) return
    const amount = bankrollOf(config, scope)
    this.balances.set(scope, 0)
    this.#deposited.set(scope, amount)
    this.#enter(row, { scope, type: 'deposit', amount })
  }

  /** A bankroll that is another comes in, or goes out. */
  #redeposit(row: Recorded, config: DecisionConfig): void {
    if (this.#schema >= KEEPS_CASH_BEFORE)
      for (const [scope, was] of this.#deposited) {
        const is = bankrollOf(config, scope)
        this.#deposited.set(scope, is)
        if (is !== was) this.#enter(row, { scope, type: 'deposit', amount: is - was })
      }
    this.#openAll(row, config)
  }

  /** A purse that no configuration names is opened with the first that is said of it, as the engine does. */
  #change(row: Recorded, of: Change, world: World): void {
    if (world.config) this.#open(row, of.scope, world.config)
    this.#enter(row, of)
  }

  #enter({ seq, tUs }: Recorded, of: Change): void {
    const { scope, type, amount, signal = '', order = '', payload = {} } = of
    const before = this.balances.get(scope) ?? 0
    const after = before + amount
    this.balances.set(scope, after)
    const id = `${seq}:${scope}:${type}`
    this.entries.push({ id, tUs, scope, type, amount, before, after, signal, order, payload })
  }
}

/** What a purse begins with, 1e-6 dollar. */
function bankrollOf({ risk }: DecisionConfig, scope: string): number {
  return risk.scopes.find(one => one.scope === scope)?.bankroll_micro ?? risk.bankroll_micro
}
