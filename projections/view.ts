import type { Recorded } from '#schemas/recorded.js'
import { csvLine } from './csv.js'
import { World } from './world.js'

/**
 * A view made of rows: a pure fold of a log with a name and a version, whose finished rows leave it. What was drained
 * on the way and what is left at the end are together the same for any cut of the log. `evolve` owns its state and changes
 * it in place; `world` has taken the row already.
 */
export interface RowView<S, R> {
  readonly name: string
  readonly version: number
  readonly initialState: () => S
  readonly evolve: (state: S, row: Recorded, world: World) => void
  /** Rows that are finished, in their order; the state forgets them. */
  readonly drain: (state: S) => readonly R[]
  /** Rows that only the end of the log finishes; the state stays as it is. */
  readonly rest: (state: S, world: World) => readonly R[]
  /** Whether all rows are of that kind: nothing is ever drained, and each look at the view shows the whole of it. */
  readonly isWhole?: true
}

/**
 * What a cell holds: text; a whole number; a price with 4 decimals; a size, an amount of cash or a ratio with 6. An empty
 * cell says that there is no value, except of a text.
 */
export type Kind = 'text' | 'integer' | 'price' | 'micro'

/** A column: its name, its cell in a row of this run, and what that holds. */
export type Column<R> = readonly [name: string, cell: (row: R, runId: string) => string, kind: Kind]

/** The cells of one row, as CSV shows them; of a view that is no table, one cell, which is its line. */
export type Cells = readonly string[]

/** A view as a file of lines: what it is called, and how it is opened for one run. */
export interface FileView {
  readonly name: string
  readonly version: number
  readonly file: string
  /** Names of the columns, which are its first line; empty where it is no table. */
  readonly columns: readonly string[]
  /** What the columns hold. */
  readonly kinds: readonly Kind[]
  /** Whether it is only finished by the end of the log: what was written before is written anew. */
  readonly isWhole: boolean
  readonly open: (runId: string) => OpenView
}

/** A view that is being folded. */
export interface OpenView {
  readonly take: (row: Recorded, world: World) => void
  readonly drain: () => readonly Cells[]
  readonly rest: (world: World) => readonly Cells[]
}

/** A row of a view as its file has it, without the end of the line. */
export const lineOf = ({ columns }: FileView, cells: Cells): string =>
  columns.length === 0 ? (cells[0] ?? '') : csvLine(cells)

/** A view as a CSV table, named after itself. */
export function tableOf<S, R>(view: RowView<S, R>, columns: readonly Column<R>[]): FileView {
  return {
    ...fileOf(`${view.name}.csv`, view, (row, runId) =>
      columns.map(([, cell]) => cell(row, runId)),
    ),
    columns: columns.map(([name]) => name),
    kinds: columns.map(([, , kind]) => kind),
  }
}

/** A view as a file whose rows are lines already. */
export const linesOf = <S>(file: string, view: RowView<S, string>): FileView =>
  fileOf(file, view, line => [line])

/** All lines of a view, folded from rows; `cuts` says after which rows finished ones are drained. */
export function linesFrom(
  of: FileView,
  rows: readonly Recorded[],
  {
    runId = 'run',
    cuts = (): boolean => false,
  }: { runId?: string; cuts?: (k: number) => boolean } = {},
): string[] {
  const world = new World()
  const view = of.open(runId)
  const found: Cells[] = []
  rows.forEach((row, k) => {
    world.take(row)
    view.take(row, world)
    if (cuts(k)) found.push(...view.drain())
  })
  return [...found, ...view.drain(), ...view.rest(world)].map(cells => lineOf(of, cells))
}

/** Takes the finished ones from the front, up to the first that is not: rows keep the order in which they began. */
export function finished<T extends { readonly isDone: boolean }>(items: T[]): T[] {
  const open = items.findIndex(({ isDone }) => !isDone)
  return items.splice(0, open < 0 ? items.length : open)
}

/** Takes all of them. */
export const taken = <T>(items: T[]): T[] => items.splice(0)

function fileOf<S, R>(
  file: string,
  view: RowView<S, R>,
  cellsOf: (row: R, runId: string) => Cells,
): FileView {
  return {
    name: view.name,
    version: view.version,
    file,
    columns: [],
    kinds: [],
    isWhole: view.isWhole === true,
    open: runId => {
      const state = view.initialState()
      const all = (rows: readonly R[]): Cells[] => rows.map(row => cellsOf(row, runId))
      return {
        take: (row, world) => {
          view.evolve(state, row, world)
        },
        drain: () => all(view.drain(state)),
        rest: world => all(view.rest(state, world)),
      }
    },
  }
}
