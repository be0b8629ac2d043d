import type { Place } from './journal.js'

/** How often `head.json` is rewritten. */
export const WITNESS_MS = 10_000

/** What keeps `head.json` up to date. */
export interface WitnessOptions {
  /** Last sequence that it says. */
  readonly lastSeq: number
  readonly everyMs: number | undefined
  readonly write: (at: Place) => Promise<void>
  /** Called when a new witness is due: everything written has to be synced first. */
  readonly onDue: () => void
  /** Called when the file could not be written. */
  readonly onFault: (error: unknown) => void
}

/** Rewrites `head.json` behind the writer's back, one at a time: when it is old, and when a segment is over. */
export class Witness {
  readonly #of: WitnessOptions
  readonly #everyMs: number
  #saidSeq: number
  #saidMs = performance.now()
  #isDue = false
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(of: WitnessOptions) {
    this.#of = of
    this.#everyMs = of.everyMs ?? WITNESS_MS
    this.#saidSeq = of.lastSeq
  }

  /** Whether what is synced up to here is to be written now; `isRolled`: a segment is over. */
  wants(seq: number, isRolled: boolean): boolean {
    if (this.#isStopped || seq === this.#saidSeq) return false
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#of.onDue()
    }, this.#everyMs).unref()
    this.#isDue ||= isRolled || performance.now() >= this.#saidMs + this.#everyMs
    return this.#isDue && this.#writing === undefined
  }

  /** Writes this position, if a witness is due. */
  write(at: Place): void {
    this.#isDue = false
    this.#saidSeq = at.lastSeq
    this.#saidMs = performance.now()
    this.#writing = this.#of
      .write(at)
      .catch((error: unknown) => {
        if (!this.#isStopped) this.#of.onFault(error)
      })
      .finally(() => {
        this.#writing = undefined
      })
  }

  /** Writes the end, once nothing is being written. Rejects where that fails. */
  async last(at: Place): Promise<void> {
    await this.stop()
    await this.#of.write(at)
  }

  /** Nothing is written any more. Resolves when nothing is being written. */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#writing
  }
}
