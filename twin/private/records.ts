import type { FaultKind } from '../faults.js'

/** One order as it reached the twin, whatever became of it. */
export interface Submission {
  /** ms since the epoch. */
  readonly atMs: number
  /** Address of the EOA whose key it came with, lower case. */
  readonly address: string
  readonly apiKey: string
  /** Its EIP-712 hash; empty where its form was refused before that. */
  readonly orderId: string
  /** What was sent. */
  readonly body: unknown
  /** Status of the answer; 0 where none was given. */
  readonly status: number
  /** Why it was refused, or what the answer said instead of the truth; empty for none. */
  readonly error: string
  /** Whether the exchange took it: it rested, traded, or was killed unfilled. */
  readonly isExecuted: boolean
  /** Whether the very same order was taken before. */
  readonly isDuplicate: boolean
  /** What was scripted to go wrong with it. */
  readonly fault: FaultKind | undefined
}

/** One cancel of one order as it reached the twin. */
export interface CancelRequest {
  /** ms since the epoch. */
  readonly atMs: number
  readonly address: string
  readonly orderId: string
  readonly isCancelled: boolean
  /** Why not; empty where it was. */
  readonly why: string
}

/** What reached the twin's order side, in order. */
export class Records {
  readonly submissions: Submission[] = []
  readonly cancels: CancelRequest[] = []
  readonly #keptMax: number

  /** `keptMax`: most entries of each kind; the oldest go first. */
  constructor(keptMax: number) {
    this.#keptMax = keptMax
  }

  submitted(one: Submission): void {
    bounded(this.submissions, one, this.#keptMax)
  }

  cancelled(one: CancelRequest): void {
    bounded(this.cancels, one, this.#keptMax)
  }
}

function bounded<T>(list: T[], one: T, most: number): void {
  list.push(one)
  if (list.length > most) list.splice(0, Math.ceil(most / 10))
}
