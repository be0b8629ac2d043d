import type { Job } from '#schemas/harvest.js'
import type { EventOf } from '#schemas/registry.js'
import type { Recorded } from '#schemas/recorded.js'

type Described = EventOf<'MarketDescribed'>['data']

/** A market that was described in this run. */
export interface KnownMarket {
  readonly described: Described
  /** Whether its catalogue still lists it as open. */
  isOpen: boolean
  isSettled: boolean
}

/**
 * What collectors know of what they have recorded: a fold of the run's own events, so that one that goes on behind a crash repeats
 * nothing. Grows with what there is to collect; a run lasts a day by default.
 */
export class HarvestMemory {
  readonly accounts = new Map<string, EventOf<'AccountReported'>['data']>()
  /** Windows by id, with their account. */
  readonly trackings = new Map<
    string,
    {
      readonly account: string
      readonly starts: number
      readonly ends: number
      readonly text: string
    }
  >()
  readonly groups = new Map<string, string>()
  /** By the id of the catalogue. */
  readonly markets = new Map<string, KnownMarket>()
  readonly byRef = new Map<number, KnownMarket>()
  /** Numbers of tokens by the venue's id. */
  readonly tokens = new Map<string, number>()
  /** The newest text of what has one: counts and posts by their key. */
  readonly texts = new Map<string, string>()
  readonly cursors = new Map<string, string>()
  /** Start of the slot that each collector did last, ms. */
  readonly slots = new Map<Job, number>()
  /** Runs of each collector that failed one after the other. */
  readonly failures = new Map<Job, number>()
  /** Open markets that the last whole listing did not have any more: not recorded, since the next listing shows it again. */
  readonly unlisted = new Set<string>()
  #refs = 0

  /** What a run that follows another knows: which slots are done. All else it records itself, so that its log stands alone. */
  static after(before: HarvestMemory): HarvestMemory {
    const memory = new HarvestMemory()
    for (const [job, ms] of before.slots) memory.slots.set(job, ms)
    for (const [job, count] of before.failures) memory.failures.set(job, count)
    return memory
  }

  /** Takes an event of the run; those that are not of collectors say nothing here. */
  take(event: Recorded['event']): void {
    switch (event.type) {
      case 'AccountReported':
        this.accounts.set(event.data.account, event.data)
        return
      case 'TrackingsReported':
        for (const row of event.data.rows)
          this.trackings.set(row.id, {
            account: event.data.account,
            starts: row.starts,
            ends: row.ends,
            text: JSON.stringify(row),
          })
        return
      case 'PostCountsReported':
        for (const row of event.data.rows) this.texts.set(countKey(row), JSON.stringify(row))
        return
      case 'PostsReported':
        for (const { id, raw } of event.data.rows) this.texts.set(postKey(id), raw)
        return
      case 'MarketGroupDescribed':
        this.groups.set(event.data.id, JSON.stringify(event.data))
        return
      case 'MarketDescribed':
        this.#describe(event.data)
        return
      case 'MarketStatesReported': {
        const { rows } = event.data
        for (let i = 0; i < rows.length; i += 7) {
          const market = this.byRef.get(rows[i] ?? -1)
          if (market) market.isOpen = rows[i + 2] === 0
        }
        return
      }
      case 'MarketSettled': {
        const market = this.byRef.get(event.data.ref)
        if (market) market.isSettled = true
        return
      }
      case 'CursorMoved':
        this.cursors.set(event.data.key, event.data.value)
        return
      case 'CollectorRan': {
        const { job, slot, interval, status } = event.data
        if (interval > 0) this.slots.set(job, slot * interval)
        if (status === 'error') this.failures.set(job, (this.failures.get(job) ?? 0) + 1)
        else if (status !== 'missed') this.failures.set(job, 0)
        return
      }
      default:
    }
  }

  /** A whole listing had these markets, and no other is open. */
  unlist(listed: ReadonlySet<string>): void {
    this.unlisted.clear()
    for (const [id, { isOpen }] of this.markets)
      if (isOpen && !listed.has(id)) this.unlisted.add(id)
  }

  /** A number that no market and no token has yet; it counts as given once it is recorded. */
  nextRef(given: number): number {
    return this.#refs + given + 1
  }

  #describe(described: Described): void {
    const known = this.markets.get(described.id)
    const market: KnownMarket = {
      isOpen: known?.isOpen ?? true,
      isSettled: known?.isSettled ?? false,
      described,
    }
    this.markets.set(described.id, market)
    this.byRef.set(described.ref, market)
    for (const { id, ref } of described.tokens) this.tokens.set(id, ref)
    this.#refs = Math.max(this.#refs, described.ref, ...described.tokens.map(({ ref }) => ref))
  }
}

/** Under which the newest text of a day's count is known. */
export const countKey = ({
  tracking,
  day,
}: {
  readonly tracking: string
  readonly day: number
}): string => `count ${tracking} ${day}`
/** Under which the newest text of a post is known. */
export const postKey = (id: string): string => `post ${id}`
