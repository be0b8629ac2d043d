import type { WallClock } from '#engine/core/wall-clock.js'
import type { Feed } from '../../feed.js'
import type { ImportReport } from '../../recorded/import-feed.js'
import type { Universe } from './discovery.js'
import type { SocketRules } from '#engine/transport/kept-socket.js'
import type { UsualReader } from '../decode/usual-reader.js'
import type { RestCounts } from './rest.js'

/** How often the feed looks for something, where nothing else is said, ms; see `LiveFeedOptions`. */
export const EVERY = { lookMs: 2_000, restAgeMs: 60_000, refreshMs: 300_000 } as const

/** Where the venue is, which markets are heard, and how. */
export interface LiveFeedOptions {
  /** Base addresses: CLOB REST, Gamma, and the market channel. */
  readonly clob: string
  readonly gamma: string
  readonly channel: string
  /** Data API, for trades that the channel missed; absent: they are not asked for. */
  readonly data?: string
  readonly universe: Universe
  readonly clock: WallClock
  /** 0 … 1, by chance. */
  readonly chance: () => number
  readonly rules?: Partial<SocketRules>
  readonly perConnection?: number
  /** Between two looks for books that are missing or old, ms. */
  readonly lookMs?: number
  /** A book of which nothing was said for so long is compared with REST, ms; 0: never. */
  readonly restAgeMs?: number
  /** Between two looks for markets that came or went, ms; 0: never. */
  readonly refreshMs?: number
  /** Makes who reads the usual messages out of their bytes, anew for each opening; TypeScript where it is absent. */
  readonly reader?: () => UsualReader
  /** Each frame as it came, before it is read. */
  readonly onRaw?: (bytes: Buffer, tUs: number, connection: number) => void
}

/** How a live feed does. */
export interface LiveFeedStatus {
  readonly connections: number
  readonly open: number
  readonly assets: number
  readonly frames: number
  /** Connections that were lost. */
  readonly lost: number
  /** Whole books that REST gave, and those that it gave too old. */
  readonly restBooks: number
  readonly staleBooks: number
  /** REST books that were not what the venue quoted. */
  readonly ghostBooks: number
  /** Books whose REST answer said what we had. */
  readonly agreed: number
  /** Markets that were left out of the universe, by why. */
  readonly skipped: Readonly<Record<string, number>>
  readonly rest: RestCounts
  readonly report: ImportReport
}

/** A feed of the venue itself. */
export interface LiveFeed extends Feed {
  readonly status: () => LiveFeedStatus | undefined
}
