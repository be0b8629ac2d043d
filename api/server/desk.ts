import type { OrderLegs } from '#schemas/events/run.js'
import type { TimeInForce } from '#schemas/reasons.js'
import type { ListedRun } from '#engine/log/store/run-store.js'
import type { Policy } from '../execution/policy.js'
import type { Tip } from '../run/protocol.js'
import { ServedRun } from '../run/served-run.js'
import type { Doors } from './doors.js'
import { StreamHub } from './hub.js'
import { Refused } from './problems.js'

/** Runs that are read at once at most; the one that nobody asked for longest gives way. */
const OPEN_MAX = 4
/** How long a list of runs is good for, ms. */
const LIST_MS = 1_000
/** How long a question waits for an event that is not read yet, ms. */
const READ_MS = 2_000

/** What is said to the process that runs a run. */
export interface Told {
  readonly command: string
  readonly text?: string
  readonly scope?: string
  readonly by?: string
  readonly intent?: string
  readonly legs?: OrderLegs
  readonly tif?: TimeInForce
}

/** What it answers: the event is durable, nothing was to be done, or what was wrong. */
export type Heard =
  | { readonly seq: number }
  | { readonly unchanged: true }
  | { readonly error: { readonly message: string; readonly expected: string } }

/** What a server needs of the world around it: everything that it may do to a run goes through `tell`. */
export interface DeskOptions {
  /** The runs that are served, the one to show first at the front. `run`: where it lies. */
  readonly list: () => Promise<readonly ListedRun[]>
  /** Whether a process runs this run, so that it takes commands. */
  readonly isAlive: (run: string) => boolean
  /** Says something to that process; resolves when it is durable. Rejects where nobody listens. */
  readonly tell: (run: string, what: Told) => Promise<Heard>
  readonly policy: Policy
  readonly doors: Doors
  readonly nowMs: () => number
  /** Told of each look at a log. */
  readonly onTip?: (tip: Tip) => void
}

/** A run that is read, and what it tells. */
export interface Opened {
  readonly name: string
  readonly dir: string
  readonly run: ServedRun
  readonly hub: StreamHub
}

/** The runs of a server, each read by a thread of its own once somebody asks for it. */
export class Desk {
  readonly of: DeskOptions
  readonly #open = new Map<string, Opened>()
  #listed: { runs: readonly ListedRun[]; atMs: number } | undefined

  /** From then on no run is opened: nobody would close it. */
  #isClosed = false

  constructor(of: DeskOptions) {
    this.of = of
  }

  async list(): Promise<readonly ListedRun[]> {
    const nowMs = performance.now()
    if (!this.#listed || nowMs - this.#listed.atMs > LIST_MS)
      this.#listed = { runs: await this.of.list(), atMs: nowMs }
    return this.#listed.runs
  }

  isOpen(name: string): boolean {
    return this.#open.has(name)
  }

  get open(): Iterable<Opened> {
    return this.#open.values()
  }

  /** The same, once it was read as far as `at`; refused where that takes too long. */
  async runAt(name: string | undefined, at: number | undefined): Promise<Opened> {
    const opened = await this.run(name)
    const { run } = opened
    if (at === undefined || run.tip?.isRead === true || (await run.reached(at, READ_MS)))
      return opened
    throw new Refused(503, `the log is read up to event ${run.tip?.seq ?? 0} so far`, {
      where: 'at',
      expected: 'an event up to there, or a little patience',
    })
  }

  /** A run by its name, or the first one. Refused where there is none of this name. */
  async run(name?: string): Promise<Opened> {
    const runs = await this.list()
    const found = name === undefined ? runs[0] : runs.find(one => one.name === name)
    if (!found)
      throw new Refused(404, name === undefined ? 'there is no run' : `there is no run '${name}'`, {
        where: 'run',
        expected: 'a run of /api/runs',
      })
    if (this.#isClosed) throw new Refused(503, 'the server is closing')
    const known = this.#alive(found.name)
    const opened = known ?? this.#opened(found)
    opened.run.usedMs = performance.now()
    // Whoever asks first would be told of a run of which nothing was read yet.
    if (opened.run.tip === undefined) await opened.run.reached(1, READ_MS)
    return opened
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const all = [...this.#open.values()]
    this.#open.clear()
    for (const { hub } of all) hub.close()
    await Promise.all(all.map(({ run }) => run.close()))
  }

  /** A run that is read; one whose thread has ended is read anew. */
  #alive(name: string): Opened | undefined {
    const known = this.#open.get(name)
    if (known?.run.isGone !== true) return known
    this.#open.delete(name)
    known.hub.close()
    return undefined
  }

  #opened({ name, run: dir }: ListedRun): Opened {
    if (this.#open.size >= OPEN_MAX) this.#dropOldest()
    const hub = new StreamHub()
    const run = new ServedRun(dir, {
      onRows: rows => {
        hub.take(rows)
      },
      onTip: tip => {
        const { seq, tUs, isRead, trouble } = tip
        this.of.onTip?.(tip)
        hub.told(seq, isRead, JSON.stringify({ seq, t_us: tUs, is_read: isRead, trouble }))
      },
    })
    const opened = { name, dir, run, hub }
    this.#open.set(name, opened)
    return opened
  }

  /** One that somebody listens to does not give way, unless all of them have listeners. */
  #dropOldest(): void {
    const all = [...this.#open.values()].sort((a, b) => a.run.usedMs - b.run.usedMs)
    const oldest = all.find(({ hub }) => hub.clients === 0) ?? all[0]
    if (!oldest) return
    this.#open.delete(oldest.name)
    oldest.hub.close()
    void oldest.run.close()
  }
}
