import type { StreamRow } from './stream-rows.js'

/** What the thread of a run is given. */
export interface WorkerStart {
  readonly run: string
}

/** What it is told and asked. */
export type ToWorker =
  | { readonly tag: 'ask'; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly tag: 'stop' }

/** How far it has read. */
export interface Tip {
  readonly seq: number
  readonly tUs: number
  readonly firstUs: number
  readonly mode: string
  readonly source: string
  readonly isEnded: boolean
  /** Whether all that was whole was read. */
  readonly isRead: boolean
  /** How long it took to fold what was new in the last look at the log, ms, and how far behind its time that was; null: nothing, or another clock's. */
  readonly foldMs: number | null
  readonly behindMs: number | null
  /** Why the log cannot be read on. */
  readonly trouble: string | null
  readonly snapshots: {
    readonly count: number
    readonly bytes: number
    readonly every_events: number
  }
}

/** What it says. */
export type FromWorker =
  | { readonly tag: 'answer'; readonly id: number; readonly value: unknown }
  | {
      readonly tag: 'no'
      readonly id: number
      readonly why: 'not-found' | 'bad' | 'failed'
      readonly message: string
      readonly expected: string
    }
  | { readonly tag: 'rows'; readonly rows: readonly StreamRow[] }
  | { readonly tag: 'tip'; readonly tip: Tip }
