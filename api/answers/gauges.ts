import { healthFacts } from '#projections/health.js'
import type { RunView } from '../run/run-view.js'
import { intentsOf } from '#projections/desk/intents.js'

/** What a scraper wants of a run: plain numbers by name, and counts by a label. */
export interface Gauges {
  readonly mode: string
  readonly source: string
  readonly clock: string
  readonly seq: number
  readonly tUs: number
  readonly lastTickUs: number
  readonly hardStop: boolean
  readonly telegramFailures: number
  readonly counters: Readonly<Record<string, number>>
  readonly pnlMicro: { readonly realised: number; readonly open: number; readonly fees: number }
  readonly exposureMicro: number
  readonly signalsByRule: Readonly<Record<string, number>>
  readonly intentsByStatus: Readonly<Record<string, number>>
}

/** A run in numbers, behind the last event that was read. */
export function gaugesOf(view: RunView): Gauges {
  const { moment, world, history } = view
  const facts = healthFacts(moment.health)
  const counters = Object.entries(facts).flatMap(([name, value]) =>
    value === null ? [] : [[name, Number(value)] as const],
  )
  const byRule = new Map<string, number>()
  for (const { data } of history.signals)
    byRule.set(data.strategy, (byRule.get(data.strategy) ?? 0) + 1)
  const byStatus = new Map<string, number>()
  for (const { status } of intentsOf(history, moment.tUs))
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
  const { positions, orders } = moment.exposure
  return {
    ...{ mode: moment.mode, source: moment.source, clock: moment.clock },
    ...{ seq: moment.seq, tUs: moment.tUs },
    lastTickUs: moment.health.lastFrameUs ?? 0,
    hardStop: moment.hardStop !== undefined,
    telegramFailures: moment.telegramFailures,
    counters: Object.fromEntries(counters),
    pnlMicro: moment.pnl(
      token => world.bidOf(token),
      tokens => world.setsAmong(tokens),
    ),
    exposureMicro: positions + orders,
    signalsByRule: Object.fromEntries(byRule),
    intentsByStatus: Object.fromEntries(byStatus),
  }
}
