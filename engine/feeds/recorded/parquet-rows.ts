import { basename } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet'
import type { AsyncBuffer, FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { FeedFault } from '../feed.js'

/** Rows decoded at once: bounds the memory of an import, whatever the size of the row groups. */
const ROWS_MAX = 262_144

/** A range of rows, by column; `from` is the number of its first row in the file. */
export interface Rows<C extends string> {
  readonly file: string
  readonly from: number
  readonly count: number
  readonly columns: Readonly<Record<C, ArrayLike<unknown>>>
}

/** Some columns of a Parquet file in file order, a bounded range at a time. Throws a `FeedFault`. */
export async function* parquetRows<const C extends string>(
  path: string,
  names: readonly C[],
): AsyncGenerator<Rows<C>> {
  const { file, metadata } = await opened(path, names)
  let from = 0
  for (const group of metadata.row_groups) {
    const end = from + Number(group.num_rows)
    while (from < end) {
      const rowEnd = Math.min(end, from + ROWS_MAX)
      yield await rowsIn(names, { path, file, metadata, rowStart: from, rowEnd })
      from = rowEnd
    }
  }
}

async function opened(
  path: string,
  names: readonly string[],
): Promise<{ file: AsyncBuffer; metadata: FileMetaData }> {
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    const there = new Set(metadata.schema.map(({ name }) => name))
    const missing = names.filter(name => !there.has(name))
    if (missing.length > 0)
      throw new FeedFault(`lacks the column ${missing.join(', ')}`, path, names.join(', '))
    return { file, metadata }
  } catch (cause) {
    if (cause instanceof FeedFault) throw cause
    throw new FeedFault(`not a Parquet file: ${messageOf(cause)}`, path, 'a Parquet file')
  }
}

interface RowRange {
  readonly path: string
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly rowStart: number
  readonly rowEnd: number
}

async function rowsIn<C extends string>(
  names: readonly C[],
  { path, file, metadata, rowStart, rowEnd }: RowRange,
): Promise<Rows<C>> {
  const parts = new Map<string, unknown[]>(names.map(name => [name, []]))
  try {
    await parquetRead({
      file,
      metadata,
      compressors,
      columns: [...names],
      rowStart,
      rowEnd,
      utf8: true,
      onChunk: ({ columnName, columnData, rowStart: first }) => {
        const column = parts.get(columnName)
        // A chunk holds whole pages: what lies outside the range belongs to a neighbour.
        const start = Math.max(0, rowStart - first)
        const end = Math.min(columnData.length, rowEnd - first)
        for (let i = start; i < end; i++) column?.push(columnData[i])
      },
    })
  } catch (cause) {
    const where = `${path}: rows ${rowStart + 1} to ${rowEnd}`
    throw new FeedFault(`damaged Parquet data: ${messageOf(cause)}`, where, 'readable pages')
  }
  const count = rowEnd - rowStart
  const column = (name: C): ArrayLike<unknown> => {
    const values = parts.get(name) ?? []
    if (values.length === count) return values
    throw new FeedFault(
      `column ${name} has ${values.length} of ${count} values`,
      `${path}: rows ${rowStart + 1} to ${rowEnd}`,
      'as many values in each column',
    )
  }
  const columns = Object.fromEntries(names.map(name => [name, column(name)]))
  // One entry for each name.
  return { file: basename(path), from: rowStart, count, columns: columns as Rows<C>['columns'] }
}

const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause)
