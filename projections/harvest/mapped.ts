import type { EventOf } from '#schemas/registry.js'
import type { Tracking } from '#schemas/harvest.js'
import { isoOf } from '../iso.js'
import type { Cell } from './change.js'
import { matchOf, type Match } from './mapping.js'

/** What is known of accounts and windows, and of which market is about which. */
export interface Known {
  readonly accounts: Map<string, EventOf<'AccountReported'>['data']>
  readonly windows: Map<string, Tracking & { readonly account: string }>
  /** Posts of each window, as last counted. */
  readonly totals: Map<string, number>
  /** The window that fits a market best. */
  readonly trackingOf: Map<string, string>
  /** What was told of a pair. */
  readonly told: Map<string, string>
}

/** Rows of markets and the windows that they are about, those that are new or changed. */
export function mapped(
  known: Known,
  markets: readonly EventOf<'MarketDescribed'>['data'][],
  tUs: number,
): (readonly Cell[])[] {
  const rows: (readonly Cell[])[] = []
  const windows = [...known.windows.values()]
  if (windows.length === 0) return rows
  for (const market of markets) {
    const { condition: id, question, slug, groupSlug, starts, ends } = market
    let best: (Match & { readonly tracking: string }) | undefined
    for (const window of windows) {
      const { handle = '', name = '' } = known.accounts.get(window.account) ?? {}
      const text = `${question} ${slug} ${groupSlug}`
      const match = matchOf({ id, text, groupSlug, starts, ends }, window, [name, handle])
      if (!match) continue
      const { score, reason } = match
      if (!best || score > best.score) best = { ...match, tracking: window.id }
      const [pair, said] = [`${id} ${window.id}`, `${score} ${reason}`]
      if (known.told.get(pair) === said) continue
      known.told.set(pair, said)
      rows.push([id, window.id, window.account, score / 1_000_000, reason, isoOf(tUs)])
    }
    if (best) known.trackingOf.set(id, best.tracking)
  }
  return rows
}
