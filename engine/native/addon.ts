import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SignerApi } from '#engine/gateways/polymarket/sign/native-signer.js'
import type { JournalApi } from '#engine/log/write/journal.js'
import type { Scan, ScanApi } from '#engine/log/prove/scan.js'

/** Where `scripts/setup.mjs` puts the addon; absent where it was not built. */
const ADDON = join(resolve(import.meta.dirname, '..', '..', '..'), 'native/target/polaris.node')

/**
 * Numbers at the head of an answer: code, what it is about, tokens, notices, triggers, then of a walk the place, lines,
 * level changes, sequence and time where it ended.
 */
export const HEAD = 10

/** First number of an answer. */
export const CODES = {
  done: 0,
  unlisted: 1,
  notATick: 2,
  outOfRange: 3,
  /** Walks only: the next line is for the reference reader. */
  unsupported: 4,
  /** Walks only: the next line stands behind `until`, or something is due before it. */
  due: 5,
  /** `walk` only: the next line is folded, and someone has to look at what that did. */
  actionable: 6,
  /** `frames` only: the next frame cannot be read. */
  malformed: 7,
  /** `walkFrames` only: there is no room for the next line. */
  full: 8,
} as const

/** A fold in the native addon. */
export type Handle = object & { readonly __handle: never }

/** A table of asset ids in the native addon. */
export type IdsHandle = object & { readonly __ids: never }

/** What recordings are walked over with, in the native addon. */
export type WalkerHandle = object & { readonly __walker: never }

/**
 * What the addon exports: the journal, the reader of logs, the signer, and the fold. `out` takes the answer: `HEAD` numbers, the tokens, the notices, the triggers; where it is too short for
 * these, only the head, and `report` gives them again. `mark` is that of the `Touched` which the caller fills.
 */
export interface Addon extends ScanApi, JournalApi, SignerApi {
  readonly create: () => Handle
  readonly list: (fold: Handle, token: number, tick: number, mark: number, out: Out) => void
  readonly change: (
    ...call: [fold: Handle, changes: Out, length: number, tUs: number, mark: number, out: Out]
  ) => void
  /** Of the first `length` numbers of `levels`, `bids` are the bid side. */
  readonly snapshot: (
    ...call: [
      fold: Handle,
      token: number,
      levels: Out,
      bids: number,
      length: number,
      tUs: number,
      mark: number,
      out: Out,
    ]
  ) => void
  readonly regrid: (fold: Handle, token: number, tick: number, mark: number, out: Out) => void
  readonly distrust: (fold: Handle, token: number, bit: number, mark: number, out: Out) => void
  readonly restoreTrust: (fold: Handle, token: number, bit: number, mark: number, out: Out) => void
  readonly distrustAll: (fold: Handle, bit: number, mark: number, out: Out) => void
  /** Folds lines from `start` on that carry levels and stand at most at sequence `until`. */
  readonly lines: (
    ...call: [
      fold: Handle,
      bytes: Uint8Array,
      start: number,
      until: number,
      isProven: boolean,
      mark: number,
      out: Out,
    ]
  ) => void
  /** As `lines`, from where a scan stands to the end of its block, under its proven head. */
  readonly scanFold: (
    ...call: [fold: Handle, scan: Scan, until: number, mark: number, out: Out]
  ) => void
  /** As `BookFold.walk`. Marks its batches with numbers below `mark`, downwards. */
  readonly walk: (
    ...call: [
      fold: Handle,
      bytes: Uint8Array,
      start: number,
      until: number,
      seq: number,
      tUs: number,
      dueUs: number,
      mark: number,
      out: Out,
    ]
  ) => void
  /** As `BookFold.walkTape`. Marks its batches as `walk` does. */
  readonly walkTape: (
    ...call: [
      fold: Handle,
      words: Uint32Array,
      at: number,
      tapeUs: number,
      tUs: number,
      dueUs: number,
      mark: number,
      out: Out,
    ]
  ) => void
  /** `test` is a place in `TESTS`. */
  readonly setTrigger: (
    ...call: [
      fold: Handle,
      id: number,
      test: number,
      limit: number,
      tokens: Out,
      mark: number,
      out: Out,
    ]
  ) => void
  /** Bit 1: whole; bit 2: trades. Side and price of each level in turn. */
  readonly setInterest: (
    ...call: [fold: Handle, token: number, bits: number, levels: Out, mark: number, out: Out]
  ) => void
  readonly dropTrigger: (fold: Handle, id: number) => void
  readonly report: (fold: Handle, out: Out) => void
  /** −1 for a token that was never listed. */
  readonly distrustOf: (fold: Handle, token: number) => number
  /** Best bid, best ask, tick, time; false for a token that was never listed. */
  readonly top: (fold: Handle, token: number, out: Out) => boolean
  readonly sizeAt: (fold: Handle, token: number, side: number, price: number) => number
  readonly levels: (fold: Handle, token: number, side: number) => Out
  readonly stats: (fold: Handle, out: Out) => void
  readonly save: (fold: Handle) => Out
  readonly load: (fold: Handle, saved: Out, mark: number, out: Out) => void
  readonly tokenIds: () => IdsHandle
  /** False for an id that no frame can carry. */
  readonly registerToken: (ids: IdsHandle, id: string, token: number) => boolean
  /**
   * Folds frames. `out` says where the first begins, how many of `ends` there are (below 0: a frame ends with its line),
   * and the mark; then it takes the answer.
   */
  readonly frames: (
    ...call: [fold: Handle, ids: IdsHandle, bytes: Uint8Array, out: Out, ends?: Out]
  ) => void
  /** What the last call touched once more, behind the head of `frames`. */
  readonly framesTouched: (fold: Handle, out: Out) => void
  /**
   * All that one frame says, for comparison: fault and its place, plain, odd, how many messages and rows; then
   * `MESSAGE` numbers for each message, and the numbers and places of each row.
   */
  readonly readFrame: (ids: IdsHandle, bytes: Uint8Array) => Out
  /** The place behind the usual message at `at`, −1 for anything else; `out` takes what it says. */
  readonly readMessage: (ids: IdsHandle, bytes: Uint8Array, at: number, out: Out) => number
  readonly frameWalker: () => WalkerHandle
  /** False for an id that no message can name as it stands. */
  readonly walkerToken: (walker: WalkerHandle, id: string, token: number) => boolean
  readonly walkerExclude: (walker: WalkerHandle, token: number, isUnsupported: boolean) => void
  /** Texts of all levels, a line each; `at` orders them, and so many are bids. */
  readonly walkerFollowBook: (
    ...call: [walker: WalkerHandle, token: number, at: Out, bids: number, levels: string]
  ) => void
  readonly walkerSetHashedText: (
    ...call: [walker: WalkerHandle, token: number, head: string, tail: string]
  ) => void
  /** Bids, a line feed, asks. */
  readonly walkerTakeBack: (walker: WalkerHandle, token: number) => string | undefined
  /** As `FrameWalker.walk`: `place` says where to begin, and takes where it ended. */
  readonly walkFrames: (
    ...call: [
      fold: Handle,
      walker: WalkerHandle,
      bytes: Uint8Array,
      lines: Uint8Array,
      ends: Uint32Array,
      place: Out,
      out: Out,
    ]
  ) => void
  /** The answer to one request of the paper book-sim; throws `invalid_request: …`. */
  readonly simulatePaper: (request: string) => string
  /** Compresses into one Zstandard frame, on the calling thread. */
  readonly packFrame: (plain: Uint8Array, level: number) => Uint8Array
  /** What a race over a tape found (`bench/orderbook`); throws what is wrong with the tape. */
  readonly benchOrderbook: (tape: string) => string
}

/** Numbers that cross to or from the native addon. */
export type Out = Float64Array<ArrayBuffer>

/** The addon, or why there is none, in words. Loaded once. */
export function loadAddon(): Addon | string {
  loaded ??= load()
  return loaded
}

let loaded: Addon | string | undefined

function load(): Addon | string {
  if (!existsSync(ADDON)) return 'the native addon is not built (it takes cargo on the PATH)'
  try {
    const addon = createRequire(import.meta.url)(ADDON) as Partial<Addon>
    // One that was built before the newest function of it would fail where that is called.
    if (typeof addon.readMessage !== 'function')
      return 'the native addon is older than the program: npm run build builds it anew'
    return addon as Addon
  } catch (error) {
    return `the native addon does not load: ${error instanceof Error ? error.message : String(error)}`
  }
}
