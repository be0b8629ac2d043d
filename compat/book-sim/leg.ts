import { mulDivFloor } from '#schemas/units.js'
import {
  dollarsOfPrice,
  ofMillionths,
  type BookSimEvent,
  type BookSimFill,
  type Payload,
} from './answer.js'
import type { Intent, Snapshot } from './request.js'
import type { PaperBooks, Take } from './paper-books.js'
import { onTick } from './ticks.js'

/** How an intent is judged: the slack of the touch, and whether a small order is raised to the venue's least. */
export interface LegRules {
  readonly slippageBps: number
  /** False: an order below the least size is refused, so that nothing above a checked amount is bought. */
  readonly raisesToMinSize: boolean
}

/** What came of one intent. Sizes in 1e-6 share, notional in 1e-6 dollar. */
export interface LegResult {
  readonly event: BookSimEvent
  readonly fill?: BookSimFill
  readonly requested: number
  readonly filled: number
  readonly notional: number
}

const TAKES_PART: ReadonlySet<string> = new Set(['FAK', 'IOC', 'PAPER'])
const BPS = 10_000n

/** Judges one intent against the books and takes what it fills; steps in the order of the contract. */
export function fillLeg(
  intent: Intent,
  of: { snapshot: Snapshot | undefined; books: PaperBooks; rules: LegRules },
): LegResult {
  const { snapshot, books, rules } = of
  const { tokenId, side } = intent
  if (!snapshot) return refused(intent, { message: 'missing_snapshot', code: 404 })
  const ask = books.touch(tokenId, 'asks')
  const bid = books.touch(tokenId, 'bids')
  const raw = intent.limit ?? (side === 'BUY' ? ask : bid) ?? 0
  const wanted = sizeOf(intent, raw)
  const size = Math.max(wanted, hasSize(intent, raw) ? snapshot.minSize : 0)
  if (size <= 0) return refused(intent, { message: 'invalid_size' })
  if (raw <= 0) return refused(intent, { message: 'invalid_price', requested: size })
  if (wanted < size && !rules.raisesToMinSize)
    return refused(intent, { message: 'below_min_order_size', requested: wanted })
  const limit = onTick(raw, snapshot.tick, side)
  if (!isNear({ side, limit, touch: side === 'BUY' ? ask : bid }, rules.slippageBps)) {
    const payload = { limit: dollarsOfPrice(limit), bid: dollars(bid), ask: dollars(ask) }
    return refused(intent, { message: 'preflight_price_drift', requested: size, payload })
  }
  const found = books.within(tokenId, { side, limit, size })
  const filled = found.reduce((sum, [, part]) => sum + part, 0)
  if (filled === 0 || (filled < size && !TAKES_PART.has(intent.orderType)))
    return refused(intent, { message: 'insufficient_liquidity', requested: size })
  books.take(tokenId, side, found)
  return filledLeg(intent, { found, filled, size })
}

/** Whether the intent says how much: shares first, and an order for 0 shares is one; else dollars at a price. */
const hasSize = ({ shares, notional }: Intent, at: number): boolean =>
  shares !== undefined || (notional !== undefined && at > 0)

function sizeOf({ shares, notional }: Intent, at: number): number {
  if (shares !== undefined) return shares
  return notional === undefined || at <= 0 ? 0 : mulDivFloor(notional, 10_000, at)
}

/** Whether the touch is there and no further from the limit than the slippage. */
function isNear(
  { side, limit, touch }: { side: 'BUY' | 'SELL'; limit: number; touch: number | undefined },
  slippageBps: number,
): boolean {
  if (touch === undefined) return false
  const slip = BigInt(side === 'BUY' ? slippageBps : -slippageBps)
  const [scaled, bound] = [BigInt(touch) * BPS, BigInt(limit) * (BPS + slip)]
  return side === 'BUY' ? scaled <= bound : scaled >= bound
}

function filledLeg(
  intent: Intent,
  { found, filled, size }: { found: Take; filled: number; size: number },
): LegResult {
  const { side } = intent
  const cash = found.reduce((sum, [at, part]) => sum + BigInt(at) * BigInt(part), 0n)
  const notional = divided(cash, 10_000n, side)
  const fillPrice = divided(cash * 1_000n, BigInt(filled), side) / 10_000_000
  const isFull = filled === size
  return {
    event: {
      intent_id: intent.intentId,
      event_type: isFull ? 'fill' : 'partial_fill',
      status_code: 200,
      message: isFull ? 'paper_fill' : 'paper_partial_fill',
      payload: {
        price: fillPrice,
        size: ofMillionths(filled),
        requested_size: ofMillionths(size),
        notional: ofMillionths(notional),
      },
    },
    fill: {
      token_id: intent.tokenId,
      market_id: intent.marketId,
      side,
      fill_price: fillPrice,
      fill_size: ofMillionths(filled),
      fill_notional_usd: ofMillionths(notional),
      fee_usd: 0,
    },
    requested: size,
    filled,
    notional,
  }
}

function refused(
  { intentId }: Intent,
  of: { message: string; code?: 404 | 422; requested?: number; payload?: Payload },
): LegResult {
  const { message, code = 422, requested = 0, payload = {} } = of
  const said = { intent_id: intentId, event_type: 'reject', status_code: code } as const
  return { event: { ...said, message, payload }, requested, filled: 0, notional: 0 }
}

/** Up for a buy, down for a sale. */
function divided(a: bigint, b: bigint, side: 'BUY' | 'SELL'): number {
  return Number(side === 'BUY' ? (a + b - 1n) / b : a / b)
}

const dollars = (at: number | undefined): number | null =>
  at === undefined ? null : dollarsOfPrice(at)
