import type { Bucket } from '#schemas/reasons.js'
import { micro } from '#engine/run/testing/story.js'
import type { Entry, RunLedger } from '../reports/ledger.js'
import type { ShadowNote } from '../shadow-desk.js'

interface Told {
  /** Shares traded in the window, by leg. */
  readonly volumes?: readonly number[]
  readonly limits?: readonly number[]
  readonly bids?: readonly number[]
  readonly size?: number
  readonly bucket?: Bucket
  readonly strategy?: string
  readonly market?: string
  readonly notes?: readonly ShadowNote[]
  readonly tUs?: number
  readonly isSet?: boolean
}

/** A signal in a window that is over: ten sets of the golden example, of which all could have filled, unless told otherwise. */
export function entry(k: number, told: Told = {}): Entry {
  const { volumes = [100, 100], limits = [4_900, 4_800], bids = [4_800, 4_700] } = told
  const { size = 10, bucket = 'thin', strategy = 'parity', market = 'm1', tUs = k * 1e6 } = told
  return {
    isSet: told.isSet ?? true,
    shadow: {
      ...{ signal: `s${k}-1`, tUs, market, strategy, bucket, edge: 300, worst: 't2' },
      ...{ size: micro(size), shareBps: 0, lastPrintUs: 0, isDone: true },
      legs: volumes.map((volume, leg) => ({
        ...{ token: leg + 1, side: 0, key: `t${leg + 1}`, size: micro(size), depth: micro(100) },
        ...{ limit: limits[leg] ?? 0, bid: bids[leg] ?? 0, volume: micro(volume) },
      })),
      notes: new Set(told.notes),
      prints: volumes.some(volume => volume > 0) ? 1 : 0,
    },
  }
}

/** A run of these signals. */
export const ledger = (
  runId: string,
  entries: readonly Entry[],
  told: Partial<RunLedger> = {},
): RunLedger => ({
  ...{ runId, entries, head: `head of ${runId}`, schema: 5, mode: 'shadow', source: 'sim:parity' },
  ...{ firstUs: 1_000_000, lastUs: 9_000_000 },
  ...told,
})
