/** The machine's clock as a live run sees it: a port, so that a test can bring its own. */
export interface WallClock {
  /** Now, in µs since the epoch; never less than before. */
  readonly nowUs: () => number
  /** Calls once at this time or soon after; at once where it is over. The answer takes the call back. */
  readonly wakeAt: (atUs: number, call: () => void) => () => void
}
