import { basename } from 'node:path'
import { tickHolding } from '../../decimal.js'
import { FeedFault } from '../../feed.js'
import { jsonObjects } from '../../recorded/json-objects.js'
import { Tally } from '../../recorded/import-feed.js'
import type { MarketMeta } from '../../recorded/market-meta.js'
import { levelOf, textLevelsIn } from '../decode/levels.js'
import { FileTimes } from '../../recorded/times.js'
import { textIn, timeIn } from '../../recorded/wire.js'
import type { Wire } from '../../recorded/wire.js'

const NAME = /^([^_]+)_([^_]+)_(orderbooks|trades)_(\d+)(up|down)\.json(\.gz|\.zst)?$/
/** The venue's usual tick, 1e-4 dollar. */
const TICK_GUESS = 100

/** One file of a recording: which token of which market, books or trades. */
export interface L2File {
  readonly path: string
  /** `<coin>-<period>-<start>`. */
  readonly market: string
  /** 0 Up, 1 Down. */
  readonly index: number
  readonly isTrades: boolean
}

/** Whether a file name is one of this kind. */
export const isL2Name = (name: string): boolean => NAME.test(name)

/** What the name of a file says, in the order in which simultaneous messages are told. Throws a `FeedFault`. */
export function l2Files(paths: readonly string[]): readonly L2File[] {
  const files = paths.map(path => {
    const [, period, coin, kind, start, way] = NAME.exec(basename(path)) ?? []
    if (period === undefined)
      throw new FeedFault(
        'the name does not say which book it is',
        path,
        '<period>_<coin>_orderbooks_<start>up.json or …_trades_…down.json(.gz)',
      )
    const market = `${coin}-${period}-${start}`
    return { path, market, index: way === 'up' ? 0 : 1, isTrades: kind === 'trades' }
  })
  const rank = ({ index, isTrades }: L2File): number => 2 * index + (isTrades ? 1 : 0)
  return files.sort((a, b) => {
    const byMarket = a.market < b.market ? -1 : a.market > b.market ? 1 : 0
    return byMarket || rank(a) - rank(b)
  })
}

/** The markets of these files; the tick is the coarsest grid that holds every price, found by a first pass. */
export async function l2Markets(files: readonly L2File[]): Promise<readonly MarketMeta[]> {
  const ticks = new Map<string, number>()
  const uncounted = new Tally() // the second pass counts what is odd
  for (const { path, market, isTrades } of files)
    for await (const wires of jsonObjects(path))
      for (const wire of wires)
        for (const text of isTrades ? [tradeOf(wire)] : levelsOf(wire)) {
          const level = levelOf(text, wire.where, uncounted)
          const tick = ticks.get(market) ?? TICK_GUESS
          ticks.set(market, level ? tickHolding(tick, level.at) : tick)
        }
  return [...ticks].map(([key, tick]) => ({
    key,
    tokens: [
      { key: `${key}-up`, outcome: 'Up', tick },
      { key: `${key}-down`, outcome: 'Down', tick },
    ],
  }))
}

/** The price and size of a print, in the recording's words. */
export const tradeOf = (wire: Wire): { price: string; size: string } => ({
  price: textIn(wire, 'price'),
  size: textIn(wire, 'size'),
})

const levelsOf = (wire: Wire) => [...textLevelsIn(wire, 0), ...textLevelsIn(wire, 1)]

/** The messages of a file one after the other, with the time at which the recorder got them (µs). */
export class L2Cursor {
  readonly file: L2File
  private readonly times = new FileTimes()
  private readonly pieces: AsyncIterator<readonly Wire[]>
  private wires: readonly Wire[] = []
  private at = 0
  /** The next message, undefined at the end; valid after `load`. */
  wire: Wire | undefined
  tUs = Infinity
  /** The venue's own time of it, µs. */
  venueUs = Infinity

  constructor(file: L2File) {
    this.file = file
    this.pieces = jsonObjects(file.path)[Symbol.asyncIterator]()
  }

  /** Moves to the next message; false where that needs `load`. */
  step(): boolean {
    this.wire = this.wires[this.at++]
    if (!this.wire) return false
    this.tUs = timeIn(this.wire, 'local_timestamp', this.times)
    this.venueUs = timeIn(this.wire, 'timestamp', this.times)
    return true
  }

  /** Reads on until there is a next message, or none is left. */
  async load(): Promise<void> {
    while (!this.step()) {
      const next = await this.pieces.next()
      this.at = 0
      this.wires = next.done === true ? [] : next.value
      if (next.done !== true) continue
      this.tUs = Infinity
      return
    }
  }
}
