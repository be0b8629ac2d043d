import * as E from 'fp-ts/lib/Either.js'
import { Changes } from '#schemas/levels.js'
import { xxh32 } from '#schemas/line/xxh32.js'
import type { Recorded } from '#schemas/recorded.js'
import { TYPES, type EventOf } from '#schemas/registry.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const scratch = new Uint8Array(65_536)
const view = new DataView(scratch.buffer)
const TAIL = ',"x":"00000000"}'.length

/** The same line by `JSON.stringify`, with its sum; returns its length in `scratchBytes`. */
export function encodeJson({ seq, tUs, cause, event }: Recorded<EventOf<'BookChanged'>>): number {
  const d = Changes.encode(event.data.d)
  const body = JSON.stringify({ n: seq, t: tUs, c: cause, e: TYPES.BookChanged.name, d })
  const { written } = encoder.encodeInto(body, scratch)
  const sum = xxh32(view, 0, written - 1)
    .toString(16)
    .padStart(8, '0')
  return written - 1 + encoder.encodeInto(`,"x":"${sum}"}\n`, scratch.subarray(written - 1)).written
}

/** What `encodeJson` wrote last. */
export const scratchBytes = (length: number): Uint8Array => scratch.subarray(0, length)

/** A line by `JSON.parse` and the event's io-ts codec, its sum checked; undefined where it is none. */
export function decodeJson(line: Uint8Array): Recorded | undefined {
  const row = JSON.parse(decoder.decode(line)) as Record<string, unknown>
  const { n, t, c, e: _e, x, ...fields } = row
  const over = new DataView(line.buffer, line.byteOffset, line.length)
  if (xxh32(over, 0, line.length - TAIL) !== Number.parseInt(String(x), 16)) return undefined
  const data = TYPES.BookChanged.codec.decode(fields)
  if (E.isLeft(data)) return undefined
  const event = TYPES.BookChanged.make(data.right)
  return { seq: Number(n), tUs: Number(t), cause: Number(c), event }
}
