import type { Recorded } from '#schemas/recorded.js'

/** A line is not what was written. */
export class BadLine extends Error {}

/** An event with a cause, and where it stands. */
export interface Told {
  readonly seq: number
  readonly cause: number
  readonly key: number
  /** Where the store finds it again: its affair. */
  readonly byte: number
  readonly segment: number
}

/** Single events of a run without what lies between them. Rejects with `BadLine` where a line is damaged. */
export interface EventIndex {
  /** Last event of the run. */
  readonly lastSeq: number
  /** Every event with a cause behind `seq`, by sequence. */
  readonly toldBehind: (seq: number) => Iterable<Told>
  /** Listings of markets and tokens up to `atMost`. */
  readonly listings: (atMost: number) => Promise<Recorded[]>
  /** The event that begins a signal or an order: `SignalRaised` or `OrderPlaced`. */
  readonly find: (kind: 'signal' | 'order', id: string) => Promise<Recorded | undefined>
  /** The event with this sequence; undefined where the run has none. */
  readonly row: (seq: number) => Promise<Recorded | undefined>
  /** A told event. */
  readonly at: (told: Told) => Promise<Recorded>
}
