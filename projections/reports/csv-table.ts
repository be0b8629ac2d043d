import { csvLine } from '../csv.js'

/** A column of a report: its frozen name, and its cell in a row. */
export type ReportColumn<R> = readonly [name: string, cell: (row: R) => string]

/** Names and cells of a table, the names first. */
export const cellsOf = <R>(columns: readonly ReportColumn<R>[], rows: readonly R[]): string[][] => [
  columns.map(([name]) => name),
  ...rows.map(row => columns.map(([, cell]) => cell(row))),
]

/** The same as CSV, with the end of the last line. */
export const csvOf = <R>(columns: readonly ReportColumn<R>[], rows: readonly R[]): string =>
  `${cellsOf(columns, rows).map(csvLine).join('\n')}\n`
