import { priceFrom, sizeFrom } from '../decimal.js'
import { FeedFault } from '../feed.js'
import { maybeTextIn, textIn } from './wire.js'
import type { Wire } from './wire.js'

/** A message of Kalshi's socket, taken out of what its recorder put around it. */
export interface KalshiMessage {
  readonly wire: Wire
  /** When the recorder got it, µs; undefined where it did not say. */
  readonly receivedUs: number | undefined
}

/** A level: 1e-4 dollar, 1e-6 share. */
export type KalshiLevel = readonly [at: number, size: number]

/** Unwraps `{recv_ts_ns, raw}`, where `raw` is the message as a JSON string; other lines are the message itself. */
export function unwrapped(wire: Wire): KalshiMessage {
  const { raw } = wire.value
  if (typeof raw !== 'string') return { wire, receivedUs: undefined }
  // Nanoseconds do not fit a double, so they are read from the text.
  const nanos = /"recv_ts_ns"\s*:\s*"?(\d{4,19})/.exec(wire.text)?.[1]
  const receivedUs = nanos === undefined ? undefined : Number(nanos.slice(0, -3))
  try {
    const value: unknown = JSON.parse(raw)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { wire: { value: value as Wire['value'], text: raw, where: wire.where }, receivedUs }
  } catch {
    // falls through to the fault
  }
  throw new FeedFault('raw is not a JSON object', wire.where, "the venue's message as a string")
}

/**
 * The venue's time of a message in µs, from `ts` (ISO with up to nanoseconds, or a number of seconds to nanoseconds) or
 * `ts_ms`; undefined where it has none (snapshots, acknowledgements).
 */
export function venueTimeOf(msg: Wire): number | undefined {
  const ts = maybeTextIn(msg, 'ts')
  if (ts === undefined || /^\d{1,11}$/.test(ts)) {
    const ms = maybeTextIn(msg, 'ts_ms')
    if (ms !== undefined && /^\d{12,14}$/.test(ms)) return Number(ms) * 1_000
  }
  if (ts === undefined) return undefined
  if (/^\d{1,19}$/.test(ts)) return unitsToMicros(ts)
  const [, base, part = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/.exec(ts) ?? []
  const seconds = base === undefined ? NaN : Date.parse(`${base}Z`)
  if (Number.isNaN(seconds)) throw new FeedFault(`ts is "${ts}"`, msg.where, 'an ISO time in UTC')
  return seconds * 1_000 + Number(part.slice(0, 6).padEnd(6, '0'))
}

/** The levels of one side of a snapshot; none where the side is absent. Dollars as strings, or whole cents. */
export function levelsIn(msg: Wire, side: 'yes' | 'no'): readonly KalshiLevel[] {
  const { value, where } = msg
  const dollars = value[`${side}_dollars_fp`] ?? value[`${side}_dollars`]
  const rows = dollars ?? value[side]
  if (rows === undefined || rows === null) return []
  if (!Array.isArray(rows)) throw new FeedFault(`${side} is no list`, where, 'a list of levels')
  return (rows as readonly unknown[]).map(row => {
    const [at, size] = Array.isArray(row) ? (row as readonly unknown[]) : []
    return [priceOf(at, where, dollars === undefined), sizeOf(size, where)]
  })
}

/** The level and the signed change of its size in a delta. */
export function deltaIn(msg: Wire): { readonly at: number; readonly change: number } {
  const isCents = msg.value['price_dollars'] === undefined
  const at = priceOf(msg.value[isCents ? 'price' : 'price_dollars'], msg.where, isCents)
  return { at, change: sizeOf(msg.value['delta_fp'] ?? msg.value['delta'], msg.where) }
}

/** The price and size of a print, on the side that its taker bought. */
export function printIn(msg: Wire, side: 'yes' | 'no'): { at: number; size: number } {
  const isCents = msg.value[`${side}_price_dollars`] === undefined
  const at = msg.value[isCents ? `${side}_price` : `${side}_price_dollars`]
  const size = msg.value['count_fp'] ?? msg.value['count']
  return { at: priceOf(at, msg.where, isCents), size: sizeOf(size, msg.where) }
}

/** The market of a message. */
export const tickerOf = (msg: Wire): string => textIn(msg, 'market_ticker')

function priceOf(value: unknown, where: string, isCents: boolean): number {
  const exact = isCents && Number.isInteger(value) ? Number(value) * 100 : priceFrom(String(value))
  if (typeof exact === 'number' && exact > 0 && exact < 10_000) return exact
  throw new FeedFault(
    `price is ${value === undefined ? 'missing' : JSON.stringify(value)}`,
    where,
    'between 0 and 1',
  )
}

function sizeOf(value: unknown, where: string): number {
  const exact = sizeFrom(String(value))
  if (typeof exact === 'number') return exact
  throw new FeedFault(
    `size is ${value === undefined ? 'missing' : JSON.stringify(value)}`,
    where,
    'a decimal',
  )
}

function unitsToMicros(ts: string): number {
  if (ts.length <= 11) return Number(ts) * 1e6
  if (ts.length <= 14) return Number(ts) * 1e3
  return ts.length <= 17 ? Number(ts) : Number(ts.slice(0, -3))
}
