import { isoOf } from '../iso.js'
import type { Cells, FileView } from '../view.js'

/** The column that says when a row came to be: the first of these that a table has. */
const TIMES = ['created_at', 'opened_at', 'started_at'] as const

/** The column of an arb table that says when a row came to be. */
export const timeColumnOf = ({ columns }: FileView): string =>
  TIMES.find(name => columns.includes(name)) ?? ''

/** An arb table without the rows from a time on (µs); 0 forgets all. */
export function forgotten(view: FileView, fromUs: number): FileView {
  const at = view.columns.indexOf(timeColumnOf(view))
  const from = isoOf(fromUs)
  const kept = (rows: readonly Cells[]): readonly Cells[] =>
    rows.filter(cells => (cells[at] ?? '') < from)
  return {
    ...view,
    open: runId => {
      const own = view.open(runId)
      return {
        take: own.take,
        drain: () => kept(own.drain()),
        rest: world => kept(own.rest(world)),
      }
    },
  }
}
