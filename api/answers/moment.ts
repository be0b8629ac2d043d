import { countAt } from '#projections/desk/history.js'
import { healthFacts } from '#projections/health.js'
import type { Pnl } from '#projections/holdings.js'
import type { RunView } from '../run/run-view.js'
import type { Moment, Step, Timeline } from '../shapes/run.js'
import { bidOf, sideName, titleOf, type Look } from './markets.js'

/** Marks of a timeline at most; what is more is counted. */
const MARKS_MAX = 4_000

/** A run as it stood behind an event. */
export function momentAt(view: RunView, { books, moment }: Look): Moment {
  const sets = view.catalog.setsAt(moment.seq)
  const bid = (token: number): number =>
    sets.isUnknown(token) ? 0 : (books.view(token)?.bestBid ?? 0)
  const among = (tokens: Iterable<number>): number[][] => sets.among(tokens)
  const { seq, tUs, mode, source, exposure } = moment
  const nameOf = (id: number) => {
    const token = view.catalog.tokens.get(id)
    const market = view.catalog.markets.get(token?.market ?? 0)
    return {
      market_id: market?.key ?? '',
      title: market ? titleOf(market) : '',
      label: token?.outcome ?? '',
    }
  }
  return {
    ...{ seq, t_us: tUs, mode, source, ended: moment.isEnded },
    ...{ hard_stop: moment.hardStop ?? null, paused: [...moment.paused] },
    gates: [...moment.gates].map(([gate, why]) => ({ gate, why })),
    conditions: [...moment.conditions],
    pnl: pnlOf(moment.pnl(bid, among)),
    by_strategy: [...moment.byStrategy].map(([strategy, held]) => ({
      ...{ strategy, pnl: pnlOf(held.pnl(bid, among)) },
    })),
    exposure: { positions_micro: exposure.positions, orders_micro: exposure.orders },
    positions: [...moment.whole.byToken]
      .filter(([, { size }]) => size !== 0)
      .map(([token, { size, cost }]) => ({
        ...{ token, ...nameOf(token), size_micro: size, cost_micro: cost },
        bid_e4: bidOf(books.view(token)),
      })),
    open_orders: [...moment.open.values()].map(order => ({
      ...{ order_id: order.order, owner: order.owner, action: order.action },
      ...{ token: order.token, ...nameOf(order.token), side: sideName(order.side) },
      ...{ limit_e4: order.limit, size_micro: order.size, filled_micro: order.filled },
      ...{ state: order.state, placed_seq: order.placedSeq },
    })),
    counters: healthFacts(moment.health),
  }
}

const pnlOf = ({ realised, open, fees }: Pnl) => ({
  ...{ realised_micro: realised, open_micro: open, fees_micro: fees },
})

/** What a scrubber shows of the whole run. */
export function timelineOf(view: RunView): Timeline {
  const marks = marksOf(view)
  const every = Math.max(1, Math.ceil(marks.length / MARKS_MAX))
  // A stop or a command is never left off: it is what people look for.
  const kept = marks.filter(
    ({ kind }, k) => k % every === 0 || kind === 'stop' || kind === 'command',
  )
  return {
    last_seq: view.seq,
    clock: [...view.clock, view.moment].map(({ seq, tUs }) => [seq, tUs]),
    marks: kept.map(({ seq, tUs, kind }) => ({ seq, t_us: tUs, kind })),
    marks_left_off: marks.length - kept.length,
    equity: view.activity.equity.points.map(({ tUs, value }) => [tUs, value]),
  }
}

/** The next thing that the run did behind an event, or the last before it. */
export function stepFrom(view: RunView, from: number, isBack: boolean): Step {
  const lists = [
    { list: view.history.signals, kind: 'signal' },
    { list: view.history.orders, kind: 'order' },
    { list: view.fills, kind: 'fill' },
    { list: view.history.commands, kind: 'command' },
    { list: view.stops, kind: 'stop' },
  ] as const
  let best: Step = { seq: null, kind: null }
  for (const { list, kind } of lists) {
    const found = isBack ? list[countAt(list, from - 1) - 1] : list[countAt(list, from)]
    if (!found) continue
    const isNearer = best.seq === null || (isBack ? found.seq > best.seq : found.seq < best.seq)
    if (isNearer) best = { seq: found.seq, kind }
  }
  return best
}

interface Mark {
  readonly seq: number
  readonly tUs: number
  readonly kind: string
}

function marksOf(view: RunView): Mark[] {
  const of = (list: readonly { seq: number; tUs: number }[], kind: string): Mark[] =>
    list.map(({ seq, tUs }) => ({ seq, tUs, kind }))
  return [
    ...of(view.history.signals, 'signal'),
    ...of(view.history.orders, 'order'),
    ...of(view.fills, 'fill'),
    ...of(view.history.commands, 'command'),
    ...of(view.stops, 'stop'),
  ].sort((a, b) => a.seq - b.seq)
}
