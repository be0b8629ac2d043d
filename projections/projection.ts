import type { Recorded } from '#schemas/recorded.js'

/**
 * A view: a pure fold of a log with a name and a version. `evolve` owns its state and may change it in place; the same
 * log gives the same view however it is cut.
 */
export interface Projection<S, V> {
  readonly name: string
  readonly version: number
  readonly initialState: () => S
  readonly evolve: (state: S, row: Recorded) => S
  readonly view: (state: S) => V
}

/** Folds rows into a view. */
export function project<S, V>(of: Projection<S, V>, rows: Iterable<Recorded>): V {
  let state = of.initialState()
  for (const row of rows) state = of.evolve(state, row)
  return of.view(state)
}
