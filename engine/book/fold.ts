import type { SavedBook } from './book.js'
import type { Tape } from './tape.js'
import type { FrameWalker } from './frame-walk.js'
import type { Interest } from './interest.js'
import type { BookView } from './view.js'
import type { Watch } from './watch.js'

/** What a fold has seen, over all its books. */
export interface BookStats {
  /** Level changes folded. */
  changes: number
  /** Changes that carry the venue's own best, after the warm-up of a book without a snapshot. */
  checks: number
  /** Of these: our best equalled it with no help from that change's own best. */
  agreeBefore: number
  /** Of these: it equalled it after levels better than it were pruned. */
  agreeAfter: number
  /** Levels removed because a level that crosses removes what it crosses. */
  repaired: number
  /** Levels removed because they were better than the venue's own best. */
  pruned: number
  /** Changes after which a book stayed crossed. */
  crossed: number
}

/** Numbers per notice: token, our bid and ask before pruning, the venue's bid and ask, levels pruned, 1 if it agrees now. */
export const NOTICE = 7

/** What a batch did, in arrays that the caller owns and empties. */
export interface Touched {
  /** Counts the times it was emptied, so that a book knows whether it already stands in `tokens`. */
  mark: number
  /** Distinct tokens that changed, in order of first change. */
  readonly tokens: number[]
  /** Disagreements with the venue's best, `NOTICE` numbers each. */
  readonly notices: number[]
  /** Watches of what it touched that fire, or have just ceased to; each once. */
  readonly fired: number[]
  /** Whether somebody has to see it (`Interest`). The native fold says it of walks alone, by stopping. */
  isWanted: boolean
}

/** Where an engine stands that takes log lines as its inputs. */
export interface TurnsFrom {
  /** Where the first line begins. */
  readonly start: number
  /** Sequence and time of the last event. */
  readonly seq: number
  readonly tUs: number
  /** The last sequence number to be taken. */
  readonly untilSeq: number
  /** When something else is due, in µs; Infinity for never. */
  readonly dueUs: number
}

/** How far a walk over turns came. */
export interface TurnsWalked {
  /** Where the line begins that it ended at. */
  readonly at: number
  /** Lines before it, all of them inputs. */
  readonly lines: number
  /** Sequence and time of the last of these; where there is none, as before. */
  readonly seq: number
  readonly tUs: number
  /**
   * Every line is taken; the next is none of the usual ones; it stands behind what was asked for, or something is due
   * before it; or it is folded, alone in `touched`, and gives the engine something to look at.
   */
  readonly why: 'end' | 'unsupported' | 'due' | 'actionable'
}

/** Where an engine stands that takes a tape as its inputs. */
export interface TapeFrom {
  /** Where the next entry begins, and the time of the one before it. */
  readonly at: number
  readonly tapeUs: number
  /** Time of the engine's last turn: no input is earlier. */
  readonly tUs: number
  /** When something else is due, in µs; Infinity for never. */
  readonly dueUs: number
}

/** How far a walk over a tape came. */
export interface TapeWalked {
  /** Where the entry begins that it ended at, and the time of the one before it. */
  readonly at: number
  readonly tapeUs: number
  /** Inputs before it. */
  readonly inputs: number
  /** As in `TurnsWalked`; unsupported is a line. */
  readonly why: 'end' | 'unsupported' | 'due' | 'actionable'
}

/** A fold in a checkpoint. */
export interface SavedFold {
  readonly stats: BookStats
  readonly books: readonly SavedBook[]
  /** Tokens that name a feed; absent where none does. */
  readonly feeds?: readonly (readonly [token: number, feed: string])[]
}

/**
 * Folds feed inputs into books. The TypeScript fold is the reference; another backend must give the same views, notices
 * and statistics for the same inputs. One call takes a whole batch: level changes as one flat array, or log lines as bytes.
 */
export interface BookFold {
  readonly stats: BookStats
  /** `feed`: the source that lists it, where the run has several. */
  readonly list: (token: number, tick: number, feed?: string) => void
  /** Undefined for a token that was never listed. */
  readonly view: (token: number) => BookView | undefined
  /** Bits of `TRUST_BITS`; 0 is tradable. */
  readonly distrustOf: (token: number) => number
  /** Level changes of one frame (`CHANGE` numbers each), applied in order. */
  readonly change: (
    frame: { changes: ArrayLike<number>; length: number; tUs: number },
    touched: Touched,
  ) => void
  readonly snapshot: (
    of: { token: number; bids: readonly number[]; asks: readonly number[]; tUs: number },
    touched: Touched,
  ) => void
  /** A new grid: the book is dropped, and deltas are ignored until a snapshot. */
  readonly regrid: (token: number, tick: number, touched: Touched) => void
  /** Sets one reason against a token. */
  readonly distrust: (token: number, bit: number, touched: Touched) => void
  /** Takes one reason against a token back. */
  readonly restoreTrust: (token: number, bit: number, touched: Touched) => void
  /** Sets one reason against every token of a feed and every token that names none; against all where none is named. */
  readonly distrustAll: (bit: number, touched: Touched, feed?: string) => void
  /** Folds whole log lines out of bytes, without an object per event. Returns how many level changes it applied. */
  readonly lines: (bytes: Uint8Array, touched: Touched) => number
  /** Watches a group of listed tokens from here on, instead of what had this number. Its first look is told in any case. */
  readonly watch: (id: number, watch: Watch) => void
  readonly unwatch: (id: number) => void
  /** What walks stop at of a listed token from here on, instead of what was said before. */
  readonly setInterest: (token: number, interest: Interest) => void
  /**
   * Takes log lines as an engine's inputs for as long as they carry levels or trades, follow each other, and give the
   * engine nothing to do: no notice, no trust that moved, no watch that fires, nothing of interest (`setInterest`). Only lines in
   * their canonical form with a right sum are taken. Which lines a backend leaves to the reference as unsupported is its own affair.
   */
  readonly walk: (bytes: Uint8Array, from: TurnsFrom, touched: Touched) => TurnsWalked
  /** As `walk`, over the entries of a tape. */
  readonly walkTape: (tape: Tape, from: TapeFrom, touched: Touched) => TapeWalked
  /** Walks over the venue's own frames. Absent where it would gain nothing over reading them one by one. */
  readonly frames?: () => FrameWalker
  /** All that it remembers, for a checkpoint. */
  readonly save: () => SavedFold
  /** Takes up a checkpoint, before anything is folded. */
  readonly load: (saved: SavedFold) => void
}
