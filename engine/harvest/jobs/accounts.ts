import { AccountReported, PostCountsReported, TrackingsReported } from '#schemas/events/harvest.js'
import { accountOf, countsIn, dataOf, trackingsIn, type Account } from '../decode/xtracker.js'
import { RowFault } from '../decode/row.js'
import { countKey } from '../memory.js'
import type { Collector, Context } from './job.js'
import type { Outcome } from './outcome.js'

/** Counts are asked for from this long before the first window that is open, at least, µs. */
const BEFORE_US = 86_400_000_000
/** Most rows of one event. */
const ROWS_MAX = 500

/** Accounts and the windows over which their posts are counted. */
export const trackingSync: Collector = {
  job: 'tracking_sync',
  from: 'xtracker',
  run: async (of, out) => {
    for (const handle of of.settings.handles) {
      const path = `/users/${encodeURIComponent(handle)}`
      const user = out.answered(await of.fetcher.get('xtracker', path))
      const account = user && read(user.value, out)
      if (!account) continue
      const known = of.memory.accounts.get(account.account)
      if (JSON.stringify(known) !== JSON.stringify(account))
        out.say(AccountReported.make(account), 1)
      const active = of.sinceUs === undefined ? '?activeOnly=true' : ''
      await windows(`${path}/trackings${active}`, account, of, out)
    }
  },
}

function read(value: unknown, out: Outcome): Account | undefined {
  try {
    return accountOf(dataOf(value))
  } catch (error) {
    if (!(error instanceof RowFault)) throw error
    out.misshaped('an account')
    return undefined
  }
}

async function windows(
  path: string,
  { account }: Account,
  of: Context,
  out: Outcome,
): Promise<void> {
  const answer = out.answered(await of.fetcher.get('xtracker', path))
  if (!answer) return
  const rows = trackingsIn(dataOf(answer.value), out.refused)
  if (!rows) {
    out.misshaped('a list of windows')
    return
  }
  const fresh = rows.filter(row => of.memory.trackings.get(row.id)?.text !== JSON.stringify(row))
  // One that is no longer among the active ones is over; whoever wants to see that asks for all.
  const listed = new Set(rows.map(({ id }) => id))
  const ended = [...of.memory.trackings.values()].flatMap(({ account: whose, text }) => {
    const row = JSON.parse(text) as (typeof rows)[number] // as it was recorded
    return whose === account && row.active && !listed.has(row.id) && row.ends * 1 <= of.nowUs()
      ? [{ ...row, active: false }]
      : []
  })
  const all = [...fresh, ...ended]
  if (all.length > 0) out.say(TrackingsReported.make({ account, rows: all }), all.length)
}

/** How many posts were written by day. */
export const metricSync: Collector = {
  job: 'metric_sync',
  from: 'xtracker',
  run: async (of, out) => {
    for (const account of wantedAccounts(of, out)) {
      const { starts, ends } = spanOf(account.account, of)
      const [from, to] = [starts, ends].map(dayOf)
      const path = `/metrics/${encodeURIComponent(account.account)}?type=daily&startDate=${from}&endDate=${to}`
      const answer = out.answered(await of.fetcher.get('xtracker', path))
      if (!answer) continue
      const rows = countsIn(dataOf(answer.value), out.refused)
      if (!rows) {
        out.misshaped('a list of counts')
        continue
      }
      const fresh = rows.filter(row => of.memory.texts.get(countKey(row)) !== JSON.stringify(row))
      for (let k = 0; k < fresh.length; k += ROWS_MAX) {
        const part = fresh.slice(k, k + ROWS_MAX)
        out.say(PostCountsReported.make({ account: account.account, rows: part }), part.length)
      }
    }
  },
}

/** The accounts that are configured, as far as they are known; one that is not is said. */
export function wantedAccounts({ memory, settings }: Context, out: Outcome): readonly Account[] {
  const known = [...memory.accounts.values()]
  return settings.handles.flatMap(handle => {
    const account = known.find(one => one.handle.toLowerCase() === handle.toLowerCase())
    if (!account) out.fail('refused', `the account of '${handle}' is not known yet (tracking_sync)`)
    return account ?? []
  })
}

/** From the first open window, or the time that a backfill names, to now. */
function spanOf(
  account: string,
  { memory, nowUs, sinceUs }: Context,
): { starts: number; ends: number } {
  const ends = nowUs()
  const open = [...memory.trackings.values()].filter(
    one => one.account === account && one.ends + BEFORE_US >= ends,
  )
  const first = Math.min(ends, ...open.map(({ starts }) => starts))
  return { starts: sinceUs ?? first - BEFORE_US, ends }
}

const dayOf = (us: number): string => new Date(us / 1_000).toISOString().slice(0, 10)
