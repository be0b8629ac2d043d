import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
} from '@tanstack/react-table'
import type { ColumnDef, SortingState } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'

const ROW_PX = 32

interface TableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  // The library's columns are invariant in their value.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly columns: ColumnDef<T, any>[]
  readonly keyOf: (row: T) => string
  readonly height?: number
  readonly onOpen?: (row: T) => void
  readonly empty: string
}

/** A table that draws the rows that are seen, however many there are. Rows are opened by click or Enter. */
export function Table<T>({
  label,
  rows,
  columns,
  keyOf,
  height = 360,
  onOpen,
  empty,
}: TableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>([])
  const table = useReactTable({
    data: rows as T[],
    columns,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: keyOf,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  })
  const scroller = useRef<HTMLDivElement>(null)
  const all = table.getRowModel().rows
  const virtual = useVirtualizer({
    count: all.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  })
  const shown = virtual.getVirtualItems()
  const [above, below] = [
    shown[0]?.start ?? 0,
    virtual.getTotalSize() - (shown[shown.length - 1]?.end ?? 0),
  ]
  const fits = Math.min(height, ROW_PX * (all.length + 1) + 8)
  return (
    <div
      className="scroll"
      ref={scroller}
      style={{ maxHeight: height, minHeight: Math.max(72, fits) }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table aria-rowcount={all.length + 1}>
        <thead>
          {table.getHeaderGroups().map(group => (
            <tr key={group.id}>
              {group.headers.map(header => (
                <th
                  key={header.id}
                  scope="col"
                  aria-sort={ARIA_SORT[String(header.column.getIsSorted())]}
                >
                  {header.column.columnDef.header === '' ? (
                    <span className="sr">actions</span>
                  ) : (
                    <button type="button" onClick={header.column.getToggleSortingHandler()}>
                      {flexRender(header.column.columnDef.header, header.getContext())}
                      <span aria-hidden="true">{ARROW[String(header.column.getIsSorted())]}</span>
                    </button>
                  )}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {above > 0 && <Spacer px={above} span={columns.length} />}
          {shown.map(({ index }) => {
            const row = all[index]!
            return (
              <tr
                key={row.id}
                aria-rowindex={index + 2}
                className={onOpen ? 'opens' : ''}
                tabIndex={onOpen ? 0 : undefined}
                onClick={() => onOpen?.(row.original)}
                onKeyDown={event => {
                  if (event.key !== 'Enter' || event.target !== event.currentTarget) return
                  event.preventDefault() // else the same key presses the first button of what opens
                  onOpen?.(row.original)
                }}
              >
                {row.getVisibleCells().map(cell => (
                  <td key={cell.id}>{flexRender(cell.column.columnDef.cell, cell.getContext())}</td>
                ))}
              </tr>
            )
          })}
          {below > 0 && <Spacer px={below} span={columns.length} />}
          {all.length === 0 && (
            <tr>
              <td colSpan={columns.length} className="dim">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  )
}

const Spacer = ({ px, span }: { px: number; span: number }) => (
  <tr aria-hidden="true">
    <td colSpan={span} className="spacer" style={{ height: px }} />
  </tr>
)

const ARROW: Readonly<Record<string, string>> = { asc: ' ▲', desc: ' ▼', false: '' }
const ARIA_SORT: Readonly<Record<string, 'ascending' | 'descending' | 'none'>> = {
  ...{ asc: 'ascending', desc: 'descending', false: 'none' },
}
