import { CHANGE } from '#schemas/levels.js'
import { NOTICE, type BookFold, type Touched } from '#engine/book/fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { readFrame } from '#engine/feeds/polymarket/decode/frame-reader.js'
import { Frame, KIND, MESSAGE, OF, PLACES } from '#engine/feeds/polymarket/decode/frame.js'
import { TokenIds, UNKNOWN } from '#engine/feeds/polymarket/decode/token-ids.js'
import { judge } from './failures.js'
import type { NativeFold } from './native-fold.js'
import { CODES, type Addon, type IdsHandle, type Out } from './addon.js'

/** Numbers before the tokens in what a fold of frames answers, by name. */
export const FRAMES = {
  /** One of `CODES`; `malformed` where a frame cannot be read. */
  code: 0,
  /** What should have stood there (`EXPECTED` in `engine/feeds/polymarket/decode`), of a malformed frame. */
  about: 1,
  tokens: 2,
  notices: 3,
  fired: 4,
  /** Where the frame ends that was looked at last: where to go on. */
  next: 5,
  /** Frames and level changes folded; levels of whole books do not count. */
  frames: 6,
  changes: 7,
  /** Rows, and books, of unregistered tokens; rows that are no level. */
  unknown: 8,
  unfit: 9,
  /** The latest time that a message stated, µs. */
  tUs: 10,
  /** Where a malformed frame cannot be read: offset within all the bytes. */
  faultAt: 11,
} as const
/** How many of these there are. */
export const FRAMES_HEAD = 12
/** Numbers per touched token: the token, best bid, best ask, bits of distrust. */
export const TOP = 4

/** Which frames to fold. */
export interface FramesOf {
  /** Where the first one begins. */
  readonly start: number
  /** Where each ends; one a line where there are none. */
  readonly ends?: Out
  /** How many of `ends` there are. */
  readonly count?: number
}

/**
 * Folds frames of the venue's market channel into books: decoded where they are folded, without an object per message or
 * change. A frame that cannot be read folds nothing and ends the call.
 */
export interface FrameFold {
  /** Says which listed token an asset id stands for. False for an id that no frame can carry. */
  readonly register: (id: string, token: number) => boolean
  /**
   * Folds; the answer stands in `out`, which the caller owns: `FRAMES_HEAD` numbers, `TOP` for each touched token,
   * `NOTICE` for each notice, the triggers that fired. Where `out` is too short for these, only the head; `again` gives
   * the rest.
   */
  readonly frames: (bytes: Uint8Array, of: FramesOf, out: Out) => void
  /** Writes what the last call touched behind the head, which stays as it is. */
  readonly again: (out: Out) => void
}

/** How long `out` must be for the answer whose head it holds. */
export const lengthOf = (out: Out): number =>
  FRAMES_HEAD + out[FRAMES.tokens]! * TOP + out[FRAMES.notices]! * NOTICE + out[FRAMES.fired]!

/** Frames into a fold in Rust: one native call for all frames of it. */
export function nativeFrames(addon: Addon, fold: NativeFold): FrameFold {
  const ids: IdsHandle = addon.tokenIds()
  const touched = untouched()
  return {
    register: (id, token) => addon.registerToken(ids, id, token),
    frames: (bytes, { start, ends, count }, out) => {
      clearTouched(touched)
      out[0] = start
      out[1] = ends === undefined ? -1 : (count ?? ends.length)
      out[2] = touched.mark
      if (ends === undefined) addon.frames(fold.handle, ids, bytes, out)
      else addon.frames(fold.handle, ids, bytes, out, ends)
      const code = out[FRAMES.code]!
      if (code !== CODES.done && code !== CODES.malformed) judge(code, out[FRAMES.about]!)
    },
    again: out => {
      addon.framesTouched(fold.handle, out)
    },
  }
}

/** The reference: frames into any fold. */
export function tsFrames(fold: BookFold): FrameFold {
  const ids = new TokenIds()
  const frame = new Frame()
  const touched = untouched()
  return {
    register: (id, token) => ids.register(id, token),
    frames: (bytes, of, out) => {
      clearTouched(touched)
      out.fill(0, 0, FRAMES_HEAD)
      out[FRAMES.next] = Math.min(of.start, bytes.length)
      const count = of.ends === undefined ? -1 : (of.count ?? of.ends.length)
      for (let i = 0; i !== count; i++) {
        const from = out[FRAMES.next]!
        if (of.ends === undefined && from === bytes.length) break
        const end = of.ends === undefined ? lineEnd(bytes, from) : of.ends[i]!
        out[FRAMES.next] = Math.min(Math.max(end, from), bytes.length)
        const one = bytes.subarray(from, out[FRAMES.next])
        if (of.ends === undefined && isBlank(one)) continue
        if (!readFrame(one, ids, frame)) {
          out[FRAMES.code] = CODES.malformed
          out[FRAMES.about] = frame.fault
          out[FRAMES.faultAt] = from + frame.faultAt
          break
        }
        foldFrame(frame, fold, touched, out)
        out[FRAMES.frames]!++
      }
      out[FRAMES.tokens] = touched.tokens.length
      out[FRAMES.notices] = touched.notices.length / NOTICE
      out[FRAMES.fired] = touched.fired.length
      tell(fold, touched, out)
    },
    again: out => {
      tell(fold, touched, out)
    },
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(10, from)
  return end < 0 ? bytes.length : end + 1
}

/** As `u8::is_ascii_whitespace`. */
const isBlank = (bytes: Uint8Array): boolean =>
  bytes.every(byte => byte === 32 || byte === 10 || byte === 13 || byte === 9 || byte === 12)

function tell(fold: BookFold, touched: Touched, out: Out): void {
  if (out.length < lengthOf(out)) return
  let at = FRAMES_HEAD
  for (const token of touched.tokens) {
    const view = fold.view(token)
    out[at++] = token
    out[at++] = view?.bestBid ?? 0
    out[at++] = view?.bestAsk ?? 0
    out[at++] = fold.distrustOf(token)
  }
  for (const number of touched.notices) out[at++] = number
  for (const id of touched.fired) out[at++] = id
}

/** Folds a frame that was read, and counts that in the head of `out`. */
function foldFrame(frame: Frame, fold: BookFold, touched: Touched, out: Out): void {
  const { messages } = frame
  for (let at = 0; at < frame.messageCount * MESSAGE; at += MESSAGE) {
    const [tUs, row, rows] = [messages[at + 1]!, messages[at + 2]!, messages[at + 3]!]
    out[FRAMES.tUs] = Math.max(out[FRAMES.tUs]!, tUs)
    const kind = messages[at]
    if (kind === KIND.priceChange) {
      const length = frame.isOdd ? sifted(frame, row, rows, out) : rows * CHANGE
      const changes = frame.isOdd ? kept : frame.rows.subarray(row * CHANGE)
      fold.change({ changes, length, tUs }, touched)
      out[FRAMES.changes]! += length / CHANGE
    } else if (kind === KIND.book) restate(frame, at, fold, touched, out)
    else if (kind === KIND.tickSize) {
      const [token, to] = [frame.rows[row * CHANGE]!, frame.rows[row * CHANGE + 3]!]
      if (token === UNKNOWN) out[FRAMES.unknown]!++
      else fold.regrid(token, to, touched)
    }
  }
}

let kept: Out = new Float64Array(64 * CHANGE)

/** Copies the rows of a message that are levels of known tokens into `kept`; how many numbers these are. */
function sifted({ rows, places }: Frame, row: number, count: number, out: Out): number {
  if (kept.length < count * CHANGE) kept = new Float64Array(2 * count * CHANGE)
  let length = 0
  for (let i = row; i < row + count; i++) {
    if (rows[i * CHANGE] === UNKNOWN) out[FRAMES.unknown]!++
    else if (places[i * PLACES + OF.unfit] !== 0) out[FRAMES.unfit]!++
    else {
      kept.set(rows.subarray(i * CHANGE, (i + 1) * CHANGE), length)
      length += CHANGE
    }
  }
  return length
}

function restate(frame: Frame, at: number, fold: BookFold, touched: Touched, out: Out): void {
  const { messages } = frame
  const [tUs, row, rows, token] = messages.subarray(at + 1, at + 5)
  if (token === UNKNOWN) {
    out[FRAMES.unknown]!++
    return
  }
  const sides: readonly [number[], number[]] = [[], []]
  const length = sifted(frame, row!, rows!, out)
  for (let i = 0; i < length; i += CHANGE)
    if (kept[i + 3]! > 0) sides[kept[i + 1] === 0 ? 0 : 1].push(kept[i + 2]!, kept[i + 3]!)
  fold.snapshot({ token: token!, bids: sides[0], asks: sides[1], tUs: tUs! }, touched)
}
