import { isoOf } from '../iso.js'
import type { Column } from '../view.js'

/** What every row of an arb table knows of its run. */
export interface Place {
  readonly mode: string
  readonly source: string
}

/** The id of the run. */
export const RUN_ID: Column<unknown> = ['run_id', (_, runId) => runId, 'text']

/** Mode, strategy and source, as most of the tables have them behind their ids. */
export const PLACED: readonly Column<Place & { readonly strategy: string }>[] = [
  ['mode', ({ mode }) => mode, 'text'],
  ['strategy_code', ({ strategy }) => strategy, 'text'],
  ['source_code', ({ source }) => source, 'text'],
]

/** When the row came to be. */
export const CREATED: Column<{ readonly tUs: number }> = [
  'created_at',
  ({ tUs }) => isoOf(tUs),
  'text',
]

/** A moment that may not have come yet. */
export const isoCell = (tUs: number | undefined): string => (tUs === undefined ? '' : isoOf(tUs))

/** Minutes of a time in µs in 1e-6, rounded down. */
export const minutesOf = (us: number): number => Math.floor(us / 60)

/** A cell of JSON. */
export const jsonCell = (of: unknown): string => JSON.stringify(of)
