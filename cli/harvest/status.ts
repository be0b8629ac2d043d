import type { Job } from '#schemas/harvest.js'
import { isoOf } from '#projections/iso.js'
import { textOf, type Answer, type Call } from '../command.js'
import { loadConfig } from '../config.js'
import { tableOf } from '../format/table.js'
import { runsDirOf } from '../runs.js'
import { settingsOf } from './settings.js'
import { openTables } from './tables.js'

const FIVE_MINUTES_MS = 300_000
/** A collector stands still when nothing of it ended for so many of its intervals, and this much besides. */
const [INTERVALS, GRACE_MS] = [3, 60_000]

/** How one collector goes. */
interface JobAge {
  readonly job: string
  readonly status: string
  readonly ageMs: number | null
  readonly intervalMs: number
  readonly isStill: boolean
}

/** The four numbers that tell whether anything is collected, and the age of every collector's last run. 1 where one stands still. */
export async function harvestStatus(call: Call): Promise<Answer> {
  const { values } = call
  const db = await openTables(runsDirOf(values), { isReadonly: true, file: textOf(values, 'db') })
  try {
    const nowMs = Date.now()
    const since = isoOf((nowMs - FIVE_MINUTES_MS) * 1_000)
    const one = (sql: string, ...of: readonly string[]): number =>
      (db.db.prepare(sql).get(...of) as { n: number }).n
    const samples = (kind: 'top' | 'l2', count: string): number =>
      db.partitions
        .names(kind)
        .slice(-2)
        .reduce(
          (sum, name) =>
            sum +
            one(
              `SELECT ${count} AS n FROM "${name}" WHERE at >= ?`,
              `${(nowMs - FIVE_MINUTES_MS) * 1_000}`,
            ),
          0,
        )
    const numbers = {
      ops_runs_5m: one('SELECT count(*) AS n FROM ops_collector_run WHERE finished_at >= ?', since),
      quote_top_5m: samples('top', 'count(*)'),
      l2_5m: samples('l2', 'coalesce(sum(json_array_length(bids) + json_array_length(asks)), 0)'),
      post_total: one('SELECT count(*) AS n FROM fact_tweet_post'),
    }
    const { intervals } = settingsOf(loadConfig(values).config, values)
    const jobs = agesOf(db.db, intervals, nowMs)
    // A configuration without a collector wants none of its rows.
    const wanted = {
      ops_runs_5m: true,
      quote_top_5m: 'quote_top_sync' in intervals,
      l2_5m: 'orderbook_l2_sync' in intervals,
      post_total: 'post_sync' in intervals,
    }
    const empty = Object.entries(numbers).flatMap(([name, n]) =>
      n === 0 && wanted[name as keyof typeof wanted] ? [name] : [],
    )
    const still = jobs.filter(({ isStill }) => isStill).map(({ job }) => job)
    say(call, { numbers, jobs, still, empty })
    const isCollecting = still.length === 0 && empty.length === 0
    return { code: isCollecting ? 0 : 1, json: { isCollecting, ...numbers, empty, still, jobs } }
  } finally {
    db.close()
  }
}

function agesOf(
  db: Awaited<ReturnType<typeof openTables>>['db'],
  intervals: Readonly<Partial<Record<Job, number>>>,
  nowMs: number,
): JobAge[] {
  const last = db.prepare(
    "SELECT status, finished_at FROM ops_collector_run WHERE job_name = ? AND status <> 'missed' ORDER BY finished_at DESC LIMIT 1",
  )
  return Object.entries(intervals).map(([job, intervalMs]) => {
    const row = last.get(job) as { status: string; finished_at: string } | undefined
    const ageMs = row ? Math.max(0, nowMs - Date.parse(row.finished_at)) : null
    const isStill =
      job !== 'retention' &&
      (ageMs === null || ageMs > INTERVALS * intervalMs + GRACE_MS || row?.status === 'error')
    return { job, status: row?.status ?? 'never', ageMs, intervalMs, isStill }
  })
}

function say(
  call: Call,
  of: {
    numbers: Readonly<Record<string, number>>
    jobs: readonly JobAge[]
    still: readonly string[]
    empty: readonly string[]
  },
): void {
  for (const [name, n] of Object.entries(of.numbers))
    call.say(`${name.padEnd(14)} ${n.toLocaleString('en')}`)
  const rows = of.jobs.map(({ job, status, ageMs, intervalMs, isStill }) => [
    ...[
      job,
      status,
      ageMs === null ? '' : `${Math.floor(ageMs / 1_000)} s`,
      `${intervalMs / 1_000} s`,
      isStill ? 'stands still' : '',
    ],
  ])
  for (const line of tableOf([['collector', 'last', 'age', 'interval', ''], ...rows]))
    call.say(line)
  if (of.still.length + of.empty.length === 0) call.say('it collects')
  else call.say(`it does not collect all: ${[...of.empty, ...of.still].join(', ')}`)
}
