import type { Config } from '#schemas/config.js'
import { requireFew, type Axis, type Chosen } from '../grid.js'

/** What the two thresholds are tried at where nobody says, in hundredths of what they are. */
const STEPS = [80, 90, 110, 125]

/** Keys that are tried where nobody names one: the least edges of both rules, in steps around what they are. */
export function defaultAxes({ parity, basket }: Config): readonly Axis[] {
  return [
    { key: 'parity.min_edge_bps', values: around(parity.min_edge_bps) },
    { key: 'basket.min_edge_bps', values: around(basket.min_edge_bps) },
  ]
}

/** What each candidate changes: the first nothing, then one key at a time, then each pair of keys. */
export function neighbourhood(axes: readonly Axis[]): readonly Chosen[] {
  const pairs = axes.flatMap((one, k) => axes.slice(k + 1).map(other => [one, other] as const))
  const counts = axes.map(({ values }) => values.length)
  requireFew(
    pairs.reduce((sum, [one, other]) => sum + one.values.length * other.values.length, 1) +
      counts.reduce((sum, count) => sum + count, 0),
  )
  return [
    {},
    ...axes.flatMap(({ key, values }) => values.map(value => ({ [key]: value }))),
    ...pairs.flatMap(([one, other]) =>
      one.values.flatMap(value =>
        other.values.map(also => ({ [one.key]: value, [other.key]: also })),
      ),
    ),
  ]
}

/** Those whose digest no earlier one has, with it: where a step ends where it began there is nothing to try. */
export function distinct<C extends { readonly digest: string }>(all: readonly C[]): readonly C[] {
  const known = new Set<string>()
  return all.filter(({ digest }) => !known.has(digest) && known.add(digest))
}

/** `m2-YYYYMMDD-<index>`: the UTC day of the last input, so that the same data give the same name. */
export const versionOf = (lastUs: number, index: number): string =>
  `m2-${new Date(lastUs / 1_000).toISOString().slice(0, 10).replaceAll('-', '')}-${index}`

function around(value: number): readonly string[] {
  return STEPS.map(step => String(Math.round((value * step) / 100)))
}
