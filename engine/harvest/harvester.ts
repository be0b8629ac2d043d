import { setMaxListeners } from 'node:events'
import type { Job } from '#schemas/harvest.js'
import { CollectorRan } from '#schemas/events/harvest.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { BATCH_MAX, type Feed, type FeedEvent, type FeedInput } from '#engine/feeds/feed.js'
import { BookDesk } from './book-desk.js'
import { Fetcher } from './fetcher.js'
import type { Collector, Context } from './jobs/job.js'
import { Outcome } from './jobs/outcome.js'
import { COLLECTORS } from './jobs/registry.js'
import type { HarvestMemory } from './memory.js'
import { Outbox } from './outbox.js'
import type { HttpPort, LiveBooks } from './ports.js'
import { nextSlot, type Next } from './schedule.js'
import type { HarvestSettings } from './settings.js'

/** Name of the feed, as `RunStarted.source` has it. */
export const HARVEST = 'harvest'
/** Longest rest of a collector before it looks at the clock anew, ms: a clock that is set moves no slot for longer. */
const REST_MAX_MS = 3_600_000

/** What a harvester is made with. */
export interface HarvesterOptions {
  readonly settings: HarvestSettings
  readonly http: HttpPort
  readonly clock: WallClock
  /** What the run has recorded so far. */
  readonly memory: HarvestMemory
  readonly live?: LiveBooks
  /** Runs each of these once, in this order, and ends; absent: all of them by their intervals, until it is stopped. */
  readonly once?: readonly Job[]
  /** How far back a backfill asks, µs. */
  readonly sinceUs?: number
  /** Told of each run of a collector as it ends. */
  readonly told?: (ran: ReturnType<typeof CollectorRan.make>['data']) => void
}

/**
 * Slow collectors as a feed: each runs by its interval, never twice at a time, and says what it brings and what became of it in one
 * go. What a collector knows of is what was taken of it: what is dropped on the way is brought again.
 */
export class Harvester {
  readonly #of: HarvesterOptions
  #settings: HarvestSettings
  /** Ends the rests of collectors whose settings have changed. */
  #changed = new AbortController()

  constructor(of: HarvesterOptions) {
    this.#of = of
    this.#settings = of.settings
  }

  /** Other settings from now on: runs that are under way end as they began. */
  reconfigure(settings: HarvestSettings): void {
    this.#settings = settings
    const before = this.#changed
    this.#changed = new AbortController()
    setMaxListeners(0, this.#changed.signal)
    before.abort()
  }

  /** The feed that it is. */
  get feed(): Feed {
    return { source: HARVEST, isReceived: true, open: ({ signal }) => this.#open(signal) }
  }

  async *#open(signal: AbortSignal): AsyncGenerator<readonly FeedInput[]> {
    // Each collector waits for these two.
    setMaxListeners(0, signal, this.#changed.signal)
    const outbox = new Outbox(signal)
    const { http, clock, memory, live, once, sinceUs } = this.#of
    const fetcher = new Fetcher({ http, clock, signal, settings: () => this.#settings })
    const books = new BookDesk({ fetcher, live })
    const context = (): Context => ({
      ...{ memory, fetcher, books, settings: this.#settings, nowUs: clock.nowUs },
      ...(sinceUs !== undefined && { sinceUs }),
    })
    const work = once ? this.#once(once, context, outbox) : this.#all(context, { outbox, signal })
    const ended = work.finally(() => outbox.end())
    // It is heard of below; until then nobody waits for it.
    ended.catch(() => undefined)
    for await (const { inputs, taken } of outbox.parts()) {
      for (let k = 0; k < inputs.length; k += BATCH_MAX) {
        const part = inputs.slice(k, k + BATCH_MAX)
        yield part
        // Whoever asks for more has taken it.
        for (const { event } of part) memory.take(event)
      }
      taken()
    }
    await ended
  }

  async #once(jobs: readonly Job[], context: () => Context, outbox: Outbox): Promise<void> {
    for (const job of jobs) {
      if (outbox.isOver) return
      const collector = COLLECTORS.find(one => one.job === job)
      if (collector) await this.#run(collector, ONCE, { context: context(), outbox })
    }
  }

  async #all(context: () => Context, of: { outbox: Outbox; signal: AbortSignal }): Promise<void> {
    const { memory } = this.#of
    if (memory.accounts.size === 0 && memory.markets.size === 0)
      for (const collector of COLLECTORS.filter(({ job }) => FIRST.includes(job))) {
        const next = this.#next(collector.job)
        // A run that follows another has done this slot already, and yet begins with nothing.
        const how = next && memory.slots.has(collector.job) ? ONCE : next
        if (how) await this.#run(collector, how, { context: context(), outbox: of.outbox })
      }
    await Promise.all(COLLECTORS.map(collector => this.#repeat(collector, context, of)))
  }

  /** One collector, slot after slot. */
  async #repeat(
    collector: Collector,
    context: () => Context,
    { outbox, signal }: { outbox: Outbox; signal: AbortSignal },
  ): Promise<void> {
    const { job } = collector
    while (!signal.aborted) {
      const nowMs = this.#nowMs
      const next = this.#next(job)
      if (!next) await this.#rest(nowMs + REST_MAX_MS, signal)
      else if (next.missed > 0) await this.#miss(collector, next, outbox)
      else if (next.dueMs > nowMs)
        await this.#rest(Math.min(next.dueMs, nowMs + REST_MAX_MS), signal)
      else await this.#run(collector, next, { context: context(), outbox })
    }
  }

  /** What a collector does next; nothing where it is switched off. */
  #next(job: Job): Next | undefined {
    const intervalMs = this.#intervalOf(job)
    if (intervalMs === undefined) return undefined
    const { jitterBps, seed } = this.#settings
    const lastMs = this.#of.memory.slots.get(job)
    return nextSlot({ job, intervalMs, jitterBps, seed, lastMs, nowMs: this.#nowMs })
  }

  #intervalOf(job: Job): number | undefined {
    const { intervals, postFailures, postBackoffMs } = this.#settings
    const own = intervals[job]
    const isTired = job === 'post_sync' && (this.#of.memory.failures.get(job) ?? 0) >= postFailures
    return own === undefined || !isTired ? own : Math.max(own, postBackoffMs)
  }

  async #run(
    collector: Collector,
    { slot, intervalMs, jitterMs }: Pick<Next, 'slot' | 'intervalMs' | 'jitterMs'>,
    { context, outbox }: { context: Context; outbox: Outbox },
  ): Promise<void> {
    const { clock, told } = this.#of
    const startedUs = clock.nowUs()
    const out = new Outcome()
    await collector.run(context, out)
    // A run that was stopped says nothing: its slot is missed, or run by who goes on.
    if (outbox.isOver) return
    const { job, from } = collector
    const { failure } = out
    const ran = CollectorRan.make({
      ...{ job, from, status: from === 'internal' ? 'ok' : out.status },
      ...{
        http: out.http,
        attempts: out.attempts,
        rows: out.rows,
        latency: clock.nowUs() - startedUs,
      },
      ...{ error: failure?.fault ?? '', message: failure?.message ?? '', started: startedUs },
      ...{ interval: intervalMs, slot, jitter: jitterMs, missed: 0 },
      detail: JSON.stringify({ ...out.detail, ...out.refused.facts }),
    })
    await outbox.put(this.#stamped([...out.events, ran]))
    told?.(ran.data)
  }

  async #miss(collector: Collector, next: Next, outbox: Outbox): Promise<void> {
    const event = missedEvent(collector, next, this.#of.clock.nowUs())
    await outbox.put(this.#stamped([event]))
    if (!outbox.isOver) this.#of.told?.(event.data)
  }

  #stamped(events: readonly FeedEvent[]): FeedInput[] {
    const tUs = this.#of.clock.nowUs()
    return events.map(event => ({ tUs, event }))
  }

  /** Until this time, the end, or other settings. */
  async #rest(untilMs: number, signal: AbortSignal): Promise<void> {
    const changed = this.#changed.signal
    await new Promise<void>(resolve => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        changed.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#of.clock.wakeAt(untilMs * 1_000, done)
      signal.addEventListener('abort', done, { once: true })
      changed.addEventListener('abort', done, { once: true })
      if (signal.aborted || changed.aborted) done()
    })
  }

  get #nowMs(): number {
    return Math.floor(this.#of.clock.nowUs() / 1_000)
  }
}

/** What a new run does first: the others find in it whom and what to ask about. */
const FIRST: readonly Job[] = ['tracking_sync', 'markets_discovery']
const ONCE = { slot: 0, intervalMs: 0, jitterMs: 0 }

/** Slots of a collector that went by without a run of it, up to the one before the next. */
function missedEvent({ job, from: source }: Collector, next: Next, nowUs: number) {
  const { missed, from, slot, intervalMs: interval } = next
  return CollectorRan.make({
    ...{ job, from: source, status: 'missed', http: 0, attempts: 0, rows: 0, latency: 0 },
    ...{ error: '', message: `slots ${from} to ${slot - 1} went by`, started: nowUs },
    ...{ interval, slot: slot - 1, jitter: 0, missed, detail: '{}' },
  })
}
