import type { EncodedTurns } from '#schemas/encoded-turns.js'
import type { Touched, TurnsFrom, WalkEnd } from './fold.js'

/** Where an engine stands that takes frames as its inputs. */
export type FramesFrom = Pick<TurnsFrom, 'seq' | 'tUs' | 'dueUs'>

/** Where a walk begins in a recording. */
export interface FramesAt {
  readonly bytes: Uint8Array
  /** Offset of the first byte that was not looked at. */
  readonly at: number
  /** How many arrays are open there. */
  readonly lists: number
}

/** What a recording may be checked for. */
export interface FramesCheck {
  /** Whether changes whose hash cannot be checked may pass: the first says where it stands, and is unsupported. */
  readonly isTold: boolean
  /** Hashes that may be checked before somebody says how many were. */
  readonly checks: number
  /** What stamps may pass, µs: not before the last one, nor further ahead of it than the bound, nor later than the latest. */
  readonly stamps: { readonly lastUs: number; readonly boundUs: number; readonly latestUs: number }
}

/** A book in the venue's own words: what its hash is made of. */
export interface BookText {
  /** Place of each level in the hashed order: bids first, rising, then asks, falling. Numbers only compare. */
  readonly at: readonly number[]
  /** How many of the levels are bids. */
  readonly bids: number
  /** Each level as it is hashed. */
  readonly levels: readonly string[]
}

/** How far a walk over frames came. */
export interface FramesWalked {
  /** Offset of what it ended at, arrays open there, line feeds before it. */
  readonly at: number
  readonly lists: number
  readonly feeds: number
  /** Messages before it, all of them inputs; level changes in them. */
  readonly messages: number
  readonly changes: number
  /** Of these, hashes of whole books that were checked and are the venue's. */
  readonly checked: number
  /** The last stamp among them; where there is none, as before. */
  readonly stampUs: number
  /** Sequence and time of the last of these; where there is none, as before. */
  readonly seq: number
  readonly tUs: number
  /** What a log keeps of them. */
  readonly turns: EncodedTurns
  /** `full`: there is no room for more lines; the walk goes on where it ended. */
  readonly why: WalkEnd | 'full'
}

/**
 * Takes `price_change` messages of Polymarket's market channel out of a recording's bytes, folds them, and writes the log lines that
 * they are: what a decoder, an engine and an encoder would do one after another, for as long as no message gives the engine
 * anything to do (`BookFold.walk`). Messages in another form than the usual one, and of tokens it was not told of, are
 * unsupported: the reference decoder takes them.
 */
export interface FrameWalker {
  /** Says which listed token the venue's asset id stands for. */
  readonly addToken: (id: string, token: number) => void
  /** Follows the book of a token no more, and says whether its messages are unsupported from here on. */
  readonly exclude: (token: number, isUnsupported: boolean) => void
  /**
   * Follows the book of a token from here on, and checks the hash of each change of it. A message with a hash that is not
   * ours is unsupported, and has changed no book.
   */
  readonly followBook: (token: number, book: BookText) => void
  /** The JSON text that is hashed before the time, and behind the levels, of a book that is followed. */
  readonly setHashedText: (token: number, head: string, tail: string) => void
  /** Bids and asks of a book that was followed, as they are hashed: its messages are unsupported from then on. */
  readonly takeBack: (token: number) => readonly [bids: string, asks: string] | undefined
  /** Walks from a place on. Fills `touched` where it ends as actionable. */
  readonly walk: (where: FramesAt & FramesCheck, from: FramesFrom, touched: Touched) => FramesWalked
}
