import { TYPES, type EventOf } from '../registry.js'
import { price, shares } from '../units.js'
import type { Side } from '../levels.js'
import { codes } from './digits.js'

/** What a `TradePrinted` line says; its id lies at `[from, to)` of the bytes. */
export interface TradeLine {
  token: number
  side: number
  price: number
  size: number
  from: number
  to: number
}

const [NAME, SIDE, PRICE, SIZE, ID] = [
  codes(`"${TYPES.TradePrinted.name}","token":`),
  codes(',"side":'),
  codes(',"price":'),
  codes(',"size":'),
  codes(',"id":"'),
]
const [QUOTE, BACKSLASH, SPACE, TILDE, ZERO] = [34, 92, 32, 126, 48]
const latin1 = new TextDecoder('latin1')

/**
 * Reads a `TradePrinted` from the quote of its name to behind its id, as it nearly always is: an id of plain characters,
 * numbers in range. Returns the place behind; −1 for any other form and any other event, which its codec then reads.
 * The line must end with a sum: whatever is looked for ends there at the latest, so that no bound is asked for, which costs a call.
 */
export function readTrade(view: DataView, start: number, into: TradeLine): number {
  let at = after(view, start, NAME)
  at = number(view, at, 2_147_483_647, into, 'token')
  at = number(view, after(view, at, SIDE), 1, into, 'side')
  at = number(view, after(view, at, PRICE), 10_000, into, 'price')
  at = number(view, after(view, at, SIZE), Number.MAX_SAFE_INTEGER, into, 'size')
  at = after(view, at, ID)
  if (at < 0) return -1
  into.from = at
  for (; ; at++) {
    const byte = view.getUint8(at)
    if (byte === QUOTE) {
      into.to = at
      return at + 1
    }
    if (byte < SPACE || byte > TILDE || byte === BACKSLASH) return -1
  }
}

/** The event that `readTrade` has just read out of `bytes`. */
export function tradeOf(
  of: TradeLine,
  bytes: Uint8Array,
  lag: number | undefined,
): EventOf<'TradePrinted'> {
  const data = {
    token: of.token,
    side: of.side as Side,
    price: price(of.price),
    size: shares(of.size),
    id: latin1.decode(bytes.subarray(of.from, of.to)),
  }
  return { type: 'TradePrinted', data: lag === undefined ? data : { ...data, lag } }
}

/** The place behind this text, −1 where something else stands. */
function after(view: DataView, at: number, text: Uint8Array): number {
  if (at < 0) return -1
  for (let k = 0; k < text.length; k++) if (view.getUint8(at + k) !== text[k]) return -1
  return at + text.length
}

/** Takes a whole number without leading zeros, at most `most`. */
function number(
  view: DataView,
  start: number,
  most: number,
  into: TradeLine,
  key: 'token' | 'side' | 'price' | 'size',
): number {
  if (start < 0) return -1
  let at = start
  let n = 0
  for (const last = start + 16; at <= last; at++) {
    const digit = view.getUint8(at) - ZERO
    if (digit < 0 || digit > 9) break
    n = n * 10 + digit
  }
  const length = at - start
  if (length === 0 || length > 16 || n > most) return -1
  if (length > 1 && view.getUint8(start) === ZERO) return -1
  into[key] = n
  return at
}
