import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Touched } from '#engine/book/fold.js'
import type { FramesWalked, FrameWalker } from '#engine/book/frame-walk.js'
import type { Addon, Out, WalkerHandle } from './addon.js'

/** Bytes of lines that one call writes at most, and lines. */
const LINES_BYTES = 524_288
const LINES_MAX = 8_192

/** Numbers of a place by name: all go in; of what comes back, arrays open, line feeds, bytes of lines, hashes. */
export const PLACE = {
  at: 0,
  lists: 1,
  seq: 2,
  tUs: 3,
  dueUs: 4,
  mark: 5,
  isTold: 6,
  checks: 7,
  stampUs: 8,
  boundUs: 9,
  latestUs: 10,
} as const
const ENDED = { lists: 0, feeds: 1, length: 2, checked: 3, stampUs: 4 } as const

/** How far a walk came, as every walk says it. */
export interface Ended {
  readonly at: number
  readonly lines: number
  readonly changes: number
  readonly seq: number
  readonly tUs: number
  readonly why: FramesWalked['why']
}

/** One native call. */
type Walk = (
  bytes: Uint8Array,
  lines: Pick<EncodedTurns, 'bytes' | 'ends'>,
  place: Out,
  touched: Touched,
) => Ended

/** A walker over frames in Rust: a call takes as many as fit into its lines. */
export function frameWalker(addon: Addon, walker: WalkerHandle, walk: Walk): FrameWalker {
  const bytes = new Uint8Array(LINES_BYTES)
  const ends = new Uint32Array(2 * LINES_MAX)
  const place: Out = new Float64Array(Object.keys(PLACE).length)
  return {
    know: (id, token) => {
      addon.walkerToken(walker, id, token)
    },
    leave: (token, isUnsupported) => {
      addon.walkerLeave(walker, token, isUnsupported)
    },
    lend: (token, { at, bids, levels }) => {
      addon.walkerLend(walker, token, Float64Array.from(at), bids, levels.join('\n'))
    },
    tell: (token, head, tail) => {
      addon.walkerTell(walker, token, head, tail)
    },
    recall: token => {
      const text = addon.walkerRecall(walker, token)
      const end = text?.indexOf('\n') ?? -1
      return text === undefined ? undefined : [text.slice(0, end), text.slice(end + 1)]
    },
    walk: (where, { seq, tUs, dueUs }, touched) => {
      place[PLACE.at] = where.at
      place[PLACE.lists] = where.lists
      place[PLACE.seq] = seq
      place[PLACE.tUs] = tUs
      place[PLACE.dueUs] = dueUs
      place[PLACE.isTold] = Number(where.isTold)
      place[PLACE.checks] = where.checks
      place[PLACE.stampUs] = where.stamps.lastUs
      place[PLACE.boundUs] = where.stamps.boundUs
      place[PLACE.latestUs] = where.stamps.latestUs
      const { lines, ...ended } = walk(where.bytes, { bytes, ends }, place, touched)
      const length = place[ENDED.length]!
      return {
        ...ended,
        lists: place[ENDED.lists]!,
        feeds: place[ENDED.feeds]!,
        messages: lines,
        checked: place[ENDED.checked]!,
        stampUs: place[ENDED.stampUs]!,
        turns: { firstSeq: seq + 1, count: lines, bytes, length, ends },
      }
    },
  }
}
