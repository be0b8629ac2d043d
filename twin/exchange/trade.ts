import type { TwinMarket } from '../markets.js'
import { OTHERS, type Ledger, type Move } from './ledger.js'
import { takerFee, worthDown, worthUp } from './money.js'
import { inTerms, type OrderSide, type TwinOrder } from './order.js'
import type { Match } from './matching.js'

/** Where the settlement of a trade stands, as the venue names it. */
export type TradeStatus = 'MATCHED' | 'MINED' | 'CONFIRMED' | 'RETRYING' | 'FAILED'

/** One order's part in a trade. */
export interface Part {
  /** Undefined for the simulated market. */
  readonly order: TwinOrder | undefined
  readonly orderId: string
  /** API key. */
  readonly owner: string
  /** 0x and 40 hex digits. */
  readonly address: string
  readonly asset: string
  readonly outcome: 0 | 1
  readonly side: OrderSide
  /** 1e-4 dollar, of the part's own token. */
  readonly price: number
  /** 1e-6 share. */
  readonly size: number
  /** What it pays (below 0) or gets, without fee, 1e-6 dollar. */
  readonly cash: number
  /** 1e-6 dollar. */
  readonly fee: number
}

/** A taker's trade at one price, with all who made it. Changed in place by its settlement. */
export interface ExchangeTrade {
  /** UUID. */
  readonly id: string
  readonly market: TwinMarket
  readonly taker: Part
  readonly makers: readonly Part[]
  readonly matchMs: number
  /** Which of the transactions of one match it is. */
  readonly bucket: number
  updatedMs: number
  status: TradeStatus
  /** Empty until it is in a block. */
  transactionHash: string
  /** What it moved, to be taken back where it fails. */
  readonly moves: readonly Move[]
}

/** Who is named for what the simulated market does. */
export interface Strangers {
  readonly orderId: string
  readonly owner: string
}

/** Who takes: an order, or the simulated market. */
export interface Taker {
  readonly order?: TwinOrder
  /** Nothing of its order will be left. */
  readonly isWhole?: boolean
  readonly market: TwinMarket
  readonly outcome: 0 | 1
  readonly side: OrderSide
}

/** The parts and movements of matches at one price. The maker's amount is rounded as its own order would have it. */
export function partsOf(
  taker: Taker,
  matches: readonly Match[],
  { ledger, strangers }: { ledger: Ledger; strangers: Strangers },
): { taker: Part; makers: Part[]; moves: Move[] } {
  const { market, outcome, side } = taker
  const price = matches[0]?.price ?? 0
  const [makers, moves]: [Part[], Move[]] = [[], []]
  let [size, cash, fee] = [0, 0, 0]
  for (const { maker, size: part } of merged(matches)) {
    const asMaker = {
      outcome: maker?.outcome ?? outcome,
      side: maker?.side ?? (side === 'BUY' ? 'SELL' : 'BUY'),
    } as const
    const made = cashOf(asMaker.side, inTerms(price, outcome, asMaker.outcome), part)
    // A pair that is minted costs a dollar, and one that is merged pays it.
    const pair = asMaker.outcome === outcome ? 0 : side === 'BUY' ? -part : part
    const taken = pair - made
    const due = taker.order ? takerFee({ size: part, price, rateBps: market.feeRate }) : 0
    makers.push(makerPart({ ...asMaker, market, maker, part, made, price, taker, strangers }))
    moves.push(
      moveOf(maker?.wallet ?? ledger.others, made, market, asMaker, part),
      moveOf(taker.order?.wallet ?? ledger.others, taken - due, market, taker, part),
      { wallet: ledger.house, cash: due },
    )
    ;[size, cash, fee] = [size + part, cash + taken, fee + due]
  }
  const own = { outcome, side, asset: market.assets[outcome] ?? '', price, size, cash, fee }
  const who = whoOf(taker.order, strangers)
  return { taker: { ...who, ...own }, makers, moves }
}

/** One entry for each order, and one for the simulated market. */
function merged(matches: readonly Match[]): Match[] {
  const by = new Map<TwinOrder | undefined, Match>()
  for (const match of matches) {
    const known = by.get(match.maker)
    by.set(match.maker, known ? { ...known, size: known.size + match.size } : match)
  }
  return [...by.values()]
}

/** What an order pays (rounded up) or gets (rounded down) for a size at its own price. */
function cashOf(side: OrderSide, price: number, size: number): number {
  return side === 'BUY' ? -worthUp(price, size) : worthDown(price, size)
}

function makerPart(of: {
  readonly market: TwinMarket
  readonly maker: TwinOrder | undefined
  readonly outcome: 0 | 1
  readonly side: OrderSide
  readonly part: number
  readonly made: number
  readonly price: number
  readonly taker: Taker
  readonly strangers: Strangers
}): Part {
  const { market, maker, outcome, side, part, made } = of
  return {
    ...whoOf(maker, of.strangers),
    ...{ outcome, side, asset: market.assets[outcome] ?? '' },
    price: inTerms(of.price, of.taker.outcome, outcome),
    ...{ size: part, cash: made, fee: 0 },
  }
}

function whoOf(
  order: TwinOrder | undefined,
  { orderId, owner }: Strangers,
): Pick<Part, 'order' | 'orderId' | 'owner' | 'address'> {
  if (order)
    return { order, orderId: order.id, owner: order.owner.apiKey, address: order.wallet.address }
  return { order, orderId, owner, address: OTHERS }
}

function moveOf(
  wallet: Move['wallet'],
  cash: number,
  market: TwinMarket,
  { outcome, side }: { outcome: 0 | 1; side: OrderSide },
  size: number,
): Move {
  const asset = market.assets[outcome] ?? ''
  return { wallet, cash, asset, shares: side === 'BUY' ? size : -size }
}
