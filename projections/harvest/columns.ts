/** What a column holds: text; a whole number; a decimal; 0 or 1; a time in UTC as `2026-11-29T20:15:00.000000Z`, so that texts compare as times do. */
export type CellType = 'text' | 'integer' | 'real' | 'flag' | 'time'

/** A column of a table. */
export type HarvestColumn = readonly [name: string, type: CellType, doc: string]

/** A table of what collectors brought. */
export interface HarvestTable {
  readonly name: string
  readonly doc: string
  /** What one row is told by; a row that is said again takes the place of the one before. */
  readonly key: readonly string[]
  /** When a row is of, for exports by time and partitions by day; absent: it is of no time. */
  readonly time?: string
  /** Whether rows older than the retention go. */
  readonly isRaw?: true
  /** A query over stored samples or parts; such a relation takes no row itself. */
  readonly isQuery?: true
  readonly columns: readonly HarvestColumn[]
}

/** A column that several tables have. */
export const token: HarvestColumn = ['token_id', 'text', "the venue's id of the token"]
/** A column that several tables have. */
export const market: HarvestColumn = ['market_id', 'text', 'condition id of the market']
/** A column that several tables have. */
export const account: HarvestColumn = ['account_id', 'text', "XTracker's id of the account"]
/** A column that several tables have. */
export const captured: HarvestColumn = ['captured_at', 'time', 'when it was recorded']
/** A column that several tables have. */
export const sourced: HarvestColumn = [
  'source_ts',
  'time',
  "the venue's time of the book; empty: not said",
]
/** A column that several tables have. */
export const active: HarvestColumn = ['active', 'flag', 'as the source says']
/** A column that several tables have. */
export const closed: HarvestColumn = ['closed', 'flag', 'as the source says']
/** A column that several tables have. */
export const archived: HarvestColumn = ['archived', 'flag', 'as the source says']
/** A column that several tables have. */
export const starts: HarvestColumn = ['start_date', 'time', 'begin; empty: not said']
/** A column that several tables have. */
export const ends: HarvestColumn = ['end_date', 'time', 'end; empty: not said']
/** A column that several tables have. */
export const amounts: readonly HarvestColumn[] = [
  ['spread', 'real', 'dollars; NULL: not said'],
  ['liquidity', 'real', 'dollars; NULL: not said'],
  ['volume', 'real', 'dollars; NULL: not said'],
]

/** Best prices, and what is made of them. */
export const bests: readonly HarvestColumn[] = [
  ['best_bid', 'real', 'dollars; NULL: no bid'],
  ['best_ask', 'real', 'dollars; NULL: no offer'],
  ['mid', 'real', 'half of both; NULL where one is missing'],
  ['spread', 'real', 'ask less bid; NULL where one is missing'],
  ['last_trade_price', 'real', 'dollars; NULL: not said'],
]
