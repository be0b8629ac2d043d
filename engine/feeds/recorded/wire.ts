import { FeedFault } from '../feed.js'

/** One JSON object of a recording: parsed, as it was written, and where it stands. */
export interface Wire {
  readonly value: Readonly<Record<string, unknown>>
  readonly text: string
  readonly where: string
}

/** A string field, or a number as its shortest text. Throws a `FeedFault` where it is neither. */
export function textIn({ value, where }: Wire, key: string): string {
  const field = value[key]
  if (typeof field === 'string') return field
  if (typeof field === 'number') return String(field)
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

/** A time that the venue writes in whole milliseconds, in µs. */
export function millisIn(wire: Wire, key: string): number {
  const text = textIn(wire, key)
  if (!/^\d{1,13}$/.test(text)) throw wrong(key, text, wire.where, 'milliseconds since the epoch')
  return Number(text) * 1_000
}

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
