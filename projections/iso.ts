const DAY_US = 86_400_000_000
/** Days from 1 March of the year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468
/** Days of 400 years, after which the calendar repeats. */
const ERA_DAYS = 146_097

/** A time in µs since the epoch as ISO 8601 in UTC, with six decimals: of two of them the later one is the greater text. */
export function isoOf(tUs: number): string {
  const days = Math.floor(tUs / DAY_US)
  const us = tUs - days * DAY_US
  const [hours, minutes] = [Math.floor(us / 3_600_000_000), Math.floor(us / 60_000_000) % 60]
  const [seconds, rest] = [Math.floor(us / 1_000_000) % 60, us % 1_000_000]
  return `${dateOf(days)}T${two(hours)}:${two(minutes)}:${two(seconds)}.${String(rest).padStart(6, '0')}Z`
}

/** The Gregorian date of a day since the epoch, counted in years that begin in March, so that a leap day is the last. */
function dateOf(sinceEpoch: number): string {
  const days = sinceEpoch + EPOCH_DAYS
  const era = Math.floor(days / ERA_DAYS)
  const day = days - era * ERA_DAYS
  const leaps = Math.floor(day / 1_460) - Math.floor(day / 36_524) + Math.floor(day / 146_096)
  const year = Math.floor((day - leaps) / 365)
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const march = Math.floor((5 * ofYear + 2) / 153)
  const date = ofYear - Math.floor((153 * march + 2) / 5) + 1
  const month = march < 10 ? march + 3 : march - 9
  return `${String(year + era * 400 + (month <= 2 ? 1 : 0)).padStart(4, '0')}-${two(month)}-${two(date)}`
}

const two = (n: number): string => String(n).padStart(2, '0')
