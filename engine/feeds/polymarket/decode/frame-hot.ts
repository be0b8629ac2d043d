import { ASK, BID, CHANGE } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { AT, KIND, OF, PLACES, type Frame } from './frame.js'
import type { TokenIds } from './token-ids.js'
import { isPlainFor, matchesAt, patternOf, type TextPattern } from './text-match.js'

/** Length of a condition id: `0x` and 64 hex digits. */
const MARKET = 66
/** Length of a SHA-1 in hex. */
const HASH = 40
/** Digits of a time in ms, from 2001 to 2286. */
const MILLIS = 13
/** Bytes of the longest piece that is looked at without asking for the end each time. */
const MARGIN = 24

const [QUOTE, DOT, ZERO, ONE, B, S] = [34, 46, 48, 49, 66, 83]
const HEAD = patternOf('{"market":"')
const CHANGES = patternOf('","price_changes":[{"asset_id":"')
const PRICE = patternOf('","price":"')
const SIZE = patternOf('","size":"')
const SIDE = patternOf('","side":"')
const BUY = patternOf('BUY","hash":"')
const SELL = patternOf('SELL","hash":"')
const BID_IS = patternOf('","best_bid":"')
const ASK_IS = patternOf('","best_ask":"')
const NEXT = patternOf('"},{"asset_id":"')
const TIME = patternOf('"}],"timestamp":"')
const TAIL = patternOf('","event_type":"price_change"}')

/** Where the reading stands: numbers that a function would otherwise have to give back beside its answer. */
let at = 0
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

/**
 * Reads a `price_change` as the venue has written it since September 2025, in exactly that form and of registered tokens;
 * the place behind it. −1 for anything else, which the general reader then takes: `frame` is as before.
 */
export function hotMessage(bytes: Uint8Array, start: number, ids: TokenIds, frame: Frame): number {
  const row = frame.rowCount
  at = start
  const behind = read(bytes, start, ids, frame)
  if (behind < 0) frame.rowCount = row
  return behind
}

function read(bytes: Uint8Array, start: number, ids: TokenIds, frame: Frame): number {
  const row = frame.rowCount
  if (!is(bytes, HEAD)) return -1
  const market = at
  if (!plain(bytes, MARKET) || !is(bytes, CHANGES)) return -1
  do if (!change(bytes, ids, frame)) return -1
  while (is(bytes, NEXT))
  if (!is(bytes, TIME)) return -1
  const timestamp = at
  const tMs = millis(bytes)
  if (tMs < 0 || !is(bytes, TAIL)) return -1
  const to = frame.addMessage(KIND.priceChange, tMs * 1_000, row)
  const { messages } = frame
  messages[to + AT.whole] = start
  messages[to + AT.whole + 1] = at
  messages[to + AT.market] = market
  messages[to + AT.market + 1] = market + MARKET
  messages[to + AT.timestamp] = timestamp
  messages[to + AT.timestamp + 1] = timestamp + MILLIS
  return at
}

function change(bytes: Uint8Array, ids: TokenIds, frame: Frame): boolean {
  const id = ids.leading(bytes, at)
  if (id < 0) return false
  const row = frame.roomForRow()
  const { rows, places } = frame
  const [n, p] = [row * CHANGE, row * PLACES]
  places[p + OF.asset] = at
  places[p + OF.asset + 1] = at += ids.lengthAt(id)
  if (!is(bytes, PRICE)) return false
  places[p + OF.price] = at
  const price = priceIn(bytes)
  places[p + OF.price + 1] = at
  if (price <= 0 || !is(bytes, SIZE)) return false
  places[p + OF.size] = at
  const size = sizeIn(bytes)
  places[p + OF.size + 1] = at
  if (size < 0 || !is(bytes, SIDE)) return false
  const letter = bytes[at]
  if (letter === B ? !is(bytes, BUY) : letter !== S || !is(bytes, SELL)) return false
  places[p + OF.hash] = at
  places[p + OF.hash + 1] = at + HASH
  if (!plain(bytes, HASH) || !is(bytes, BID_IS)) return false
  const bid = bestIn(bytes, 0)
  if (bid < 0 || !is(bytes, ASK_IS)) return false
  const ask = bestIn(bytes, PRICE_MAX)
  if (ask < 0) return false
  rows[n] = ids.tokenAt(id)
  rows[n + 1] = letter === B ? BID : ASK
  rows[n + 2] = price
  rows[n + 3] = size
  rows[n + 4] = bid
  rows[n + 5] = ask
  places[p + OF.unfit] = 0
  frame.rowCount++
  return true
}

/** Takes exactly this text. */
function is(bytes: Uint8Array, text: TextPattern): boolean {
  if (!matchesAt(bytes, at, text)) return false
  at += text.length
  return true
}

/** Takes bytes that stand for themselves. */
function plain(bytes: Uint8Array, length: number): boolean {
  if (!isPlainFor(bytes, at, length)) return false
  at += length
  return true
}

/** A price between 0 and 1, as `0.` and up to four digits; −1 for another form, which it does not take. */
function priceIn(bytes: Uint8Array): number {
  const from = at
  if (from + MARGIN > bytes.length || bytes[from] !== ZERO || bytes[from + 1] !== DOT) return -1
  let [value, i] = [0, from + 2]
  for (let digit = bytes[i]! - ZERO; digit >= 0 && digit <= 9 && i < from + 7;) {
    value = value * 10 + digit
    digit = bytes[++i]! - ZERO
  }
  const digits = i - from - 2
  if (digits === 0 || digits > 4 || value === 0) return -1
  at = i
  return value * POWERS[4 - digits]!
}

/** A best price: a price, or `none` where the side is empty; −1 for another form. */
function bestIn(bytes: Uint8Array, none: number): number {
  const price = priceIn(bytes)
  if (price > 0) return price
  const first = bytes[at]
  if (first === QUOTE) return none
  if (bytes[at + 1] !== QUOTE || (first !== ZERO && first !== ONE)) return -1
  at++
  return first === ZERO ? none : PRICE_MAX
}

/** A size: up to eight digits, and up to six behind a point; −1 for another form. */
function sizeIn(bytes: Uint8Array): number {
  const from = at
  if (from + MARGIN > bytes.length) return -1
  let [units, i] = [0, from]
  for (let digit = bytes[i]! - ZERO; digit >= 0 && digit <= 9 && i < from + 9;) {
    units = units * 10 + digit
    digit = bytes[++i]! - ZERO
  }
  if (i === from || i > from + 8) return -1
  if (bytes[i] !== DOT) {
    at = i
    return units * 1_000_000
  }
  const point = i++
  for (let digit = bytes[i]! - ZERO; digit >= 0 && digit <= 9 && i < point + 8;) {
    units = units * 10 + digit
    digit = bytes[++i]! - ZERO
  }
  const digits = i - point - 1
  if (digits === 0 || digits > 6) return -1
  at = i
  return units * POWERS[6 - digits]!
}

function millis(bytes: Uint8Array): number {
  const end = at + MILLIS
  if (end > bytes.length) return -1
  let value = 0
  for (let i = at; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  at = end
  return value
}
