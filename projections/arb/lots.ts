import { BID, type Side } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { equalParts, mulDivFloor } from '#schemas/units.js'
import type { World } from '../world.js'
import { Lot, parting, type Opening } from './lot.js'
import { PlacedOrders, SHARED, type PlacedOrder } from './placed.js'
import { codeOfStrategy } from './strategy-codes.js'

/** Who sells: the lots of its own signal go first, then those of its strategy, then what its purse holds; the oldest first. */
interface Seller {
  readonly signal: string
  readonly strategy: string
}

interface Closing {
  readonly scope: string
  readonly token: number
  readonly size: number
  readonly amount: number
  readonly fee: number
  readonly tUs: number
}

/** Part of a closing that fell to a lot. */
interface Closed {
  readonly lot: Lot
  readonly size: number
}

const NOBODY: Seller = { signal: '', strategy: '' }

/** All lots of a run, in the order in which they were opened. Owned by the view that folds it, changed in place. */
export class Lots {
  readonly all: Lot[] = []
  readonly orders = new PlacedOrders()
  readonly #byId = new Map<string, Lot>()
  /** By purse and token: lots of which something is left. */
  readonly #open = new Map<string, Lot[]>()

  take(row: Recorded, world: World): void {
    const { event, tUs } = row
    switch (event.type) {
      case 'OrderPlaced':
      case 'OrderClosed':
      case 'LegsSettled':
        this.orders.take(row, world)
        return
      case 'OrderFilled':
        this.#fill(event.data, tUs, world)
        return
      case 'FillVoided':
        this.#void(event.data, tUs, world)
        return
      case 'PositionAdopted': {
        const { scope = SHARED, token, size, cost } = event.data
        const nobody = { ...this.orders.of(''), scope, token, trade: `adopted:${row.seq}` }
        const of = { side: BID, price: 0, size, notional: cost, fee: 0, tUs } as const
        this.#add(openingOf(nobody, { id: nobody.trade, ...of }, world))
        return
      }
      case 'PositionSettled': {
        const { scope = SHARED, token, payout } = event.data
        const held = this.openOf(scope, token)
        const size = held.reduce((sum, lot) => sum + lot.remaining, 0)
        this.#close({ scope, token, size, amount: Math.abs(payout), fee: 0, tUs }, NOBODY)
        return
      }
      case 'PositionsConverted':
        if (event.data.kind === 'merge') this.#merge(event.data, tUs)
        else this.#convert(row, event.data, world)
        return
      case 'ConversionFailed': {
        const { signal, gas } = event.data
        const lot = this.all.findLast(({ of }) => of.signal === signal)
        if (lot) lot.realised -= gas
        return
      }
      default:
    }
  }

  /** What is left of a token in a purse. */
  openOf(scope: string, token: number): readonly Lot[] {
    return this.#open.get(`${scope}|${token}`) ?? []
  }

  #fill(data: EventOf<'OrderFilled'>['data'], tUs: number, world: World): void {
    const { order, trade, token, side, price, size, fee, scope = SHARED } = data
    const placed = { ...this.orders.of(order), scope, token }
    const amount = Math.abs(data.cash)
    const isClosing = this.openOf(scope, token).some(lot => lot.of.side !== side)
    const closing = { scope, token, size, amount, fee, tUs }
    const left = isClosing ? this.#close(closing, placed) : { size, amount, fee }
    if (left.size === 0) return
    const rest = { side, price, size: left.size, notional: left.amount, fee: left.fee, tUs }
    this.#add(openingOf(placed, { id: fillId(order, trade), ...rest }, world))
  }

  /** Sets become cash: each token closes for its part of it, the first less the gas. */
  #merge(data: EventOf<'PositionsConverted'>['data'], tUs: number): void {
    const { signal, strategy, gives, size, cash, gas, scope = SHARED } = data
    const amounts = parting(cash, gives.length)
    for (const [k, token] of gives.entries()) {
      const amount = amounts(1) - (k === 0 ? gas : 0)
      const of = { scope, token, size, amount, fee: 0, tUs }
      this.#close(of, { signal, strategy: codeOfStrategy(strategy) })
    }
  }

  /** What goes closes at what it cost; what comes carries that on, gas added, as the books of the engine do. */
  #convert(row: Recorded, data: EventOf<'PositionsConverted'>['data'], world: World): void {
    const { conversion, signal, strategy, gives, takes, size, cash, gas, scope = SHARED } = data
    const code = codeOfStrategy(strategy)
    let carried = gas - cash
    for (const token of gives)
      carried += this.#closeAtCost(
        { scope, token, size, amount: 0, fee: 0, tUs: row.tUs },
        { signal, strategy: code },
      )
    const parts = equalParts(carried, takes.length)
    const owner = { ...this.orders.of(''), signal, trade: signal, strategy: code, scope }
    for (const [k, token] of takes.entries()) {
      const of = { id: `${conversion}:${token}`, price: 0, size, notional: parts[k]!, fee: 0 }
      this.#add(openingOf({ ...owner, token }, { ...of, side: BID, tUs: row.tUs }, world))
    }
  }

  /** Closes without a profit; answers what it cost. */
  #closeAtCost(of: Closing, seller: Seller): number {
    const lots = this.openOf(of.scope, of.token)
    const before = new Map(lots.map(lot => [lot, lot.realised]))
    this.#close(of, seller)
    let cost = 0
    for (const [lot, realised] of before) {
      cost += realised - lot.realised
      lot.realised = realised
    }
    return cost
  }

  /** Answers what found nothing to close. */
  #close(of: Closing, seller: Seller): { size: number; amount: number; fee: number } {
    const { scope, token, size, tUs } = of
    const [amounts, fees] = [parting(of.amount, size), parting(of.fee, size)]
    let left = size
    for (const { lot, size: part } of this.#chosen(of, seller)) {
      lot.close(part, { amount: amounts(part), fee: fees(part), tUs })
      left -= part
    }
    this.#keepOpen(scope, token)
    return { size: left, amount: amounts(left), fee: fees(left) }
  }

  #chosen({ scope, token, size }: Closing, { signal, strategy }: Seller): readonly Closed[] {
    const rank = ({ of }: Lot): number =>
      signal !== '' && of.signal === signal ? 0 : of.strategy === strategy ? 1 : 2
    const chosen: Closed[] = []
    let left = size
    for (const lot of [...this.openOf(scope, token)].sort((a, b) => rank(a) - rank(b))) {
      const part = Math.min(left, lot.remaining)
      if (part > 0) chosen.push({ lot, size: part })
      left -= part
    }
    return chosen
  }

  /**
   * A fill that failed to settle never was. What was sold of its shares meanwhile is missing from now on: it goes off what is held, and
   * is owed beyond that. A sale that is taken back brings its shares, at the cost that the engine gives them.
   */
  #void(data: EventOf<'FillVoided'>['data'], tUs: number, world: World): void {
    const { order, trade, token, side, price, size, cost, fee, scope = SHARED } = data
    const placed = { ...this.orders.of(order), scope, token }
    const id = fillId(order, trade)
    const lot = this.#byId.get(id)
    const own = lot ? lot.void(tUs) : { closed: size, cash: 0 }
    const missing = own.closed + (lot ? size - lot.of.size : 0)
    this.#keepOpen(scope, token)
    if (missing === 0) return
    const [first] = this.openOf(scope, token)
    const isHeld = first !== undefined && first.of.side === side
    const off = { scope, token, size: missing, amount: 0, fee: 0, tUs }
    const left = isHeld ? this.#close(off, placed).size : missing
    const notional = side === BID ? 0 : mulDivFloor(cost, left, size)
    const of = { id: `${id}:void`, side: opposite(side), price, size: left, notional, fee: 0, tUs }
    const made = left > 0 ? this.#add(openingOf(placed, of, world)) : undefined
    const cash = side === BID ? Math.abs(data.cash) + fee : fee - Math.abs(data.cash)
    const to = made ?? lot ?? first
    if (to) to.realised += cash - own.cash + (made?.basis ?? 0)
  }

  #add(of: Opening): Lot {
    const lot = new Lot(of)
    const key = `${of.scope}|${of.token}`
    this.all.push(lot)
    this.#byId.set(of.id, lot)
    const open = this.#open.get(key)
    if (open) open.push(lot)
    else this.#open.set(key, [lot])
    return lot
  }

  #keepOpen(scope: string, token: number): void {
    const key = `${scope}|${token}`
    const open = this.openOf(scope, token).filter(({ remaining }) => remaining > 0)
    if (open.length === 0) this.#open.delete(key)
    else this.#open.set(key, open)
  }
}

/** The id of a fill: a trade of the exchange may fill two orders of ours. */
export const fillId = (order: string, trade: string): string => `${order}:${trade}`

const opposite = (side: Side): Side => (side === BID ? 1 : 0)

function openingOf(
  placed: PlacedOrder,
  of: Pick<Opening, 'id' | 'side' | 'price' | 'size' | 'notional' | 'fee' | 'tUs'>,
  world: World,
): Opening {
  const { trade, signal, order, strategy, scope, token } = placed
  const market = world.marketKey(world.marketOf(token))
  const own = { trade, signal, order, strategy, scope, market, token }
  return { ...own, tokenKey: world.tokenKey(token), ...of }
}
