import { basename } from 'node:path'
import { FeedFault } from '../../feed.js'
import { textOf } from '../../recorded/text-file.js'

/** One value of a price stream. */
export interface PriceTick {
  /** Second that it is the price of, s since the epoch. */
  readonly sec: number
  /** Exact: 1e-18 dollar. */
  readonly value: bigint
  /** When it was heard, µs. */
  readonly heardUs: number
  /** Which row of the recording, for those heard in the same moment. */
  readonly row: number
}

const COLUMNS = ['feed_ts_ms', 'full_accuracy_value', 'recv_ms'] as const

/** The rows of a CSV of prices, in the order in which they stand. Throws a `FeedFault` with the line of what does not fit. */
export async function* priceTicks(path: string): AsyncGenerator<PriceTick> {
  let [kept, line] = ['', 0]
  let places: readonly number[] = []
  for await (const piece of textOf(path)) {
    const lines = (kept + piece).split('\n')
    kept = lines.pop() ?? ''
    for (const text of lines) yield* tickOf(text)
  }
  if (kept !== '') yield* tickOf(kept)

  function* tickOf(text: string): Generator<PriceTick> {
    const cells = text.replace(/\r$/, '').split(',')
    const where = `${basename(path)}:${++line}`
    if (line === 1) {
      places = COLUMNS.map(name => cells.indexOf(name))
      if (places.includes(-1))
        throw new FeedFault(`the header is "${text.slice(0, 80)}"`, where, COLUMNS.join(', '))
      return
    }
    if (text === '') return
    const [feed = '', value = '', heard = ''] = places.map(place => cells[place])
    if (!/^\d{13}$/.test(feed) || !/^\d{1,40}$/.test(value) || !/^\d{13}$/.test(heard))
      throw new FeedFault(`the row is "${text.slice(0, 80)}"`, where, 'whole numbers')
    const sec = Math.floor(Number(feed) / 1_000)
    yield { sec, value: BigInt(value), heardUs: Number(heard) * 1_000, row: line }
  }
}
