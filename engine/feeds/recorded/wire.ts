import { FeedFault } from '../feed.js'
import type { FileTimes } from './times.js'

/** One JSON object of a recording: parsed, as it was written, and where it stands. */
export interface Wire {
  readonly value: Readonly<Record<string, unknown>>
  readonly text: string
  readonly where: string
}

/**
 * A string field, or a number as its shortest text. Throws a `FeedFault` where it is neither, or a whole number beyond
 * 2^53 − 1: that came through a double, which tells two ids of the venue as one.
 */
export function textIn({ value, where }: Wire, key: string): string {
  const field = value[key]
  if (typeof field === 'string') return field
  if (typeof field === 'number' && Math.abs(field) <= Number.MAX_SAFE_INTEGER) return String(field)
  throw wrong(key, field, where, 'a string')
}

/** As `textIn`, undefined where the field is absent or null. */
export function maybeTextIn(wire: Wire, key: string): string | undefined {
  const field = wire.value[key]
  return field === undefined || field === null ? undefined : textIn(wire, key)
}

/** A field that is one of `words`. */
export function wordIn<W extends string>(wire: Wire, key: string, words: readonly W[]): W {
  const field = textIn(wire, key)
  const word = words.find(each => each.toLowerCase() === field.toLowerCase())
  if (word !== undefined) return word
  throw wrong(key, field, wire.where, words.join(' or '))
}

/** An array of objects, each with the place of its message. */
export function objectsIn({ value, where }: Wire, key: string): readonly Wire[] {
  const field = value[key]
  if (!Array.isArray(field)) throw wrong(key, field, where, 'an array of objects')
  return (field as readonly unknown[]).map(each => asWire(each, key, where))
}

/** An object field. */
export const objectIn = ({ value, where }: Wire, key: string): Wire =>
  asWire(value[key], key, where)

/** An array of strings; undefined where the field is absent. */
export function textsIn({ value, where }: Wire, key: string): readonly string[] | undefined {
  const field = value[key]
  if (field === undefined) return undefined
  if (!Array.isArray(field) || !field.every(each => typeof each === 'string'))
    throw wrong(key, field, where, 'an array of strings')
  return field
}

/** A time in whole units since the epoch, of which all of a file have one; in µs. */
export const timeIn = (wire: Wire, key: string, times: FileTimes): number =>
  times.micros(textIn(wire, key), wire.where, key)

function asWire(each: unknown, key: string, where: string): Wire {
  if (typeof each !== 'object' || each === null || Array.isArray(each))
    throw wrong(key, each, where, 'an object')
  return { value: each as Wire['value'], text: '', where }
}

function wrong(key: string, field: unknown, where: string, expected: string): FeedFault {
  const json = field === undefined ? 'missing' : JSON.stringify(field)
  const short = json.length > 60 ? `${json.slice(0, 57)}…` : json
  return new FeedFault(`${key} is ${short}`, where, expected)
}
