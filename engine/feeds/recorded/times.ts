import { FeedFault } from '../feed.js'

/** No recording of these venues is older: 2015-01-01, µs since the epoch. */
export const EARLIEST_US = Date.UTC(2015, 0, 1) * 1_000

/** How far a clock of a venue may be ahead of this machine's: a day, µs. */
const AHEAD_US = 86_400_000_000

/** The last moment that a stamp may name: tomorrow, by the clock of this machine. */
export const latestUs = (): number => Date.now() * 1_000 + AHEAD_US

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** An ISO time as µs since the epoch; one without a zone is UTC, whatever the machine's zone. Undefined: none. */
export function isoMicros(text: string): number | undefined {
  const [, day, clock, part = '', zone = 'Z'] = ISO.exec(text.trim()) ?? []
  if (day === undefined || clock === undefined) return undefined
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  const offset = sign === undefined ? 'Z' : `${sign}${hours}:${minutes}`
  const ms = Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}${offset}`)
  return Number.isNaN(ms) ? undefined : ms * 1_000 + Number(part.slice(0, 6).padEnd(6, '0'))
}

/** Units of time by their number in a second. */
const UNITS = [
  ['seconds', 1],
  ['milliseconds', 1e3],
  ['microseconds', 1e6],
  ['nanoseconds', 1e9],
] as const

/** Later than any stamp that a recording can hold: what tells units apart, 2100-01-01, µs. */
const MAGNITUDE_US = Date.UTC(2100, 0, 1) * 1_000

/**
 * Reads whole-number times of one file. The unit is told by the magnitude of the first one: seconds to nanoseconds leave no
 * doubt between 2015 and 2100. A first time that is none of them is a `FeedFault` with its place.
 */
export class FileTimes {
  #perSecond: number | undefined

  /** `unit`: where it is known beforehand. */
  constructor(unit?: 'milliseconds') {
    if (unit) this.#perSecond = 1e3
  }

  /** Whether the file writes milliseconds; undefined until one was read. */
  get isMillis(): boolean | undefined {
    return this.#perSecond === undefined ? undefined : this.#perSecond === 1e3
  }

  /** µs since the epoch. */
  micros(text: string, where: string, key = 'time'): number {
    if (!/^\d{1,20}$/.test(text)) throw noTime(`${key} ${text}`, where)
    this.#perSecond ??= UNITS.find(([, per]) => fits(inMicros(text, per)))?.[1]
    if (this.#perSecond === undefined) throw noTime(`${key} ${text}`, where)
    return inMicros(text, this.#perSecond)
  }
}

const fits = (tUs: number): boolean => tUs >= EARLIEST_US && tUs <= MAGNITUDE_US

/** Digits beyond the unit are cut off in the text: nanoseconds do not fit a double. */
const inMicros = (text: string, perSecond: number): number =>
  perSecond === 1e9 ? Number(text.slice(0, -3)) : Number(text) * (1e6 / perSecond)

/** A time that cannot be one of a recording. */
export const noTime = (text: string, where: string): FeedFault =>
  new FeedFault(
    `${text} is not a time of 2015 to tomorrow`,
    where,
    'seconds, milliseconds, microseconds or nanoseconds since the epoch, all of a file in one unit',
  )
