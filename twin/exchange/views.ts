import { OUTCOMES } from '../markets.js'
import { priceText, sizeText } from '../texts.js'
import type { TwinOrder } from './order.js'
import type { ExchangeTrade, Part } from './trade.js'

/** What the user channel says to one owner. */
export interface UserFrame {
  /** `fill`: an order's news that tells a fill. */
  readonly kind: 'order' | 'fill' | 'trade'
  /** Address of the owner's EOA, lower case. */
  readonly address: string
  /** Condition of its market. */
  readonly market: string
  readonly text: string
  /** How much later than it happened it is told, ms. */
  readonly lateMs?: number
}

/** What happened to an order, as the user channel names it. */
export type OrderNews = 'PLACEMENT' | 'UPDATE' | 'CANCELLATION'

/** What an order's row has on REST and on the user channel alike. */
function orderRow(order: TwinOrder) {
  const { id, owner, market, asset, side, outcome, trades, type, wallet } = order
  return {
    ...{ id, owner: owner.apiKey, market: market.conditionId, asset_id: asset, side },
    original_size: sizeText(order.size),
    size_matched: sizeText(order.matched),
    price: priceText(order.price),
    associate_trades: [...trades],
    outcome: OUTCOMES[outcome],
    order_type: type,
    maker_address: wallet.address,
    expiration: String(order.expirationS),
    status: order.status,
  }
}

/** An order as REST answers it; `created_at` in s. */
export const orderAnswer = (order: TwinOrder) => ({
  ...orderRow(order),
  created_at: Math.floor(order.createdMs / 1_000),
})

/** An order's news as the user channel tells it, as of that moment. */
export function orderFrame(order: TwinOrder, type: OrderNews, nowMs: number): UserFrame {
  const { owner, market, trades } = order
  const text = JSON.stringify({
    ...orderRow(order),
    associate_trades: trades.length === 0 ? null : [...trades],
    order_owner: owner.apiKey,
    created_at: String(Math.floor(order.createdMs / 1_000)),
    ...{ type, timestamp: String(nowMs), event_type: 'order' },
  })
  const kind = type === 'UPDATE' ? 'fill' : 'order'
  return { kind, address: owner.address, market: market.conditionId, text }
}

/** A trade's row, the taker's view but for `trader_side`. Times in s, as text. */
function tradeRow(trade: ExchangeTrade, role: 'TAKER' | 'MAKER') {
  const { id, market, taker, makers, matchMs, updatedMs, transactionHash, bucket } = trade
  return {
    ...{ id, taker_order_id: taker.orderId, market: market.conditionId },
    ...partRow(taker),
    size: sizeText(taker.size),
    match_time: String(Math.floor(matchMs / 1_000)),
    last_update: String(Math.floor(updatedMs / 1_000)),
    ...{ bucket_index: bucket, transaction_hash: transactionHash, trader_side: role },
    maker_orders: makers.map(maker => ({
      ...{ order_id: maker.orderId, matched_amount: sizeText(maker.size), ...partRow(maker) },
    })),
  }
}

const partRow = (part: Part) => ({
  ...{ asset_id: part.asset, side: part.side, price: priceText(part.price), fee_rate_bps: '0' },
  ...{ outcome: OUTCOMES[part.outcome], owner: part.owner, maker_address: part.address },
})

/** A trade as REST answers it to one of its parties. */
export const tradeAnswer = (trade: ExchangeTrade, role: 'TAKER' | 'MAKER') => ({
  ...tradeRow(trade, role),
  status: `TRADE_STATUS_${trade.status}`,
})

/** What a trade's parties hear of its status: the taker once, and each owner of a maker order once. */
export function tradeFrames(trade: ExchangeTrade, nowMs: number): UserFrame[] {
  return partiesOf(trade).map(({ address, role }) => {
    const text = JSON.stringify({
      ...tradeRow(trade, role),
      ...{ status: trade.status, trade_owner: trade.taker.owner, type: 'TRADE' },
      ...{ timestamp: String(nowMs), event_type: 'trade' },
    })
    return { kind: 'trade', address, market: trade.market.conditionId, text }
  })
}

/** Whose a trade is, by the address of the owner. */
export function partiesOf({ taker, makers }: ExchangeTrade) {
  const parties: { address: string; role: 'TAKER' | 'MAKER' }[] = []
  if (taker.order) parties.push({ address: taker.order.owner.address, role: 'TAKER' })
  for (const { order } of makers) {
    const address = order?.owner.address
    if (
      address !== undefined &&
      !parties.some(one => one.role === 'MAKER' && one.address === address)
    )
      parties.push({ address, role: 'MAKER' })
  }
  return parties
}
