import { scaled } from '#engine/feeds/decimal.js'

/** An object of a JSON body, of which nothing is believed yet. */
export type Wire = Readonly<Record<string, unknown>>

/** A JSON text; undefined where it is none. Numbers of bodies that matter are below 2^53, ids are strings. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Whether something is an object, not an array. */
export const isObject = (value: unknown): value is Wire =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text under a key; a number as its text; empty where there is neither. */
export function textIn(of: Wire, key: string): string {
  const value = of[key]
  if (typeof value === 'string') return value
  return typeof value === 'number' ? String(value) : ''
}

/** A size in 1e-6 share (or dollar) under a key; `none` where it is empty or missing, undefined where it does not fit. */
export function microIn(of: Wire, key: string, none = 0): number | undefined {
  const text = textIn(of, key)
  if (text === '') return none
  const value = scaled(text, 6)
  return typeof value === 'number' && value >= 0 ? value : undefined
}

/** A price in 1e-4 dollar under a key; undefined where there is none or it does not fit. */
export function priceIn(of: Wire, key: string): number | undefined {
  const value = scaled(textIn(of, key), 4)
  return typeof value === 'number' && value > 0 && value < 10_000 ? value : undefined
}

/** An id of an order: `0x` and 64 digits, lower case; undefined for anything else. */
export function hashIn(of: Wire, key: string): string | undefined {
  const text = textIn(of, key).toLowerCase()
  return /^0x[0-9a-f]{64}$/.test(text) ? text : undefined
}
