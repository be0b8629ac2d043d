import { deserialize, serialize } from 'node:v8'
import type { BookFold, SavedFold } from '#engine/book/fold.js'
import type { FollowPlace } from '#engine/log/store/run-store.js'
import type { Moment } from '#projections/desk/moment.js'
import type { Stage } from './stage.js'

/** Events between two snapshots at first; doubled whenever they would take too much memory. */
const EVERY_EVENTS = 25_000
/** Most bytes of all snapshots of one run. */
export const SNAPSHOT_BYTES_MAX = 256 * 1_048_576

interface Snapshot {
  readonly place: FollowPlace
  readonly bytes: Buffer
}

interface Saved {
  readonly books: SavedFold
  readonly moment: ReturnType<Moment['save']>
}

/**
 * States of a run that were passed on the way through its log, in memory: from the nearest one on, any moment is a short walk. They are
 * a cache of the log; every second one is dropped where they take too much room.
 */
export class Snapshots {
  readonly #bytesMax: number
  #every: number
  #all: Snapshot[] = []
  #bytes = 0

  constructor({ every = EVERY_EVENTS, bytesMax = SNAPSHOT_BYTES_MAX } = {}) {
    this.#every = every
    this.#bytesMax = bytesMax
  }

  /** How many there are, what they take up, and how far apart they are. */
  get facts(): { readonly count: number; readonly bytes: number; readonly everyEvents: number } {
    return { count: this.#all.length, bytes: this.#bytes, everyEvents: this.#every }
  }

  /** Keeps the state behind a commit, where it is time for one. */
  look(place: FollowPlace, of: { readonly books: BookFold; readonly moment: Moment }): void {
    if (place.lastSeq < (this.#all.at(-1)?.place.lastSeq ?? 0) + this.#every) return
    const saved: Saved = { books: of.books.save(), moment: of.moment.save() }
    const bytes = serialize(saved)
    this.#all.push({ place, bytes })
    this.#bytes += bytes.length
    while (this.#bytes > this.#bytesMax && this.#all.length > 1) this.#thin()
  }

  /** Where the newest one at or before an event stands; undefined where there is none. */
  before(seq: number): Snapshot | undefined {
    let [low, high] = [0, this.#all.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#all[middle]!.place.lastSeq <= seq) low = middle + 1
      else high = middle
    }
    return this.#all[low - 1]
  }

  #thin(): void {
    this.#every *= 2
    this.#all = this.#all.filter((_, k) => k % 2 === 1)
    this.#bytes = this.#all.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }
}

/** Takes a snapshot up, before anything else. */
export function restore(stage: Stage, { bytes }: Snapshot): void {
  const saved = deserialize(bytes) as Saved // our own bytes, of this process
  stage.books.load(saved.books)
  stage.moment.load(saved.moment)
}
