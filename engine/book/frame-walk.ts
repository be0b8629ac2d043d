import type { QuietTurns } from '#schemas/quiet-turns.js'
import type { Touched, TurnsFrom } from './fold.js'

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

/** How far a walk over frames came. */
export interface FramesWalked {
  /** Offset of what it ended at, arrays open there, line feeds before it. */
  readonly at: number
  readonly lists: number
  readonly feeds: number
  /** Messages before it, all of them inputs; level changes in them. */
  readonly messages: number
  readonly changes: number
  /** Sequence and time of the last of these; where there is none, as before. */
  readonly seq: number
  readonly tUs: number
  /** What a log keeps of them. */
  readonly turns: QuietTurns
  /** As of `TurnsWalked`; `full` where there is no room for more lines. */
  readonly why: 'end' | 'foreign' | 'behind' | 'stirred' | 'full'
}

/**
 * Folds `price_change` messages of Polymarket's market channel out of a recording's bytes, and writes the log lines that they
 * are: what a decoder, an engine and an encoder would do one after another, for as long as no message gives the engine
 * anything to do (`BookFold.walk`). Messages in another form than the usual one, and of tokens it was not told of, are foreign.
 */
export interface FrameWalker {
  /** Says which listed token an asset id stands for. */
  readonly know: (id: string, token: number) => void
  /** Whether messages of a token are foreign from here on. */
  readonly leave: (token: number, isForeign: boolean) => void
  /** Fills `touched` where somebody has to look. */
  readonly walk: (where: FramesAt, from: FramesFrom, touched: Touched) => FramesWalked
}
