/**
 * Which inputs about one token an engine has to see even though no trigger fires: everything where an order of ours rests,
 * the levels that our orders took liquidity from, trades where a strategy subscribes to them. A walk over inputs stops there.
 */
export interface Interest {
  /** Whether at everything: each change of a level, each snapshot, each trade. */
  readonly isWhole: boolean
  /** Whether at each trade. */
  readonly trades: boolean
  /** Levels, side and price (1e-4 dollar) in turn: at each statement of one of them, and at each snapshot of the book. */
  readonly levels: readonly number[]
}

/** An interest as a book keeps it: its levels as one number each. Undefined where there is none. */
export type BookInterest = Interest | undefined

/** What a book keeps of an interest. */
export function keptInterest({ isWhole, trades, levels }: Interest): BookInterest {
  if (!isWhole && !trades && levels.length === 0) return undefined
  const kept: number[] = []
  for (let i = 0; i < levels.length; i += 2) kept.push(levels[i]! * SIDE + levels[i + 1]!)
  return { isWhole, trades, levels: kept }
}

/** Whether somebody has to see that this level of a book was stated. */
export const isLevelWanted = (of: Interest, side: number, price: number): boolean =>
  of.isWhole || of.levels.includes(side * SIDE + price)

/** Whether somebody has to see that a whole book was stated. */
export const isSnapshotWanted = (of: BookInterest): boolean =>
  of !== undefined && (of.isWhole || of.levels.length > 0)

/** Whether somebody has to see a trade of a book's token. */
export const isTradeWanted = (of: BookInterest): boolean =>
  of !== undefined && (of.isWhole || of.trades)

/** What a side counts beside a price: prices need 14 bits. */
const SIDE = 16_384
