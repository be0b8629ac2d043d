import type { Job } from '#schemas/harvest.js'
import type { Source } from './ports.js'

/** Which markets are collected: all, those about posts of one account, or those about posts of anybody on the list. */
export type Scope = 'all' | 'elon_tweet' | 'watchlist_tweet'

/** How collectors go. Times in ms. */
export interface HarvestSettings {
  /** Accounts whose posts are collected. */
  readonly handles: readonly string[]
  readonly scope: Scope
  /** Names of the list, as titles of markets have them. */
  readonly watchlist: readonly string[]
  /** Most tokens of which books are sampled. */
  readonly tokensMax: number
  /** Collectors and their intervals; one that is not among them does not run. */
  readonly intervals: Readonly<Partial<Record<Job, number>>>
  /** How far a run may lie from the middle of its place, in bps of the interval. */
  readonly jitterBps: number
  /** Of posts: after so many failures in a row their interval is at least this. */
  readonly postFailures: number
  readonly postBackoffMs: number
  /** Levels of a side that are kept. */
  readonly levels: number
  /** Entries of a page of the catalogue at first, and at least. */
  readonly page: number
  readonly base: Readonly<Record<Source, string>>
  readonly rates: Readonly<Record<Source, { readonly perSecond: number; readonly burst: number }>>
  readonly attempts: number
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
  readonly timeoutMs: number
  /** Of the keyed jitter. */
  readonly seed: number
}
