import { ASK, BID, CHANGE, UNSAID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom } from '../../decimal.js'
import { EXPECTED } from './frame-fault.js'
import { Fields, SLOT } from './frame-fields.js'
import { VALUE } from './frame-json.js'
import { best, finish, isSaid, isWrong, json, level, spot, tokenOf, wordOf } from './frame-row.js'
import { AT, KIND, OF, PLACES, type Frame } from './frame.js'
import { UNKNOWN, type TokenIds } from './token-ids.js'

const [OPEN, CLOSE_LIST, COMMA] = [123, 93, 44]

const KINDS: Readonly<Record<string, number>> = {
  book: KIND.book,
  price_change: KIND.priceChange,
  last_trade_price: KIND.trade,
  tick_size_change: KIND.tickSize,
}

const [top, inner] = [new Fields(), new Fields()]

/** As `readMessage`, in any form. */
export function anyMessage(bytes: Uint8Array, at: number, ids: TokenIds, frame: Frame): number {
  json.over(bytes)
  const { rowCount, isPlain, isOdd } = frame
  const behind = message(at, ids, frame)
  if (behind >= 0) return behind
  Object.assign(frame, { rowCount, isPlain, isOdd })
  fail(frame)
  return -1
}

/** Tells the frame what is wrong with it. */
export function fail(frame: Frame): false {
  frame.fault = json.fault
  frame.faultAt = json.faultAt
  return false
}

function message(at: number, ids: TokenIds, frame: Frame): number {
  const behind = top.take(json, at)
  if (behind < 0) return -1
  frame.isPlain &&= top.isPlain
  const isNamed = top.kind(SLOT.event_type) === VALUE.text
  const kind = (isNamed ? KINDS[wordOf(top, SLOT.event_type)] : undefined) ?? KIND.other
  const row = frame.rowCount
  let tUs = 0
  if (kind !== KIND.other) {
    tUs = micros()
    if (tUs < 0 || !top.isText(json, SLOT.market)) return -1
    if (isWrong(top, SLOT.hash)) return -1
    if (kind === KIND.trade && isWrong(top, SLOT.transaction_hash)) return -1
    if (!rowsOf(kind, ids, frame)) return -1
  }
  const to = frame.addMessage(kind, tUs, row)
  const { messages } = frame
  if (kind === KIND.book) messages[to + 4] = tokenOf(top, ids)
  messages[to + AT.whole] = at
  messages[to + AT.whole + 1] = behind
  if (kind === KIND.other) return behind
  mark(messages, to + AT.market, SLOT.market)
  mark(messages, to + AT.timestamp, SLOT.timestamp)
  if (isSaid(top, SLOT.hash)) mark(messages, to + AT.hash, SLOT.hash)
  if (kind === KIND.trade && isSaid(top, SLOT.transaction_hash))
    mark(messages, to + AT.transaction, SLOT.transaction_hash)
  return behind
}

function mark(messages: Float64Array, at: number, slot: number): void {
  messages[at] = top.start(slot)
  messages[at + 1] = top.end(slot)
}

/** Adds the rows of a message; false for a fault. */
function rowsOf(kind: number, ids: TokenIds, frame: Frame): boolean {
  switch (kind) {
    case KIND.book:
      return book(ids, frame)
    case KIND.priceChange:
      return changes(ids, frame)
    case KIND.trade:
      return change(top, top, ids, frame, { isHashed: false, isStated: false })
    default:
      return tick(ids, frame)
  }
}

function book(ids: TokenIds, frame: Frame): boolean {
  if (!top.isText(json, SLOT.asset_id)) return false
  const token = tokenOf(top, ids)
  if (token === UNKNOWN) frame.isOdd = true
  return (
    side(BID, token, frame, [SLOT.bids, SLOT.buys]) &&
    side(ASK, token, frame, [SLOT.asks, SLOT.sells])
  )
}

function side(
  of: typeof BID | typeof ASK,
  token: number,
  frame: Frame,
  [now, once]: readonly [number, number],
): boolean {
  const list = top.list(json, !top.has(now) && top.has(once) ? once : now)
  return each(list, frame, () => {
    if (!inner.isText(json, SLOT.price) || !inner.isText(json, SLOT.size)) return false
    const row = level(inner, frame)
    if (row < 0) return false
    finish(frame, row, { token, side: of, bid: UNSAID, ask: UNSAID, isHashed: false, of: top })
    return true
  })
}

/** `price_changes[]`; `changes[]` of one token or one flat change before September 2025. */
function changes(ids: TokenIds, frame: Frame): boolean {
  const isNow = top.has(SLOT.price_changes)
  const isList = isNow || top.has(SLOT.changes)
  const flags = { isHashed: isNow, isStated: true }
  if (!isList) return change(top, top, ids, frame, flags)
  const list = top.list(json, isNow ? SLOT.price_changes : SLOT.changes)
  return each(list, frame, () => change(isNow ? inner : top, inner, ids, frame, flags))
}

/** Takes each object of an array that is known to be whole into `inner`. */
function each(list: number, frame: Frame, take: () => boolean): boolean {
  if (list < 0) return false
  let at = json.behindSpace(list + 1)
  if (json.byte(at) === CLOSE_LIST) return true
  for (;;) {
    if (json.byte(at) !== OPEN) {
      json.fail(at, EXPECTED.list)
      return false
    }
    at = inner.take(json, at)
    if (at < 0) return false
    frame.isPlain &&= inner.isPlain
    if (!take()) return false
    at = json.behindSpace(at)
    if (json.byte(at) !== COMMA) return true
    at = json.behindSpace(at + 1)
  }
}

/** One change or trade; `of` says whose it is. */
function change(
  of: Fields,
  row: Fields,
  ids: TokenIds,
  frame: Frame,
  { isHashed, isStated }: { readonly isHashed: boolean; readonly isStated: boolean },
): boolean {
  if (isHashed && isWrong(row, SLOT.hash)) return false
  if (!row.isText(json, SLOT.side)) return false
  const word = wordOf(row, SLOT.side).toLowerCase()
  if (word !== 'buy' && word !== 'sell') {
    json.fail(row.start(SLOT.side), EXPECTED.side)
    return false
  }
  if (!row.isText(json, SLOT.price) || !row.isText(json, SLOT.size)) return false
  const to = level(row, frame)
  if (to < 0 || !of.isText(json, SLOT.asset_id)) return false
  let [bid, ask] = [UNSAID, UNSAID]
  if (isStated) {
    bid = best(row, SLOT.best_bid, 0)
    if (bid < UNSAID) return false
    ask = best(row, SLOT.best_ask, PRICE_MAX)
    if (ask < UNSAID) return false
  }
  if (bid === UNSAID || ask === UNSAID) [bid, ask] = [UNSAID, UNSAID]
  const side = word === 'buy' ? BID : ASK
  finish(frame, to, { token: tokenOf(of, ids), side, bid, ask, isHashed, of, row })
  return true
}

function tick(ids: TokenIds, frame: Frame): boolean {
  if (!top.isText(json, SLOT.asset_id)) return false
  if (!top.isText(json, SLOT.old_tick_size) || !top.isText(json, SLOT.new_tick_size)) return false
  const from = priceFrom(wordOf(top, SLOT.old_tick_size))
  if (typeof from === 'string' || from < 0) {
    json.fail(top.start(SLOT.old_tick_size), EXPECTED.decimal)
    return false
  }
  const to = priceFrom(wordOf(top, SLOT.new_tick_size))
  if (typeof to === 'string' || to < 1 || PRICE_MAX % to !== 0) {
    json.fail(top.start(SLOT.new_tick_size), EXPECTED.tick)
    return false
  }
  if (from > PRICE_MAX) {
    json.fail(top.start(SLOT.old_tick_size), EXPECTED.tick)
    return false
  }
  const row = frame.roomForRow()
  const { rows, places } = frame
  rows[row * CHANGE + 2] = from
  rows[row * CHANGE + 3] = to
  places.fill(0, row * PLACES, (row + 1) * PLACES)
  spot(places, row * PLACES + OF.price, top, SLOT.old_tick_size)
  spot(places, row * PLACES + OF.size, top, SLOT.new_tick_size)
  const token = tokenOf(top, ids)
  finish(frame, row, { token, side: BID, bid: UNSAID, ask: UNSAID, isHashed: false, of: top })
  return true
}

/** The venue's time in µs; less than 0 for a fault. */
function micros(): number {
  if (!top.isText(json, SLOT.timestamp)) return -1
  const text = wordOf(top, SLOT.timestamp)
  if (!/^\d{1,13}$/.test(text)) return json.fail(top.start(SLOT.timestamp), EXPECTED.millis)
  return Number(text) * 1_000
}
