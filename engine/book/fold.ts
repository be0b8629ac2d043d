import type { SavedBook } from './book.js'
import type { Tape } from './tape.js'
import type { FrameWalker } from './frame-walk.js'
import type { Interest } from './interest.js'
import type { BookView } from './view.js'
import type { Trigger } from './trigger.js'

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

/** What a batch of inputs did to the books. The caller owns it and empties it (`clearTouched`) before the next batch. */
export interface Touched {
  /** Number of the batch: a book that carries it already stands in `tokens`. */
  mark: number
  /** Distinct tokens that changed, in order of first change. */
  readonly tokens: number[]
  /** Disagreements with the venue's best, `NOTICE` numbers each. */
  readonly notices: number[]
  /** Ids of the triggers of touched books that fire, or that fired until now; each once. */
  readonly fired: number[]
  /**
   * Whether something of interest was said (`setInterest`). The native fold does not fill it: its walks stop there, which says
   * the same.
   */
  isWanted: boolean
}

/**
 * Why a walk ended. `end`: no input is left. `unsupported`: the next input is none that a walk takes, and is for the reference
 * reader. `due`: the next input stands behind what was asked for, or something else is due before it. `actionable`: the next
 * input is folded, alone in `touched`, and the engine has to look at what it did.
 */
export type WalkEnd = 'end' | 'unsupported' | 'due' | 'actionable'

/** Where an engine stands that takes log lines as its inputs. */
export interface TurnsFrom {
  /** Offset of the first line, bytes. */
  readonly start: number
  /** Sequence number and time (µs) of the engine's last event. */
  readonly seq: number
  readonly tUs: number
  /** The last sequence number to be taken. */
  readonly untilSeq: number
  /** When something else is due, in µs; Infinity for never. */
  readonly dueUs: number
}

/** How far a walk over log lines came. */
export interface TurnsWalked {
  /** Offset of the line that it ended at, bytes. */
  readonly at: number
  /** Lines passed over, each of them an input. */
  readonly lines: number
  /** Sequence number and time (µs) of the last of these; where there is none, as before. */
  readonly seq: number
  readonly tUs: number
  readonly why: WalkEnd
}

/** Where an engine stands that takes a tape as its inputs. */
export interface TapeFrom {
  /** Place of the next entry's first word, and time (µs) of the entry before it: entries say how long after that they came. */
  readonly at: number
  readonly tapeUs: number
  /** Time of the engine's last turn, µs: an input that is earlier is taken at this time. */
  readonly tUs: number
  /** When something else is due, in µs; Infinity for never. */
  readonly dueUs: number
}

/** How far a walk over a tape came. */
export interface TapeWalked {
  /** Place of the entry that it ended at, and time (µs) of the entry before it. */
  readonly at: number
  readonly tapeUs: number
  /** Inputs passed over. */
  readonly inputs: number
  /** Unsupported is an entry that is a line. */
  readonly why: WalkEnd
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
  /**
   * Sets a trigger on listed tokens, in place of the one that had this id. It is reported at the next touch of one of its books
   * whether it fires or not, so that a rule sees at least once what it asked for.
   */
  readonly setTrigger: (id: number, trigger: Trigger) => void
  readonly dropTrigger: (id: number) => void
  /** Which inputs about a listed token walks stop at from here on, in place of what was said before. */
  readonly setInterest: (token: number, interest: Interest) => void
  /**
   * Passes over log lines that are an engine's inputs and give it nothing to do: folds them for as long as they are level changes
   * or trades (natively snapshots too), follow each other, and no trigger is reported, nothing of interest is said, no trust in a
   * book moves and the venue does not disagree. Only lines in their canonical form with a right sum are taken. Which lines
   * a backend leaves to the reference reader as unsupported is its own affair; what it folds is the same.
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
