import { EXPECTED } from './frame-fault.js'
import { hotMessage } from './frame-hot.js'
import { anyMessage, fail } from './frame-message.js'
import { json } from './frame-row.js'
import type { Frame } from './frame.js'
import type { TokenIds } from './token-ids.js'

const [OPEN, OPEN_LIST, CLOSE_LIST, COMMA] = [123, 91, 93, 44]

/**
 * Reads a whole frame: one message, or an array of messages, with white space around. Answers whether it could be read;
 * where not, `frame.fault` says what should have stood at `frame.faultAt`, and `frame` holds the messages before that.
 * Keys may come in any order, those that mean nothing carry any value of JSON; a key that means something stands once.
 * The reference of `read_frame` in `native/wire/src/frame.rs`: same numbers, same faults.
 */
export function readFrame(bytes: Uint8Array, ids: TokenIds, frame: Frame): boolean {
  frame.restart()
  const end = messages(bytes, ids, frame)
  if (end < 0) return false
  const at = json.behindSpace(end)
  if (at === bytes.length) return true
  json.fail(at, EXPECTED.nothing)
  return fail(frame)
}

/**
 * Reads the message whose brace stands at `at` and adds it to `frame`; the place behind it. −1 for a fault, of which
 * `frame` tells; the message has then added nothing.
 */
export function readMessage(bytes: Uint8Array, at: number, ids: TokenIds, frame: Frame): number {
  const behind = hotMessage(bytes, at, ids, frame)
  return behind >= 0 ? behind : anyMessage(bytes, at, ids, frame)
}

/** The place behind the messages; −1 for a fault, of which `frame` tells. */
function messages(bytes: Uint8Array, ids: TokenIds, frame: Frame): number {
  json.over(bytes)
  let at = json.behindSpace(0)
  const first = json.byte(at)
  if (first === OPEN) return readMessage(bytes, at, ids, frame)
  if (first !== OPEN_LIST) return failed(frame, first, at, EXPECTED.message)
  at = json.behindSpace(at + 1)
  let next = json.byte(at)
  if (next === CLOSE_LIST) return at + 1
  for (;;) {
    if (next !== OPEN) return failed(frame, next, at, EXPECTED.message)
    const behind = readMessage(bytes, at, ids, frame)
    if (behind < 0) return -1
    json.over(bytes)
    at = json.behindSpace(behind)
    next = json.byte(at)
    if (next === CLOSE_LIST) return at + 1
    if (next !== COMMA) return failed(frame, next, at, EXPECTED.comma)
    at = json.behindSpace(at + 1)
    next = json.byte(at)
  }
}

/** A byte that is none of those that may stand here, or none at all, which is noted already. */
function failed(frame: Frame, byte: number, at: number, expected: number): -1 {
  if (byte >= 0) json.fail(at, expected)
  fail(frame)
  return -1
}
