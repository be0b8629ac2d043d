import type { Position } from './batching.js'
import type { Head } from '../prove/blake3.js'
import type { LogEnd } from '../event-log.js'
import type { Failing, JournalApi, Place } from './journal.js'

/** What the native log works with; it owns all but the native API. */
export interface NativeParts {
  readonly api: JournalApi
  readonly dir: string
  readonly runId: string
  readonly commitEvents: number
  readonly segmentBytes?: number
  readonly at: Position
  /** Gives places in the hash the form that readers know. */
  readonly head: Head
  /** Replaces `head.json`; what it is given is synced. */
  readonly writeHead: (at: Place) => Promise<void>
  readonly onSeal: (end: LogEnd) => Promise<void>
  readonly onClose: () => Promise<void>
  readonly onClosed?: (segment: number) => void
  /** For tests: a call of the disk that fails. */
  readonly failing?: Failing
}
