import type { Exchange } from './exchange/exchange.js'
import type { Wallet } from './exchange/ledger.js'
import type { TwinOrder } from './exchange/order.js'
import type { ExchangeTrade, Part, TradeStatus } from './exchange/trade.js'
import { partiesOf } from './exchange/views.js'
import type { CancelRequest, Records, Submission } from './private/records.js'

/** One fill of an order, as the exchange has it. */
export interface TrueFill {
  readonly tradeId: string
  readonly asset: string
  readonly side: 'BUY' | 'SELL'
  /** 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** What it paid (below 0) or got, without its fee, 1e-6 dollar. */
  readonly cash: number
  /** 1e-6 dollar. */
  readonly fee: number
  /** FAILED: it is void. */
  readonly status: TradeStatus
}

/** One order with its fills. */
export interface TrueOrder {
  readonly id: string
  readonly asset: string
  readonly side: 'BUY' | 'SELL'
  /** 1e-4 dollar. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** 1e-6 share, void fills included. */
  readonly matched: number
  readonly type: TwinOrder['type']
  /** LIVE, MATCHED, CANCELED, CANCELED_…, INVALID. */
  readonly status: string
  readonly isOpen: boolean
  readonly fills: readonly TrueFill[]
}

/** What an account has and did. */
export interface TrueAccount {
  /** 1e-6 dollar. */
  readonly cash: number
  /** 1e-6 share by token; none of 0. */
  readonly positions: ReadonlyMap<string, number>
  readonly orders: readonly TrueOrder[]
  readonly openOrders: readonly TrueOrder[]
  readonly trades: readonly ExchangeTrade[]
  /** Every order that came with its keys, refused or not, in order. */
  readonly submissions: readonly Submission[]
  readonly cancels: readonly CancelRequest[]
}

/** What is true at the twin, whatever was told: for tests that compare. */
export class Truth {
  readonly #exchange: Exchange
  readonly #records: Records

  constructor(exchange: Exchange, records: Records) {
    this.#exchange = exchange
    this.#records = records
  }

  /**
   * What an account has and did, by the address of its wallet (what that wallet has), by that of its EOA, or by its API key
   * (what all its wallets have). An account that was never used has the cash that it will begin with.
   */
  account(name: string): TrueAccount {
    const { ledger } = this.#exchange
    const wallets = this.#walletsOf(name)
    const owners = new Set([name.toLowerCase(), name, ...wallets.map(({ owner }) => owner)])
    const isTheirs = ({ address, apiKey }: { address: string; apiKey?: string }): boolean =>
      owners.has(address) || (apiKey !== undefined && owners.has(apiKey))
    const orders = this.#orders(wallets)
    return {
      cash: wallets.length === 0 ? ledger.startCash : sum(wallets.map(({ cash }) => cash)),
      positions: positionsOf(wallets),
      orders,
      openOrders: orders.filter(({ isOpen }) => isOpen),
      trades: this.#exchange.trades.filter(trade =>
        partiesOf(trade).some(({ address }) => owners.has(address)),
      ),
      submissions: this.#records.submissions.filter(isTheirs),
      cancels: this.#records.cancels.filter(isTheirs),
    }
  }

  /** One order with its fills; undefined where the exchange never took it. */
  order(id: string): TrueOrder | undefined {
    const order = this.#exchange.orders.get(id)
    return order && this.#order(order)
  }

  #walletsOf(name: string): Wallet[] {
    const { ledger } = this.#exchange
    const address = name.toLowerCase()
    const wallet = ledger.wallets.get(address)
    const byKey = [...this.#exchange.orders.values()].find(one => one.owner.apiKey === name)
    const owner = byKey?.owner.address ?? address
    const owned = [...ledger.wallets.values()].filter(one => one.owner === owner)
    // An EOA is its own wallet: named by its address, it stands for all that it owns.
    return wallet && wallet.owner !== address ? [wallet] : owned
  }

  #orders(wallets: readonly Wallet[]): TrueOrder[] {
    return [...this.#exchange.orders.values()]
      .filter(({ wallet }) => wallets.includes(wallet))
      .map(order => this.#order(order))
  }

  #order(order: TwinOrder): TrueOrder {
    const { id, asset, side, price, size, matched, type, status } = order
    const fills = order.trades
      .flatMap(trade => this.#exchange.tradeOf(trade) ?? [])
      .flatMap(trade =>
        [trade.taker, ...trade.makers]
          .filter(part => part.order === order)
          .map(part => fillOf(trade, part)),
      )
    const isOpen = order.wallet.open.has(order)
    return { id, asset, side, price, size, matched, type, status, isOpen, fills }
  }
}

function fillOf({ id, status }: ExchangeTrade, part: Part): TrueFill {
  const { asset, side, price, size, cash, fee } = part
  return { tradeId: id, asset, side, price, size, cash, fee, status }
}

function positionsOf(wallets: readonly Wallet[]): Map<string, number> {
  const positions = new Map<string, number>()
  for (const { shares } of wallets)
    for (const [asset, held] of shares) positions.set(asset, (positions.get(asset) ?? 0) + held)
  return positions
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)
