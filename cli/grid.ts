import { Refusal } from './command.js'

/** Values by key, as they stand on a command line. */
export type Chosen = Readonly<Record<string, string>>

/** A key, and the values that it takes in turn. */
export interface Axis {
  readonly key: string
  readonly values: readonly string[]
}

/** More would be a mistake in the command line rather than a question. */
export const COMBINATIONS_MAX = 10_000

/** What each `--vary` says. A Refusal where one says nothing, or a key varies twice. */
export function axesOf(varied: readonly string[]): readonly Axis[] {
  const axes = varied.map(axisOf)
  for (const [k, { key }] of axes.entries())
    if (axes.findIndex(of => of.key === key) < k)
      throw new Refusal('usage', `${key} varies twice`, '--vary')
  return axes
}

/** Every combination, the last key changing fastest. */
export function gridOf(axes: readonly Axis[]): readonly Chosen[] {
  requireFew(axes.reduce((count, { values }) => count * values.length, 1))
  return axes.reduce<readonly Chosen[]>(
    (found, { key, values }) => found.flatMap(of => values.map(value => ({ ...of, [key]: value }))),
    [{}],
  )
}

/** A Refusal where there are more than anybody wants to wait for. */
export function requireFew(combinations: number): void {
  if (combinations <= COMBINATIONS_MAX) return
  const most = `at most ${COMBINATIONS_MAX.toLocaleString('en')}`
  throw new Refusal('usage', `${combinations.toLocaleString('en')} combinations`, '--vary', most)
}

/** Commas within brackets or quotes belong to a value. */
function axisOf(text: string): Axis {
  const at = text.indexOf('=')
  const values = text.slice(at + 1).match(/(?:\[[^\]]*\]|"[^"]*"|[^,])+/g) ?? []
  if (at < 1 || values.length === 0)
    throw new Refusal('usage', `--vary ${text}`, '--vary', 'KEY=V1,V2…')
  return { key: text.slice(0, at), values }
}
