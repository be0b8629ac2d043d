import { scaled } from '#engine/feeds/decimal.js'

/** A row of a source that does not fit: which key, and what was expected. */
export class RowFault extends Error {
  constructor(key: string, expected: string) {
    super(`${key} is not ${expected}`)
    this.name = 'RowFault'
  }
}

/** Rows that did not fit: how many of each kind, and how the first began. */
export class Refused {
  readonly #kinds = new Map<string, number>()
  #first = ''
  count = 0

  add(why: string, sample: unknown): void {
    if (this.count++ === 0) this.#first = JSON.stringify(sample).slice(0, 160)
    this.#kinds.set(why, (this.#kinds.get(why) ?? 0) + 1)
  }

  /** For `CollectorRan.detail`; nothing where all fitted. */
  get facts(): Readonly<Record<string, unknown>> {
    return this.count === 0 ? {} : { refused: Object.fromEntries(this.#kinds), first: this.#first }
  }
}

/** The members of a JSON object, read one by one: what must be there and is not, or is something else, is a `RowFault`. */
export class Row {
  readonly #of: Readonly<Record<string, unknown>>

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new RowFault('a row', 'an object')
    this.#of = value as Readonly<Record<string, unknown>> // an object, as has just been seen
  }

  get(key: string): unknown {
    return this.#of[key]
  }

  /** A text that must be there, and not empty. */
  id(key: string): string {
    const value = this.#of[key]
    if (typeof value === 'number' && Number.isSafeInteger(value)) return `${value}`
    if (typeof value === 'string' && value !== '') return value
    throw new RowFault(key, 'a text')
  }

  /** A text; empty where there is none. */
  text(key: string): string {
    const value = this.#of[key]
    if (value === undefined || value === null) return ''
    if (typeof value === 'string') return value
    throw new RowFault(key, 'a text')
  }

  /** Yes or no; no where nothing is said. */
  flag(key: string): boolean {
    const value = this.#of[key]
    if (value === undefined || value === null) return false
    if (typeof value === 'boolean') return value
    throw new RowFault(key, 'true or false')
  }

  /** A whole number that must be there. */
  count(key: string): number {
    const value = this.#of[key]
    if (Number.isSafeInteger(value)) return Number(value)
    throw new RowFault(key, 'a whole number')
  }

  /** A time in µs that must be there. */
  time(key: string): number {
    const us = instantOf(this.#of[key])
    if (us !== undefined) return us
    throw new RowFault(key, 'a time with its zone')
  }

  /** A time in µs; 0 where there is none, or one without a zone, which every machine would read in its own. */
  timeIfSaid(key: string): number {
    return instantOf(this.#of[key]) ?? 0
  }

  /** An amount in 10^-places, rounded down; −1 where there is none. */
  amount(key: string, places: number): number {
    const value = this.#of[key]
    if (value === undefined || value === null || value === '') return -1
    const units = amountOf(value, places)
    if (units !== undefined) return units
    throw new RowFault(key, 'an amount')
  }
}

/** A time as the sources write it (`2026-02-11T19:30:00.123Z`, `2026-07-24 00:00:16+00`), in µs since the epoch. */
export function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const [, day, time, part = '', zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)$/.exec(
      value,
    ) ?? []
  if (day === undefined || zone === undefined) return undefined
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone
  const ms = Date.parse(`${day}T${time ?? ''}${offset}`)
  if (Number.isNaN(ms) || ms < 0) return undefined
  return ms * 1_000 + Number(part.padEnd(6, '0').slice(0, 6))
}

/** A decimal, or a double that was one, in 10^-places, rounded down; undefined for what is none, negative, or too large. */
export function amountOf(value: unknown, places: number): number | undefined {
  const text = typeof value === 'number' ? decimalOf(value) : value
  if (typeof text !== 'string') return undefined
  const cut = /^(\d+)(?:\.(\d*))?$/.exec(text)
  if (!cut) return undefined
  const units = scaled(`${cut[1] ?? ''}.${(cut[2] ?? '').slice(0, places)}`, places)
  return typeof units === 'number' ? units : undefined
}

const decimalOf = (value: number): string =>
  Number.isFinite(value) && value < 1e21 ? noExponent(value) : ''

/** Doubles below 1e-6 are written with an exponent; they are less than any unit of ours. */
const noExponent = (value: number): string => (value >= 0 && value < 1e-6 ? '0' : `${value}`)

/** Rows of a list, each decoded; those that do not fit are counted. Undefined where it is no list. */
export function rowsOf<T>(
  list: unknown,
  refused: Refused,
  decode: (row: Row) => T,
): T[] | undefined {
  if (!Array.isArray(list)) return undefined
  return (list as readonly unknown[]).flatMap(value => {
    try {
      return [decode(new Row(value))]
    } catch (error) {
      if (!(error instanceof RowFault)) throw error
      refused.add(error.message, value)
      return []
    }
  })
}
