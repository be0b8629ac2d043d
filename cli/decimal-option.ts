import { Refusal, textOf, type Values } from './command.js'

/** What decimals may be, in steps of `1 / unit`: 10,000 for bps, 1,000,000 for cash and ratios. */
export interface Bounds {
  readonly unit: 10_000 | 1_000_000
  /** In steps. */
  readonly least: number
  readonly most: number
}

/** A part of the whole in bps, exact to four decimals. */
export const SHARE: Bounds = { unit: 10_000, least: 0, most: 10_000 }

/** A ratio in 1e-6. */
export const RATIO: Bounds = { unit: 1_000_000, least: 0, most: 1_000_000 }

/** A decimal option in whole steps; a Refusal where it has more decimals than a step, or is out of range. */
export function decimalOf(values: Values, name: string, bounds: Bounds): number | undefined {
  const text = textOf(values, name)
  return text === undefined ? undefined : stepsOf(text, name, bounds)
}

/** Decimals parted by commas, or these where nothing is said. */
export function decimalsOf(
  values: Values,
  name: string,
  { fallback, ...bounds }: Bounds & { readonly fallback: readonly number[] },
): readonly number[] {
  const text = textOf(values, name)
  if (text === undefined) return fallback
  return [...new Set(text.split(',').map(part => stepsOf(part, name, bounds)))]
}

function stepsOf(text: string, name: string, { unit, least, most }: Bounds): number {
  const [, sign = '', whole = '', part = ''] =
    /^(-?)(\d{1,10})?(?:\.(\d+))?$/.exec(text.trim()) ?? []
  const places = String(unit).length - 1
  const isDecimal = (whole !== '' || part !== '') && part.length <= places
  const steps = Number(`${sign}${whole || '0'}${part.padEnd(places, '0')}`)
  if (isDecimal && steps >= least && steps <= most) return steps === 0 ? 0 : steps
  const range = `${least / unit} … ${most / unit}`
  const expected = `a decimal ${range} with at most ${places} places`
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, expected)
}
