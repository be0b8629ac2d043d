import type { Config } from '#schemas/config.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import type { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import type { Call } from '../command.js'
import { LiveFolding } from './folding.js'

/** Time between two states of the fold in the database: what a crash has to fold again. */
const SAVED_EVERY_MS = 300_000

/** The tables of a run that goes on: brought up to what is durable every few seconds. What goes wrong there is said, and stops no collector. */
export class KeptTables {
  readonly #folding: LiveFolding
  readonly #of: {
    readonly log: { readonly durableSeq: number }
    readonly config: Config
    readonly call: Call
  }
  readonly #timer: NodeJS.Timeout
  #savedMs = performance.now()
  #hasFailed = false
  #isLooking = false

  constructor(
    db: HarvestDatabase,
    of: {
      store: RunStore
      dir: string
      startedUs: number
      log: { readonly durableSeq: number }
      config: Config
      call: Call
    },
  ) {
    this.#of = of
    this.#folding = new LiveFolding(db, { store: of.store, dir: of.dir, startedUs: of.startedUs })
    this.#timer = setInterval(() => void this.#look(), of.config.harvest.tables_ms).unref()
  }

  async #look(): Promise<void> {
    // A look that takes longer than its turn is not hurried by others.
    if (this.#isLooking) return
    this.#isLooking = true
    const isSaving = performance.now() - this.#savedMs >= SAVED_EVERY_MS
    await this.#caughtUp(this.#of.log.durableSeq, isSaving)
    this.#isLooking = false
    if (isSaving) this.#savedMs = performance.now()
  }

  async end(lastSeq: number): Promise<void> {
    clearInterval(this.#timer)
    await this.#caughtUp(lastSeq, true)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#folding.close()
  }

  async #caughtUp(untilSeq: number, isSaving: boolean): Promise<void> {
    try {
      await this.#folding.catchUp(untilSeq, { isSaving })
    } catch (error) {
      if (this.#hasFailed) return
      this.#hasFailed = true
      const why = error instanceof Error ? error.message : String(error)
      this.#of.call.note(
        `the tables are not kept any more (${why}); the run goes on, 'polaris migrate' brings them`,
      )
    }
  }
}
