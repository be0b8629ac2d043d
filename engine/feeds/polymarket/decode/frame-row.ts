import { CHANGE, UNSAID } from '#schemas/levels.js'
import { PRICE_MAX } from '#schemas/units.js'
import { priceFrom, sizeFrom } from '../../decimal.js'
import { EXPECTED } from './frame-fault.js'
import { SLOT, textOf, type Fields } from './frame-fields.js'
import { JsonBytes, VALUE } from './frame-json.js'
import { OF, PLACES, UNFIT, type Frame } from './frame.js'
import { UNKNOWN, type TokenIds } from './token-ids.js'

/** The bytes of the message that is being read: one at a time, so that no call makes its own. */
export const json = new JsonBytes()

/** Reads price and size into the next row; its number, −1 for a fault. The order of oddities is that of `levelOf`. */
export function level(of: Fields, frame: Frame): number {
  const at = priceFrom(wordOf(of, SLOT.price))
  if (at === 'not a decimal') return json.fail(of.start(SLOT.price), EXPECTED.decimal)
  const size = sizeFrom(wordOf(of, SLOT.size))
  if (size === 'not a decimal') return json.fail(of.start(SLOT.size), EXPECTED.decimal)
  const row = frame.roomForRow()
  const { rows, places } = frame
  const unfit = unfitOf(at, size)
  rows[row * CHANGE + 2] = unfit === '' ? Number(at) : 0
  rows[row * CHANGE + 3] = unfit === '' ? Number(size) : 0
  places.fill(0, row * PLACES, (row + 1) * PLACES)
  places[row * PLACES + OF.unfit] = UNFIT.indexOf(unfit)
  spot(places, row * PLACES + OF.price, of, SLOT.price)
  spot(places, row * PLACES + OF.size, of, SLOT.size)
  if (unfit !== '') frame.isOdd = true
  return row
}

function unfitOf(at: number | string, size: number | string): (typeof UNFIT)[number] {
  if (typeof at === 'string') return at === 'too large' ? 'price too large' : UNFIT[1]
  if (typeof size === 'string') return size === 'too large' ? 'size too large' : UNFIT[3]
  if (at <= 0 || at >= PRICE_MAX) return 'price not between 0 and 1'
  return size < 0 ? 'negative size' : ''
}

/** The rest of a row whose level is there. */
export function finish(
  frame: Frame,
  row: number,
  rest: {
    readonly token: number
    readonly side: number
    readonly bid: number
    readonly ask: number
    readonly isHashed: boolean
    readonly of: Fields
    readonly row?: Fields
  },
): void {
  const at = row * CHANGE
  const { rows, places } = frame
  rows[at] = rest.token
  rows[at + 1] = rest.side
  rows[at + 4] = rest.bid
  rows[at + 5] = rest.ask
  spot(places, row * PLACES + OF.asset, rest.of, SLOT.asset_id)
  if (rest.isHashed && rest.row && isSaid(rest.row, SLOT.hash))
    spot(places, row * PLACES + OF.hash, rest.row, SLOT.hash)
  if (rest.token === UNKNOWN) frame.isOdd = true
  frame.rowCount++
}

/** Notes where the string of a slot stands. */
export function spot(places: Int32Array, at: number, of: Fields, slot: number): void {
  places[at] = of.start(slot)
  places[at + 1] = of.end(slot)
}

/** The venue's best after a change: `none` for an empty side, `UNSAID` where it does not say, less for a fault. */
export function best(row: Fields, slot: number, none: number): number {
  if (isWrong(row, slot)) return -2
  if (!isSaid(row, slot)) return UNSAID
  const text = wordOf(row, slot)
  if (text === '') return none
  const at = priceFrom(text)
  if (at === 'not a decimal' || (typeof at === 'number' && at < 0))
    return json.fail(row.start(slot), EXPECTED.decimal) - 1
  if (typeof at === 'string' || at > PRICE_MAX) return UNSAID
  return at === 0 ? none : at
}

/** The token of the asset id that an object names. */
export function tokenOf(of: Fields, ids: TokenIds): number {
  const { bytes } = json
  const [start, end] = [of.start(SLOT.asset_id), of.end(SLOT.asset_id)]
  if (!of.isEscaped(SLOT.asset_id)) return ids.token(bytes, start, end)
  const id = Buffer.from(textOf(bytes, start, end))
  return ids.token(id, 0, id.length)
}

/** What the string of a slot says. */
export const wordOf = (of: Fields, slot: number): string =>
  textOf(json.bytes, of.start(slot), of.end(slot))

/** Whether a slot holds something that is neither null nor a string, which is noted as a fault. */
export const isWrong = (of: Fields, slot: number): boolean =>
  isSaid(of, slot) && !of.isText(json, slot)

/** Whether a slot holds anything but null. */
export const isSaid = (of: Fields, slot: number): boolean =>
  of.kind(slot) !== VALUE.absent && of.kind(slot) !== VALUE.nothing
