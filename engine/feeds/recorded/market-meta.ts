import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom, scaled } from '../decimal.js'
import { FeedFault } from '../feed.js'

/** What is known of a token beside the recording. */
export interface TokenMeta {
  readonly key: string
  readonly outcome?: string | undefined
  /** 1e-4 dollar. */
  readonly tick?: number | undefined
}

/** The event that a market is an outcome of, as the venue describes it. */
export interface EventMeta {
  readonly key: string
  readonly title?: string | undefined
  /** Whether exactly one of its outcomes pays, whatever happens. */
  readonly exclusive: boolean
  /** Whether outcomes may still be added or split. */
  readonly growing: boolean
  /** Keys of all its markets, by outcome. */
  readonly markets: readonly string[]
}

/** What is known of a market beside the recording; what is missing is guessed by the importer. */
export interface MarketMeta {
  readonly venue?: string | undefined
  readonly key: string
  readonly question?: string | undefined
  readonly group?: string | undefined
  readonly negRisk?: boolean | undefined
  /** Which of the venue's protocols it is of: v1, v2. */
  readonly protocol?: string | undefined
  /** When the venue means to decide it, µs since the epoch. */
  readonly endsUs?: number | undefined
  readonly event?: EventMeta | undefined
  /** 1e-6 share. */
  readonly minSize?: number | undefined
  /** bps. */
  readonly feeRate?: number | undefined
  readonly feeExponent?: number | undefined
  /** By outcome index. */
  readonly tokens: readonly TokenMeta[]
}

/** The markets that a `--meta` file describes. */
export type Meta = readonly MarketMeta[]

/** A decimal in whole units; a value that does not fit is a fault, as nobody writes one on purpose. */
export function exactly(
  value: string | number | undefined,
  units: (text: string) => number | string,
  where: string,
): number | undefined {
  if (value === undefined) return undefined
  const exact = units(String(value))
  if (typeof exact === 'number') return exact
  throw new FeedFault(`${value} is ${exact}`, where, 'a decimal in dollars or shares')
}

/** Whether a price step divides the price range. */
export const isGrid = (tick: number): boolean => tick > 0 && PRICE_MAX % tick === 0

/** A price step that divides the price range, as every grid of a book must; undefined where none is stated. */
export function tickFrom(value: string | number | undefined, where: string): number | undefined {
  const tick = exactly(value, priceFrom, where)
  if (tick === undefined || isGrid(tick)) return tick
  throw new FeedFault(`a tick size of ${value}`, where, 'a part of a dollar: 0.1, 0.01, 0.001, …')
}

/** Whether two labels are Yes and No, in whatever order. */
export const isYesNo = (labels: readonly (string | undefined)[]): boolean =>
  labels.length === 2 && labels.map(wordOf).sort().join() === 'no,yes'

/** Tokens by outcome index: YES first where their labels say which one that is, else as they stand. */
export const byLabel = (tokens: readonly TokenMeta[]): readonly TokenMeta[] => {
  if (!isYesNo(tokens.map(({ outcome }) => outcome))) return tokens
  return [...tokens].sort((a, b) => (wordOf(b.outcome) < wordOf(a.outcome) ? -1 : 1))
}

const wordOf = (label = ''): string => label.trim().toLowerCase()

/** A fee rate as a decimal, in bps: 0 … 1. Undefined where none is stated. */
export const rateFrom = (value: string | number | undefined, where: string): number | undefined =>
  within(
    exactly(value, text => scaled(text, 4), where),
    10_000,
    'a fee rate',
    where,
  )

/** The exponent of a fee formula: 0 … 8. Undefined where none is stated. */
export const exponentFrom = (
  value: string | number | undefined,
  where: string,
): number | undefined =>
  within(
    exactly(value, text => scaled(text, 0), where),
    8,
    'a fee exponent',
    where,
  )

/** A number that is none of those that a fee has would leave the units once it is used. */
export function within(
  value: number | undefined,
  most: number,
  what: string,
  where: string,
): number | undefined {
  if (value === undefined || (value >= 0 && value <= most)) return value
  throw new FeedFault(`${what} of ${value}`, where, `a whole number from 0 to ${most}`)
}
