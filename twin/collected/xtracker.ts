import { failure, said, type Answer } from '../answer.js'
import { keyedHex, keyedNumber } from './keyed.js'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
/** A post is known at most so long after it was written, ms. */
const IMPORT_LAG_MS = 5 * MINUTE
/** Posts and windows begin so long before the twin does, ms. */
const BEFORE_MS = 9 * DAY

/** An account of the twin's XTracker. */
export interface TwinAccount {
  readonly id: string
  readonly handle: string
  readonly name: string
}

/** A post, as it is true. Times in ms. */
export interface TwinPost {
  readonly id: string
  readonly platformId: string
  readonly content: string
  readonly createdMs: number
  readonly importedMs: number
}

/** A window over which posts are counted. Times in ms, both ends included. */
export interface TwinTracking {
  readonly id: string
  readonly title: string
  readonly slug: string
  readonly startMs: number
  readonly endMs: number
}

/** Posts of a day within a window. */
export interface TwinCount {
  readonly id: string
  readonly trackingId: string
  readonly dayMs: number
  readonly count: number
  readonly cumulative: number
}

/** The counterpart of XTracker: accounts that post by the clock, windows over which their posts are counted. All of it a function of seed and time. */
export class TwinXTracker {
  readonly accounts: readonly TwinAccount[]
  readonly #seed: number
  readonly #beginMs: number
  readonly #posts = new Map<string, TwinPost[]>()

  constructor(of: { seed: number; handles: readonly string[]; beginMs: number }) {
    this.#seed = of.seed
    this.#beginMs = of.beginMs
    this.accounts = of.handles.map(handle => ({
      id: uuidOf(of.seed, 'account', handle),
      handle,
      name: handle.replace(/^./, first => first.toUpperCase()),
    }))
  }

  /** Posts of an account that are known at this time, newest first. */
  posts({ handle }: TwinAccount, nowMs: number): readonly TwinPost[] {
    const all = this.#posts.get(handle) ?? []
    this.#posts.set(handle, all)
    for (;;) {
      const k = all.length
      const beforeMs = all[k - 1]?.createdMs ?? this.#beginMs - BEFORE_MS
      if (beforeMs > nowMs) break
      const n = keyedNumber(this.#seed, 'post', handle, k)
      const createdMs = Math.floor((beforeMs + 3 * MINUTE + (n % (80 * MINUTE))) / 1_000) * 1_000
      all.push({
        id: keyedHex(this.#seed, 'row', handle, k).slice(0, 25),
        platformId: `${2_042_000_000_000_000_000n + BigInt(Math.floor(createdMs / 100))}`,
        content: CONTENTS[n % CONTENTS.length]?.replace('#', `${k}`) ?? '',
        createdMs,
        importedMs: createdMs + 1_000 + (n % (IMPORT_LAG_MS - 1_000)),
      })
    }
    return all.filter(({ importedMs }) => importedMs <= nowMs).reverse()
  }

  /** Windows of an account that have been announced at this time: one of a week and, each second day, one of two days. */
  trackings({ handle }: TwinAccount, nowMs: number): readonly TwinTracking[] {
    const found: TwinTracking[] = []
    const noonMs = Math.floor(this.#beginMs / DAY) * DAY - 4 * DAY + 16 * HOUR
    for (let k = 0; k < 40; k++) {
      const isWeek = k % 2 === 0
      const startMs = noonMs + Math.floor(k / 2) * (isWeek ? 7 : 2) * DAY
      const endMs = startMs + (isWeek ? 7 : 2) * DAY - 1_000
      if (startMs - 2 * DAY > nowMs) continue
      const days = [startMs, endMs].map(ms => new Date(ms).toISOString().slice(0, 10))
      const slug = `${handle.toLowerCase()}-of-tweets-${days.join('-')}`
      const title = `${handle} # tweets ${days.join(' - ')}?`
      found.push({ id: uuidOf(this.#seed, 'tracking', handle, k), title, slug, startMs, endMs })
    }
    return found
  }

  /** Counts by UTC day within each window. */
  counts(account: TwinAccount, nowMs: number): readonly TwinCount[] {
    const posts = this.posts(account, nowMs)
    return this.trackings(account, nowMs).flatMap(({ id: trackingId, startMs, endMs }) => {
      const rows: TwinCount[] = []
      let cumulative = 0
      for (
        let dayMs = Math.floor(startMs / DAY) * DAY;
        dayMs <= Math.min(endMs, nowMs);
        dayMs += DAY
      ) {
        const [from, to] = [Math.max(dayMs, startMs), Math.min(dayMs + DAY, endMs + 1)]
        const count = posts.filter(({ createdMs: ms }) => ms >= from && ms < to).length
        cumulative += count
        const id = uuidOf(this.#seed, 'metric', trackingId, dayMs)
        rows.push({ id, trackingId, dayMs, count, cumulative })
      }
      return rows
    })
  }

  /** What `/api` answers below it; undefined for a path that it does not have. */
  answer(path: string, query: URLSearchParams, nowMs: number): Answer | undefined {
    const [, kind, name = '', of] =
      /^\/(users|metrics)(?:\/([^/]+))?(?:\/(posts|trackings))?$/.exec(path) ?? []
    if (kind === undefined) return undefined
    const handle = decodeURIComponent(name)
    if (kind === 'users' && handle === '')
      return data(this.accounts.map(one => this.#user(one, nowMs)))
    const account = this.accounts.find(one =>
      kind === 'metrics' ? one.id === handle : sameName(one.handle, handle),
    )
    if (!account)
      return { ...failure(404, ''), body: '{"success":false,"message":"User not found"}' }
    const isIn = (ms: number): boolean => isWithin(ms, query)
    if (kind === 'metrics')
      return data(
        this.counts(account, nowMs)
          .filter(({ dayMs }) => isIn(dayMs))
          .map(one => metricRow(one, account)),
      )
    if (of === 'posts')
      return data(
        this.posts(account, nowMs)
          .filter(({ createdMs }) => isIn(createdMs))
          .map(one => postRow(one, account)),
      )
    if (of === 'trackings') {
      const all = this.trackings(account, nowMs).map(one => trackingRow(one, account, nowMs))
      return data(query.get('activeOnly') === 'true' ? all.filter(({ isActive }) => isActive) : all)
    }
    return data(this.#user(account, nowMs))
  }

  #user(account: TwinAccount, nowMs: number): object {
    const synced = Math.floor(nowMs / IMPORT_LAG_MS) * IMPORT_LAG_MS
    return {
      ...account,
      ...{ platform: 'X', platformId: `${keyedNumber(this.#seed, account.handle)}` },
      ...{ avatarUrl: `https://example.org/${account.handle}.jpg`, bio: '', verified: false },
      ...{ lastSync: isoOf(synced), lastSyncError: null },
      ...{ createdAt: isoOf(this.#beginMs - BEFORE_MS), updatedAt: isoOf(synced) },
      trackings: this.trackings(account, nowMs).map(one => trackingRow(one, account, nowMs)),
      _count: { posts: this.posts(account, nowMs).length },
    }
  }
}

const CONTENTS = [
  'Post # about the weather',
  '@someone # that is so',
  'RT @other: # look at this',
  'See https://example.org/# for more',
  'Numéro # — été',
  'Выпуск #',
  '第#回です',
]

const data = (rows: unknown): Answer => said({ success: true, data: rows })
const isoOf = (ms: number): string => new Date(ms).toISOString()
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function isWithin(ms: number, query: URLSearchParams): boolean {
  const [from, to] = [query.get('startDate'), query.get('endDate')]
  // A date without a time is the whole of its day.
  const toMs =
    to === null ? Number.POSITIVE_INFINITY : Date.parse(to) + (to.length === 10 ? DAY - 1 : 0)
  return ms >= (from === null ? 0 : Date.parse(from)) && ms <= toMs
}

const trackingRow = (of: TwinTracking, { id: userId }: TwinAccount, nowMs: number) => ({
  ...{ id: of.id, userId, title: of.title, target: null, metrics: {}, config: {} },
  ...{ startDate: isoOf(of.startMs), endDate: isoOf(of.endMs), isActive: of.endMs >= nowMs },
  marketLink: `https://polymarket.com/event/${of.slug}`,
  ...{ createdAt: isoOf(of.startMs - 2 * DAY), updatedAt: isoOf(of.startMs - 2 * DAY) },
})

const metricRow = (of: TwinCount, { id: userId }: TwinAccount) => ({
  ...{ id: of.id, userId, date: isoOf(of.dayMs), type: 'daily' },
  data: { count: of.count, cumulative: of.cumulative, trackingId: of.trackingId },
})

const postRow = (of: TwinPost, { id: userId }: TwinAccount) => ({
  ...{ id: of.id, userId, platformId: of.platformId, content: of.content },
  ...{ createdAt: isoOf(of.createdMs), importedAt: isoOf(of.importedMs), metrics: null },
})

function uuidOf(...words: readonly (string | number)[]): string {
  const hex = keyedHex(...words)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join('-')
}
