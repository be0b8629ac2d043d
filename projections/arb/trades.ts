import { BID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { World } from '../world.js'
import { ofOrder, ofSignal, slippageOf, type Attachment } from './attachment.js'
import type { Lot } from './lot.js'
import { Lots } from './lots.js'

/** Something that was bought, by a signal or by an order without one, until all of it is sold or paid. Money in 1e-6 dollar. */
export interface Trade {
  readonly id: string
  /** Empty where no signal raised it. */
  readonly signal: string
  readonly strategy: string
  readonly lots: readonly Lot[]
  /** What became known when its entry was over; undefined before. */
  attachment: Attachment | undefined
  /** Paid for its purchases, without fees. */
  paid: number
  /** Paid above the best asks of its signal; negative where it was less. */
  slippage: number
}

/** What a trade came to by now. */
export interface TradeSum {
  readonly status: 'open' | 'closed' | 'voided'
  readonly openedUs: number
  /** When the last of it was sold, paid or taken back; undefined while some of it is held. */
  readonly closedUs: number | undefined
  /** What was opened cost, without fees. */
  readonly capital: number
  /** Profit of what is closed before fees, its fees, and after them. */
  readonly gross: number
  readonly fees: number
  readonly net: number
  /** All fees paid for it, those of what is still held included. */
  readonly feesPaid: number
}

/** All trades of a run in the order in which they were opened, and its lots. Owned by the view that folds it. */
export class Trades {
  readonly lots = new Lots()
  readonly all: (Trade & { readonly lots: Lot[] })[] = []
  readonly #byId = new Map<string, Trade & { readonly lots: Lot[] }>()
  #lotsSeen = 0

  take(row: Recorded, world: World): void {
    this.lots.take(row, world)
    while (this.#lotsSeen < this.lots.all.length) this.#add(this.lots.all[this.#lotsSeen++]!)
    const { event } = row
    switch (event.type) {
      case 'OrderFilled': {
        const { order, side, cash } = event.data
        const { trade: id, signal } = this.lots.orders.of(order)
        const trade = this.#byId.get(id)
        if (!trade || side !== BID) return
        trade.paid -= cash
        if (signal !== '') trade.slippage += slippageOf(event.data, signal, world)
        return
      }
      case 'LegsSettled': {
        const trade = this.#byId.get(event.data.signal)
        if (trade) trade.attachment = ofSignal(event.data, world, trade)
        return
      }
      case 'OrderClosed': {
        const { trade: id, token, signal } = this.lots.orders.of(event.data.order)
        const trade = signal === '' ? this.#byId.get(id) : undefined
        if (trade) trade.attachment = ofOrder(event.data, token, world)
        return
      }
      default:
    }
  }

  /** The trade of this id, which is that of its signal or of its order. */
  of(id: string): Trade | undefined {
    return this.#byId.get(id)
  }

  #add(lot: Lot): void {
    const { trade: id, signal, strategy } = lot.of
    const known = this.#byId.get(id)
    if (known) {
      known.lots.push(lot)
      return
    }
    const sums = { attachment: undefined, paid: 0, slippage: 0 }
    const made = { id, signal, strategy, lots: [lot], ...sums }
    this.all.push(made)
    this.#byId.set(id, made)
  }
}

/** What a trade came to by now. */
export function sumOf({ lots }: Trade): TradeSum {
  let [openedUs, capital, net, fees, feesPaid] = [Infinity, 0, 0, 0, 0]
  for (const lot of lots) {
    openedUs = Math.min(openedUs, lot.of.tUs)
    capital += lot.isVoid ? 0 : lot.of.notional
    net += lot.realised
    fees += lot.fees
    feesPaid += lot.feesPaid
  }
  const isOpen = lots.some(({ remaining }) => remaining > 0)
  const closedUs = isOpen ? undefined : Math.max(...lots.map(lot => lot.closedUs ?? 0))
  const status = isOpen ? 'open' : lots.every(({ isVoid }) => isVoid) ? 'voided' : 'closed'
  return { status, openedUs, closedUs, capital, gross: net + fees, fees, net, feesPaid }
}
