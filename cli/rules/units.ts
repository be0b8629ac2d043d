import type { Unit } from './fields.js'

/** A decimal as whole units; undefined where it is finer than these, or no number. */
export function scaled(value: unknown, factor: number): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  const whole = Math.round(value * factor)
  // What was written in decimals is at most a rounding error of doubles away.
  const isExact = Math.abs(value * factor - whole) <= Math.abs(whole) * 2 ** -50
  return isExact && Number.isSafeInteger(whole) ? whole : undefined
}

/** Reads a value of each unit; undefined where it does not fit. */
export const READ: Readonly<Record<Unit, (value: unknown) => unknown>> = {
  usd: value => scaled(value, 1_000_000),
  secs: value => scaled(value, 1_000),
  price: value => scaled(value, 10_000),
  share: value => scaled(value, 10_000),
  bps: value => scaled(value, 1),
  count: value => scaled(value, 1),
  deviations: value => scaled(value, 100),
  words: value => value,
  related: value => value,
  direction: value => value,
}

/** What is expected of each unit. */
export const EXPECTED: Readonly<Record<Unit, string>> = {
  usd: 'a number with at most six decimals',
  secs: 'seconds, with at most three decimals',
  price: 'dollars, with at most four decimals',
  share: 'a part of one, with at most four decimals',
  bps: 'whole bps',
  count: 'a whole number',
  deviations: 'standard deviations, with at most two decimals',
  words: 'a list of texts',
  related: 'a list of { name, markets?, keywords? }',
  direction: 'fade or follow',
}
