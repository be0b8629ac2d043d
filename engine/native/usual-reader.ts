import { CHANGE } from '#schemas/levels.js'
import { MESSAGE, PLACES } from '#engine/feeds/polymarket/decode/frame.js'
import type { UsualReader } from '#engine/feeds/polymarket/decode/usual-reader.js'
import type { Addon } from './addon.js'

/** Rows of a message that the answer has room for at first: what has more the reference reads. */
const ROWS = 64
/** Numbers of a row: those of the change, and of its places. */
const ROW = CHANGE + PLACES

/** Reads usual messages in Rust: one call for each, which writes its numbers into an array that is used again. */
export function nativeUsual(addon: Addon): UsualReader {
  const ids = addon.tokenIds()
  const out = new Float64Array(MESSAGE + 1 + ROWS * ROW)
  return {
    register: (key, token) => addon.registerToken(ids, key, token),
    read: (bytes, at, frame) => {
      const behind = addon.readMessage(ids, bytes, at, out)
      if (behind < 0) return -1
      const count = out[MESSAGE]!
      const first = frame.rowCount
      for (let row = 0, from = MESSAGE + 1; row < count; row++, from += ROW) {
        const to = frame.roomForRow()
        for (let k = 0; k < CHANGE; k++) frame.rows[to * CHANGE + k] = out[from + k]!
        for (let k = 0; k < PLACES; k++) frame.places[to * PLACES + k] = out[from + CHANGE + k]!
        frame.rowCount++
      }
      const place = frame.addMessage(out[0]!, out[1]!, first)
      for (let k = 4; k < MESSAGE; k++) frame.messages[place + k] = out[k]!
      return behind
    },
  }
}
