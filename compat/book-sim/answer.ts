/** One leg as it filled. Dollars and shares are decimals. */
export interface BookSimFill {
  readonly token_id: string
  readonly market_id: string
  readonly side: 'BUY' | 'SELL'
  /** Average: 7 decimals, up for a buy, down for a sale. */
  readonly fill_price: number
  readonly fill_size: number
  /** 6 decimals, up for a buy, down for a sale. */
  readonly fill_notional_usd: number
  readonly fee_usd: 0
}

/** What an event of the book-sim carries besides its message. */
export type Payload = Readonly<Record<string, number | null>>

/** What happened to one intent. */
export interface BookSimEvent {
  readonly intent_id: string
  readonly event_type:
    | 'reject'
    | 'fill'
    | 'partial_fill'
    | 'paper_multi_leg_partial_fill'
    | 'paper_multi_leg_incomplete'
  readonly status_code: 200 | 404 | 422
  readonly message: string
  readonly payload: Payload
}

/** The answer of the paper book-sim to one request. */
export interface BookSimAnswer {
  readonly fills: readonly BookSimFill[]
  readonly events: readonly BookSimEvent[]
  /** Notional of all fills, sales included; 6 decimals. */
  readonly capital_used_usd: number
}

/** Decimal dollars of a price in 1e-4 dollar. */
export const dollarsOfPrice = (at: number): number => at / 10_000

/** Decimal of a whole number of millionths: the double nearest to it, which prints with no more digits than it has. */
export const ofMillionths = (units: number): number => units / 1_000_000
