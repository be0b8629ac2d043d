import { levelOf } from './levels.js'
import type { SignalRecord } from './history.js'

/** Microseconds of a day, which begins at midnight UTC. */
const DAY_US = 86_400_000_000

/** How one rule did on one day. Gaps and edges are means, in bps of payout, rounded down. */
export interface DailyKpi {
  /** Day since the epoch, UTC. */
  readonly day: number
  readonly strategy: string
  signals: number
  p1: number
  /** Sum of the edges before fees and of those after, bps. */
  gaps: number
  edges: number
}

/** The last `days` days up to a time, by day and rule; the newest first. True means, not averages of averages. */
export function dailyKpis(
  signals: readonly SignalRecord[],
  { tUs, days }: { readonly tUs: number; readonly days: number },
): readonly DailyKpi[] {
  const last = Math.floor(tUs / DAY_US)
  const found = new Map<string, DailyKpi>()
  for (const record of signals) {
    const day = Math.floor(record.tUs / DAY_US)
    if (day <= last - days) continue
    const { strategy, edge } = record.data
    const key = `${day}|${strategy}`
    const kpi = found.get(key) ?? { day, strategy, signals: 0, p1: 0, gaps: 0, edges: 0 }
    found.set(key, kpi)
    kpi.signals++
    if (levelOf(record) === 'P1') kpi.p1++
    kpi.edges += edge
    kpi.gaps += edge + feeBps(record)
  }
  return [...found.values()].sort(
    (a, b) => b.day - a.day || (a.strategy < b.strategy ? -1 : a.strategy > b.strategy ? 1 : 0),
  )
}

/** Fees in bps of payout: a dollar for each share of the set. */
const feeBps = ({ data: { fee, size } }: SignalRecord): number =>
  size === 0 ? 0 : Math.floor((fee * 10_000) / size)
