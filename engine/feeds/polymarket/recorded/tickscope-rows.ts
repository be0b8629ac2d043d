import { parquetRows, type Rows as ParquetRows } from '../../recorded/parquet-rows.js'

const COLUMNS = [
  'timestamp',
  'price',
  'size',
  'best_bid',
  'best_ask',
  'side',
  'event_type',
  'asset_id',
] as const

/** A range of rows, by column. */
export type Rows = ParquetRows<(typeof COLUMNS)[number]>

/** The rows of a tickscope recording in file order, a bounded range at a time. Throws a `FeedFault`. */
export const tickscopeRows = (path: string): AsyncGenerator<Rows> => parquetRows(path, COLUMNS)
