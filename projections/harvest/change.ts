import type { HarvestTableName } from './tables.js'

/** A value of a cell; `null`: there is none. */
export type Cell = string | number | null

/** Kinds of samples: each is stored by day. */
export const SAMPLES = ['top', 'depth', 'l2', 'state'] as const
export type SampleKind = (typeof SAMPLES)[number]

/** What an event changes in the tables. The same changes made twice are made once. */
export type Change =
  /** A row that takes the place of the one with its key. */
  | { readonly tag: 'row'; readonly table: HarvestTableName; readonly cells: readonly Cell[] }
  /** Samples of one moment: of each a token or market and its numbers. */
  | {
      readonly tag: 'sample'
      readonly kind: SampleKind
      readonly tUs: number
      readonly of: string
      readonly numbers: readonly number[]
    }
  /** The market of a token. */
  | { readonly tag: 'token'; readonly token: string; readonly market: string }
  /** What this run sampled of a token in a minute. */
  | {
      readonly tag: 'minute'
      readonly token: string
      readonly minuteUs: number
      readonly bar: readonly number[]
      readonly tUs: number
    }
  /** Latencies of this run's collectors that ended in a minute, ms, ascending. */
  | {
      readonly tag: 'health'
      readonly minuteUs: number
      readonly source: string
      readonly status: string
      readonly latencies: readonly number[]
    }
