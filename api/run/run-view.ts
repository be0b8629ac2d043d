import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { HOT, LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import type {
  FollowedCommit,
  Following,
  FollowPlace,
  RunStore,
} from '#engine/log/store/run-store.js'
import { Catalog } from '#projections/desk/catalog.js'
import { History } from '#projections/desk/history.js'
import { CHANGED, Moment } from '#projections/desk/moment.js'
import { Activity } from '#projections/reports/page/activity.js'
import { Samples } from '#projections/samples.js'
import { World } from '#projections/world.js'
import { LogTrouble, Stage, walkCommit, type LineTaker } from './stage.js'
import { restore, Snapshots } from './snapshots.js'

/** How long the log is read at once before anybody else is heard, ms. */
const SLICE_MS = 15
/** Moments that are kept where somebody looked last: who plays on goes on from there. */
const CURSORS_MAX = 4
const START: FollowPlace = { lastSeq: 0, segment: 1, byte: 0 }

/** A moment somebody looked at, and where the commit begins that holds the event behind it. */
interface Cursor {
  readonly stage: Stage
  place: FollowPlace
}

/** An event and its time. */
export interface Tick {
  readonly seq: number
  readonly tUs: number
}

/** Most steps of a run's clock: every second one goes where there are more. */
const CLOCK_MAX = 2_000
/** Most fills and stops that are remembered; the oldest give way. */
const TICKS_MAX = 500_000

/** How a view of a run is made. */
export interface ViewOptions {
  readonly snapshots?: Snapshots
  /** Told of every event but level changes and prints, as the log is read for the first time. */
  readonly onRow?: (row: Recorded, view: RunView) => void
}

/**
 * A run as its log tells it, read once from its first event on and then followed while it grows. It shows the run behind its last event
 * and behind any other: from a snapshot, or from where somebody looked last, only what lies between is folded.
 */
export class RunView implements LineTaker {
  readonly catalog = new Catalog()
  readonly history = new History()
  readonly activity = new Activity()
  readonly samples = new Samples()
  readonly world = new World()
  /** Behind the last event that was read. */
  readonly moment = new Moment()
  readonly snapshots: Snapshots
  /** Where time stands at which event, in few steps. */
  readonly clock: Tick[] = []
  /** Fills, and what stopped trading, by their events. */
  readonly fills: Tick[] = []
  readonly stops: Tick[] = []
  readonly #store: RunStore
  readonly #run: string
  readonly #follower: Following
  readonly #reader = new LineReader()
  readonly #onRow: NonNullable<ViewOptions['onRow']>
  readonly #cursors: Cursor[] = []
  #clockEvery = 1
  #turn: Promise<unknown> = Promise.resolve()

  constructor(store: RunStore, run: string, options: ViewOptions = {}) {
    this.#store = store
    this.#run = run
    this.#follower = store.follow(run)
    this.snapshots = options.snapshots ?? new Snapshots()
    this.#onRow = options.onRow ?? (() => undefined)
  }

  /** Last event that was read. */
  get seq(): number {
    return this.moment.seq
  }

  get books(): World['books'] {
    return this.world.books
  }

  /** Reads what is whole by now; rejects with `LogTrouble` where the log cannot be read on. */
  async catchUp(stop?: AbortSignal): Promise<void> {
    let sliceEnds = performance.now() + SLICE_MS
    for await (const read of this.#follower.commits(Number.POSITIVE_INFINITY)) {
      if (E.isLeft(read)) throw troubleOf(read.left)
      walkCommit(this.#reader, read.right, { until: Infinity, isProven: false, to: this })
      this.snapshots.look(this.#follower.place, this)
      this.#tick()
      if (stop?.aborted === true) return
      if (performance.now() < sliceEnds) continue
      await setImmediate()
      sliceEnds = performance.now() + SLICE_MS
    }
  }

  async close(): Promise<void> {
    await this.#follower.close()
  }

  changed({ changes, length, tUs, seq }: LineReader): void {
    this.world.changed({ changes, length, tUs })
    this.moment.changed(seq, tUs, this.world.touched)
    const row = { seq, tUs, cause: 0, event: CHANGED }
    this.activity.take(row, this.world)
    this.samples.take(row, this.world)
  }

  take(row: Recorded): void {
    this.world.take(row)
    this.history.take(row)
    this.catalog.take(row)
    this.moment.take(row, this.world.touched, this.history)
    this.activity.take(row, this.world)
    this.samples.take(row, this.world)
    const { type } = row.event
    if (type === 'OrderFilled') remember(this.fills, row)
    if (type === 'HardStopTripped' || type === 'GateClosed') remember(this.stops, row)
    if (type !== 'TradePrinted') this.#onRow(row, this)
  }

  /** One event; undefined where the run has none of this number. */
  async row(seq: number): Promise<Recorded | undefined> {
    for await (const rows of this.rows(seq - 1, seq))
      for (const row of rows) if (row.seq === seq) return row
    return undefined
  }

  /** The events behind one and not behind another, commit by commit. */
  async *rows(after: number, until: number): AsyncGenerator<readonly Recorded[]> {
    const place = this.snapshots.before(after)?.place ?? START
    const follower = this.#store.follow(this.#run, place)
    try {
      for await (const read of follower.commits(this.seq)) {
        if (E.isLeft(read)) throw troubleOf(read.left)
        if (read.right.lastSeq <= after) continue
        const rows: Recorded[] = []
        const to: LineTaker = {
          changed: reader => {
            const row = reader.recorded(HOT)
            if (E.isRight(row)) rows.push(row.right)
          },
          take: row => rows.push(row),
        }
        const isOver = walkCommit(this.#reader, read.right, { after, until, isProven: true, to })
        yield rows
        if (isOver || read.right.lastSeq >= until) return
      }
    } finally {
      await follower.close()
    }
  }

  #tick(): void {
    const { clock, moment } = this
    const every = this.#clockEvery
    if (moment.seq < (clock.at(-1)?.seq ?? 0) + every && clock.length > 0) return
    clock.push({ seq: moment.seq, tUs: moment.tUs })
    if (clock.length <= CLOCK_MAX) return
    this.#clockEvery *= 2
    clock.splice(0, clock.length, ...clock.filter((_, k) => k % 2 === 0))
  }

  /**
   * What `look` sees of the run behind an event; at or behind the last that was read, of the run as it is. One look is over before the
   * next begins, so nobody sees a moment that is being walked on.
   */
  at<T>(seq: number, look: (of: Pick<Stage, 'books' | 'moment'>) => T): Promise<T> {
    const turn = this.#turn.then(async () => {
      if (seq >= this.seq) return look(this)
      return look(await this.#stageAt(seq))
    })
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** Walks from one event to another and lets `each` look on the way, behind every `step` events. As `at` else. */
  along(
    { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
    each: (of: Stage) => void,
  ): Promise<void> {
    const turn = this.#turn.then(async () => {
      const seqs: number[] = []
      for (let seq = from; seq <= Math.min(to, this.seq); seq += step) seqs.push(seq)
      if (seqs[0] !== undefined) await this.#walk(this.#cursorFor(seqs[0]), seqs, each)
    })
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #stageAt(seq: number): Promise<Stage> {
    const cursor = this.#cursorFor(seq)
    if (cursor.stage.moment.seq < seq) await this.#walk(cursor, [seq], () => undefined)
    return cursor.stage
  }

  /** Walks a cursor on to each of these events, which rise, in one reading of the log. */
  async #walk(cursor: Cursor, seqs: readonly number[], each: (of: Stage) => void): Promise<void> {
    const { stage } = cursor
    const follower = this.#store.follow(this.#run, cursor.place)
    const go = (commit: FollowedCommit, until: number): void => {
      const options = { after: stage.moment.seq, until, isProven: true, to: stage }
      walkCommit(this.#reader, commit, options)
    }
    try {
      let k = 0
      for await (const read of follower.commits(this.seq)) {
        if (E.isLeft(read)) throw troubleOf(read.left)
        const commit = read.right
        for (let seq = seqs[k]; seq !== undefined && seq <= commit.lastSeq; seq = seqs[++k]) {
          go(commit, seq)
          each(stage)
        }
        if (k >= seqs.length) return
        go(commit, Number.POSITIVE_INFINITY)
        cursor.place = follower.place
      }
    } catch (error) {
      this.#cursors.splice(this.#cursors.indexOf(cursor), 1) // nobody goes on from what broke off
      throw error
    } finally {
      await follower.close()
    }
  }

  /** The nearest moment at or before an event: where somebody looked last, or a snapshot. */
  #cursorFor(seq: number): Cursor {
    const snapshot = this.snapshots.before(seq)
    const from = snapshot?.place.lastSeq ?? 0
    const known = this.#cursors
      .filter(({ stage: { moment } }) => moment.seq <= seq && moment.seq >= from)
      .sort((a, b) => b.stage.moment.seq - a.stage.moment.seq)[0]
    if (known) {
      this.#cursors.splice(this.#cursors.indexOf(known), 1)
      this.#cursors.push(known)
      return known
    }
    const stage = new Stage(this.history)
    if (snapshot) restore(stage, snapshot)
    const fresh = { stage, place: snapshot?.place ?? START }
    this.#cursors.push(fresh)
    if (this.#cursors.length > CURSORS_MAX) this.#cursors.shift()
    return fresh
  }
}

function remember(ticks: Tick[], { seq, tUs }: Tick): void {
  ticks.push({ seq, tUs })
  if (ticks.length > TICKS_MAX) ticks.splice(0, TICKS_MAX / 10)
}

function troubleOf(fault: unknown): LogTrouble {
  return new LogTrouble(`the log cannot be read on: ${JSON.stringify(fault)}`)
}
