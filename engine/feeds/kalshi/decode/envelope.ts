import { mirrored } from '#schemas/units.js'
import { priceFrom, sizeFrom } from '../../decimal.js'
import { FeedFault } from '../../feed.js'
import { isoMicros, type FileTimes } from '../../recorded/times.js'
import { maybeTextIn, textIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

/** A message of Kalshi's socket, taken out of what its recorder put around it. */
export interface KalshiMessage {
  readonly wire: Wire
  /** When the recorder got it, µs; undefined where it did not say. */
  readonly receivedUs: number | undefined
}

/** A level: 1e-4 dollar, 1e-6 share. */
export type KalshiLevel = readonly [at: number, size: number]

/** Unwraps `{recv_ts_ns, raw}`, where `raw` is the message as a JSON string; other lines are the message itself. */
export function unwrapped(wire: Wire, times: FileTimes): KalshiMessage {
  const { raw } = wire.value
  if (typeof raw !== 'string') return { wire, receivedUs: undefined }
  // Nanoseconds do not fit a double, so they are read from the text.
  const nanos = /"recv_ts_ns"\s*:\s*"?(\d{4,19})/.exec(wire.text)?.[1]
  const receivedUs = nanos === undefined ? undefined : times.micros(nanos, wire.where)
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
  const tUs = isoMicros(ts)
  if (tUs === undefined) throw new FeedFault(`ts is "${ts}"`, msg.where, 'an ISO time')
  return tUs
}

/** The levels of one side of a snapshot, and how many of them do not fit our units. */
export interface KalshiSide {
  readonly levels: readonly KalshiLevel[]
  readonly unfit: number
}

/** One side of a snapshot; nothing where it is absent. Dollars as strings, or whole cents. */
export function levelsIn(msg: Wire, side: 'yes' | 'no'): KalshiSide {
  const { value, where } = msg
  const dollars = value[`${side}_dollars_fp`] ?? value[`${side}_dollars`]
  const rows = dollars ?? value[side]
  if (rows === undefined || rows === null) return { levels: [], unfit: 0 }
  if (!Array.isArray(rows)) throw new FeedFault(`${side} is no list`, where, 'a list of levels')
  const levels = (rows as readonly unknown[]).flatMap(row => {
    const [text, count] = Array.isArray(row) ? (row as readonly unknown[]) : []
    const [at, size] = [priceOf(text, where, dollars === undefined), sizeOf(count, where)]
    return at === undefined || size === undefined || size < 0 ? [] : [[at, size] as const]
  })
  return { levels, unfit: rows.length - levels.length }
}

/** The level and the signed change of its size in a delta; undefined where it does not fit our units. */
export function deltaIn(msg: Wire): { readonly at: number; readonly change: number } | undefined {
  const isCents = msg.value['price_dollars'] === undefined
  const at = priceOf(msg.value[isCents ? 'price' : 'price_dollars'], msg.where, isCents)
  const change = sizeOf(msg.value['delta_fp'] ?? msg.value['delta'], msg.where)
  return at === undefined || change === undefined ? undefined : { at, change }
}

/** The price of YES and the size of a print; undefined where it does not fit our units. */
export function printIn(msg: Wire): { at: number; size: number } | undefined {
  const size = sizeOf(msg.value['count_fp'] ?? msg.value['count'], msg.where)
  const ofYes = priceIn(msg, 'yes')
  const ofNo = ofYes === 'absent' ? priceIn(msg, 'no') : undefined
  const at = typeof ofNo === 'number' ? mirrored(ofNo) : ofYes
  if (at === 'absent') throw new FeedFault('price is missing', msg.where, 'between 0 and 1')
  return at === undefined || size === undefined || size < 0 ? undefined : { at, size }
}

function priceIn(msg: Wire, side: 'yes' | 'no'): number | undefined | 'absent' {
  const dollars = msg.value[`${side}_price_dollars`]
  const at = dollars ?? msg.value[`${side}_price`]
  return at === undefined || at === null
    ? 'absent'
    : priceOf(at, msg.where, dollars === undefined || dollars === null)
}

/** The market of a message. */
export const tickerOf = (msg: Wire): string => textIn(msg, 'market_ticker')

/** A price strictly between 0 and 1; undefined where it is finer than the unit. A `FeedFault` where it is none at all. */
function priceOf(value: unknown, where: string, isCents: boolean): number | undefined {
  const exact = isCents && Number.isInteger(value) ? Number(value) * 100 : priceFrom(String(value))
  if (exact === 'finer than the unit') return undefined
  if (typeof exact === 'number' && exact > 0 && exact < 10_000) return exact
  throw new FeedFault(
    `price is ${value === undefined ? 'missing' : JSON.stringify(value)}`,
    where,
    'between 0 and 1',
  )
}

/** A size; undefined where it is finer than the unit, or more than it holds. */
function sizeOf(value: unknown, where: string): number | undefined {
  const exact = sizeFrom(String(value))
  if (typeof exact === 'number') return exact
  if (exact !== 'not a decimal') return undefined
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
