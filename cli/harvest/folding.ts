import * as E from 'fp-ts/lib/Either.js'
import type { Recorded } from '#schemas/recorded.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import { HarvestFold } from '#projections/harvest/fold.js'
import type { HarvestDatabase } from '#projections/sinks/harvest/database.js'
import { rowsOf, runIdOf } from '../runs.js'

/** Changes that are made in one transaction, about. */
const CHANGES_AT_ONCE = 20_000

/**
 * Brings what one run recorded into the tables. Where it was brought before it goes on there. Changes may be ahead of the saved state of
 * the fold: made again they are the same.
 */
export class RunFolding {
  readonly #db: HarvestDatabase
  readonly #runId: string
  readonly #startedUs: number
  readonly #fold: HarvestFold
  /** The last event that was taken, and that of the state in the database. */
  #lastSeq: number
  #savedSeq: number

  constructor(db: HarvestDatabase, { runId, startedUs }: { runId: string; startedUs: number }) {
    const folded = db.folded(runId)
    // Another run of this name is another run.
    const known = folded?.startedUs === startedUs ? folded : undefined
    this.#db = db
    this.#runId = runId
    this.#startedUs = startedUs
    this.#lastSeq = known?.lastSeq ?? 0
    this.#savedSeq = this.#lastSeq
    this.#fold = new HarvestFold(runId, known?.state)
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Takes rows of the log; those that were taken before are passed over. */
  take(rows: readonly Recorded[]): void {
    for (const row of rows) {
      if (row.seq <= this.#lastSeq) continue
      this.#fold.take(row)
      this.#lastSeq = row.seq
    }
  }

  /** Makes what has changed; `isSaving`: with the state behind it, so that a later folding goes on here. */
  write({ isSaving }: { isSaving: boolean }): void {
    const changes = this.#fold.drain()
    if (changes.length === 0 && (!isSaving || this.#savedSeq === this.#lastSeq)) return
    const progress = { runId: this.#runId, startedUs: this.#startedUs, head: '' }
    const isFirst = this.#db.folded(this.#runId) === undefined
    this.#db.apply(
      changes,
      isSaving
        ? { ...progress, lastSeq: this.#lastSeq, state: this.#fold.save() }
        : isFirst
          ? { ...progress, lastSeq: 0, state: new HarvestFold(this.#runId).save() }
          : { runId: this.#runId },
    )
    if (isSaving) this.#savedSeq = this.#lastSeq
  }
}

/** How one run is brought in. */
interface Bringing {
  readonly store: RunStore
  readonly dir: string
  readonly startedUs: number
  readonly stop: AbortSignal
  readonly progress?: (events: number) => void
}

/** Brings a run in up to its end now; whether it came there. */
export async function foldRun(
  db: HarvestDatabase,
  { store, dir, startedUs, stop, progress }: Bringing,
): Promise<boolean> {
  const folding = new RunFolding(db, { runId: runIdOf(dir), startedUs })
  let [taken, isWhole] = [0, true]
  for await (const rows of rowsOf(dir, { store, fromSeq: folding.lastSeq + 1 })) {
    folding.take(rows)
    taken += rows.length
    if (taken >= CHANGES_AT_ONCE / 20) {
      folding.write({ isSaving: false })
      taken = 0
      progress?.(folding.lastSeq)
    }
    if (stop.aborted) {
      isWhole = false
      break
    }
  }
  folding.write({ isSaving: true })
  return isWhole
}

/** Brings a run in while it is written. */
export class LiveFolding {
  readonly #folding: RunFolding
  readonly #following: ReturnType<RunStore['follow']>
  #running: Promise<void> | undefined

  constructor(
    db: HarvestDatabase,
    { store, dir, startedUs }: Pick<Bringing, 'store' | 'dir' | 'startedUs'>,
  ) {
    this.#folding = new RunFolding(db, { runId: runIdOf(dir), startedUs })
    this.#following = store.follow(dir)
  }

  /** Takes what is durable by now, as `untilSeq` says. One at a time: who comes meanwhile waits for the one that runs. */
  async catchUp(untilSeq: number, { isSaving }: { isSaving: boolean }): Promise<void> {
    await this.#running
    this.#running = this.#caughtUp(untilSeq, isSaving)
    try {
      await this.#running
    } finally {
      this.#running = undefined
    }
  }

  async close(): Promise<void> {
    await this.#running?.catch(() => undefined)
    await this.#following.close()
  }

  async #caughtUp(untilSeq: number, isSaving: boolean): Promise<void> {
    let count = 0
    for await (const read of this.#following.rows(untilSeq)) {
      if (E.isLeft(read))
        throw new Error(`the log cannot be followed: ${JSON.stringify(read.left)}`)
      this.#folding.take(read.right)
      count += read.right.length
      if (count < CHANGES_AT_ONCE / 20) continue
      this.#folding.write({ isSaving: false })
      count = 0
    }
    this.#folding.write({ isSaving })
  }
}
