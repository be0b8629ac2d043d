/**
 * Turns of one event each, an input that caused nothing, as the lines that a log keeps of them. The arrays belong to who made
 * them and are valid until that is asked for more.
 */
export interface EncodedTurns {
  /** Sequence of the first; the others follow it. */
  readonly firstSeq: number
  readonly count: number
  /** Canonical event lines, each with its newline: the first `length` bytes. */
  readonly bytes: Uint8Array
  readonly length: number
  /** For each line where it ends in `bytes`, and 1 for its one event. */
  readonly ends: Uint32Array
}
