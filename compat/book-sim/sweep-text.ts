import { ofMillionths } from './answer.js'

interface Level {
  readonly price: number
  readonly size: number
}

/** One order and the levels that it is offered, best first: prices in 1e-4 dollar, sizes in 1e-6 share. */
export interface SweepOffer {
  readonly order: string
  readonly token: number
  readonly isBuy: boolean
  readonly limit: number
  readonly size: number
  readonly tick: number
  readonly levels: readonly Level[]
}

/** Sizes up to this many millionths are told exactly by a decimal that is a double. */
const SAYABLE_MAX = 2 ** 51

/** Whether a request can carry these offers exactly: not a limit of nothing, nor sizes beyond what a double tells. */
export const isSayable = (offers: readonly SweepOffer[]): boolean =>
  offers.every(
    ({ limit, size, levels }) =>
      limit > 0 && size <= SAYABLE_MAX && levels.every(level => level.size <= SAYABLE_MAX),
  )

/** A request of the paper book-sim: each order immediate, against its own levels, without slack. One JSON text. */
export function sweepRequest(offers: readonly SweepOffer[]): string {
  const intents = offers.map(
    ({ order, token, isBuy, limit, size }) =>
      `{"intent_id":"${order}","token_id":"${token}","market_id":"","side":"${isBuy ? 'BUY' : 'SELL'}",` +
      `"order_type":"FAK","limit_price":${priceText(limit)},"shares":${sizeText(size)}}`,
  )
  const snapshots = offers.map(({ token, isBuy, tick, levels }) => {
    const side = levels.map(levelText).join(',')
    const [bids, asks] = isBuy ? ['', side] : [side, '']
    return `"${token}":{"market_id":"","tick_size":${priceText(tick)},"bids":[${bids}],"asks":[${asks}]}`
  })
  return `{"slippage_bps":0,"intents":[${intents.join(',')}],"snapshots":{${snapshots.join(',')}}}`
}

const levelText = ({ price, size }: Level): string =>
  `{"price":${priceText(price)},"size":${sizeText(size)}}`

const prices: string[] = []

/** Decimal dollars of a price. Kept, because printing a double costs more than all else here. */
function priceText(at: number): string {
  return (prices[at] ??= `${at / 10_000}`)
}

/** Decimal shares of a size, from whole numbers for the same reason. */
function sizeText(size: number): string {
  const whole = Math.floor(size / 1_000_000)
  const rest = size - whole * 1_000_000
  return rest === 0 ? `${whole}` : `${whole}.${`${rest}`.padStart(6, '0')}`
}

/** How an answer begins in which each order took these levels; whatever follows has no further fill. */
export function sweepFills(
  offers: readonly SweepOffer[],
  takes: readonly (readonly Level[])[],
): string {
  const fills = offers.flatMap((offer, k) => {
    const taken = takes[k] ?? []
    return taken.length === 0 ? [] : [fillText(offer, taken)]
  })
  return `{"fills":[${fills.join(',')}],"events":[`
}

function fillText({ token, isBuy }: SweepOffer, taken: readonly Level[]): string {
  let [cash, size] = [0n, 0n]
  for (const level of taken) {
    cash += BigInt(level.price) * BigInt(level.size)
    size += BigInt(level.size)
  }
  const price = divided(cash * 1_000n, size, isBuy) / 10_000_000
  const notional = ofMillionths(divided(cash, 10_000n, isBuy))
  return (
    `{"token_id":"${token}","market_id":"","side":"${isBuy ? 'BUY' : 'SELL'}","fill_price":${price},` +
    `"fill_size":${ofMillionths(Number(size))},"fill_notional_usd":${notional},"fee_usd":0}`
  )
}

/** Up for a buy, down for a sale. */
const divided = (a: bigint, b: bigint, isBuy: boolean): number =>
  Number(isBuy ? (a + b - 1n) / b : a / b)
