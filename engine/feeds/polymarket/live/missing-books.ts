import type { Wire } from '../../recorded/wire.js'

/** Tries of one book, each after twice the wait of the one before, s: 1, 2, 4, 8. */
const TRIES_MAX = 4

/** Changes of one book that are kept until it comes: what has more to say is asked for anew instead. */
const CHANGES_MAX = 10_000

interface Wanted {
  /** The venue's time of what was last said of the book when it was asked for, µs: an answer that is older is stale. */
  saidUs: number
  /** Changes of this token that came since. */
  changes: Wire[]
  tries: number
  /** Not asked for again before this, ms. */
  notBeforeMs: number
  isAsked: boolean
  /** Something was lost since it was asked for: the answer may lack it. */
  isVoid: boolean
}

/** What an answer of REST is good for. */
export type Judged =
  | { readonly tag: 'taken'; readonly changes: readonly Wire[] }
  /** It is older than what is known, or than what was lost. */
  | { readonly tag: 'stale' }
  /** Nobody wants it any more. */
  | { readonly tag: 'unwanted' }

/** Books that are wanted of REST, and what the market channel says of them until they come. */
export class MissingBooks {
  readonly #wanted = new Map<string, Wanted>()

  get isEmpty(): boolean {
    return this.#wanted.size === 0
  }

  /** A book is wanted, as something said of it was lost or never came. */
  want(asset: string, saidUs: number): void {
    const known = this.#wanted.get(asset)
    if (known) {
      known.saidUs = Math.max(known.saidUs, saidUs)
      known.isVoid = known.isAsked
      return
    }
    this.#wanted.set(asset, {
      ...{ saidUs, changes: [], tries: 0, notBeforeMs: 0, isAsked: false, isVoid: false },
    })
  }

  /** Those that are to be asked for now; they count as asked for. */
  due(nowMs: number): string[] {
    const due: string[] = []
    for (const [asset, wanted] of this.#wanted) {
      if (wanted.isAsked || wanted.notBeforeMs > nowMs) continue
      wanted.isAsked = true
      due.push(asset)
    }
    return due
  }

  /** A message of the market channel: its changes of wanted books are kept, and a whole book ends the wait for it. */
  heard(wire: Wire): void {
    const { value } = wire
    const asset = value['asset_id']
    if (value['event_type'] === 'book' && typeof asset === 'string') this.#wanted.delete(asset)
    const rows = value['price_changes']
    if (value['event_type'] !== 'price_change' || !Array.isArray(rows)) return
    for (const [wanted, of] of this.#wanted) {
      const own = rows.filter(row => assetOf(row) === wanted)
      if (own.length > 0) of.changes.push({ ...wire, value: { ...value, price_changes: own } })
      if (of.changes.length <= CHANGES_MAX) continue
      of.changes = []
      of.isVoid = true
    }
  }

  /**
   * An answer of REST whose book last changed at `bookUs`: with the changes that came since, to be told behind it. One that is
   * taken is wanted no more once it is `settled`.
   */
  answered(asset: string, bookUs: number, nowMs: number): Judged {
    const wanted = this.#wanted.get(asset)
    if (!wanted) return { tag: 'unwanted' }
    if (wanted.isVoid) {
      Object.assign(wanted, { isAsked: false, isVoid: false, changes: [] })
      return { tag: 'stale' }
    }
    if (bookUs < wanted.saidUs) {
      this.failed(asset, nowMs)
      return { tag: 'stale' }
    }
    // Sizes are totals, so that a change of the same moment may be told again.
    const isNewer = ({ value }: Wire): boolean => Number(value['timestamp']) * 1_000 >= bookUs
    return { tag: 'taken', changes: wanted.changes.filter(isNewer) }
  }

  /** The book has come, and was good. */
  settled(asset: string): void {
    this.#wanted.delete(asset)
  }

  /** No answer, or none that is of use: it is asked for again later. False where that was tried often enough. */
  failed(asset: string, nowMs: number): boolean {
    const wanted = this.#wanted.get(asset)
    if (!wanted) return true
    if (wanted.isVoid) Object.assign(wanted, { isVoid: false, changes: [] })
    wanted.isAsked = false
    wanted.tries++
    wanted.notBeforeMs = nowMs + 1_000 * 2 ** (wanted.tries - 1)
    if (wanted.tries < TRIES_MAX) return true
    this.#wanted.delete(asset)
    return false
  }
}

function assetOf(row: unknown): unknown {
  return typeof row === 'object' && row !== null && 'asset_id' in row ? row.asset_id : undefined
}
