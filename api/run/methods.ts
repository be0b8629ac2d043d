import type { Level } from '#projections/desk/levels.js'
import { bookAt, DEPTH, heatmap, marketPage, marketsAt } from '../answers/markets.js'
import { momentAt, stepFrom, timelineOf } from '../answers/moment.js'
import { NotFound } from '../answers/not-found.js'
import { calibrationAt, kpisAt, ordersAt, signalOf, signalsAt } from '../answers/signals.js'
import { whyOf } from '../answers/why.js'
import { gaugesOf } from '../answers/gauges.js'
import {
  intentOf,
  intentsOfRun,
  judged,
  propose,
  verdictOnly,
  type Judging,
} from '../execution/intents.js'
import type { IntentRequest } from '../shapes/execution.js'
import type { RunView } from './run-view.js'

/** Behind which event; absent: as the run is now. */
interface At {
  readonly at?: number | undefined
}
interface Paged extends At {
  readonly limit: number
  readonly offset: number
}

const seqOf = ({ at = Number.POSITIVE_INFINITY }: At): number => at

/** Everything that may be asked of a run: answers are plain values. */
export const METHODS = {
  moment: (view: RunView, of: At) => view.at(seqOf(of), look => momentAt(view, look)),
  markets: (view: RunView, of: Paged & { search?: string | undefined }) =>
    view.at(seqOf(of), look => marketsAt(view, look, of)),
  market: (view: RunView, of: At & { id: string; depth?: number | undefined }) =>
    view.at(seqOf(of), look => marketPage(view, look, { id: of.id, depth: of.depth ?? DEPTH })),
  book: (view: RunView, of: At & { token: number; depth?: number | undefined }) =>
    view.at(seqOf(of), look => {
      const token = view.catalog.tokens.get(of.token)
      if (!token || token.seq > look.moment.seq)
        throw new NotFound(`there is no token ${of.token}`, 'a token of a market, listed by then')
      return { seq: look.moment.seq, ...bookAt(token, look, of.depth ?? DEPTH) }
    }),
  heatmap: (view: RunView, of: { token: number; from: number; to: number; columns: number }) =>
    heatmap(view, of),
  signals: (
    view: RunView,
    of: Paged & { level?: Level | undefined; sinceMs?: number | undefined },
  ) => view.at(seqOf(of), look => signalsAt(view, look, of)),
  signal: async (view: RunView, { id }: { id: string }) => {
    const record = view.history.signal(id)
    if (!record) throw new NotFound(`there is no signal '${id}'`, 'a signal_id of /api/signals')
    return signalOf(view, record, view.seq)
  },
  orders: (view: RunView, of: Paged & { owner?: string | undefined }) =>
    view.at(seqOf(of), look => ordersAt(view, look, of)),
  kpis: (view: RunView, of: At) => view.at(seqOf(of), look => kpisAt(view, look)),
  calibration: (view: RunView, of: At) => view.at(seqOf(of), look => calibrationAt(view, look)),
  timeline: async (view: RunView) => timelineOf(view),
  step: async (view: RunView, { from, isBack }: { from: number; isBack: boolean }) =>
    stepFrom(view, from, isBack),
  why: (view: RunView, { target }: { target: string }) => whyOf(view, target),
  gauges: async (view: RunView) => gaugesOf(view),
  propose: async (
    view: RunView,
    { request, judging }: { request: IntentRequest & { intent: string }; judging: Judging },
  ) => {
    const { proposal, verdict } = propose(view, request, judging)
    return { proposal, shown: verdictOnly(view, proposal, verdict) }
  },
  intents: async (view: RunView, judging: Judging) => intentsOfRun(view, judging),
  intent: async (view: RunView, { id, judging }: { id: string; judging: Judging }) =>
    intentOf(view, id, judging),
  judge: async (view: RunView, { id, judging }: { id: string; judging: Judging }) => {
    const found = intentOf(view, id, judging)
    return found && { ...found, verdict: judged(view, found.proposal, judging) }
  },
} as const

/** Names of what may be asked. */
export type Method = keyof typeof METHODS
/** What a method takes. */
export type Asked<M extends Method> =
  Parameters<(typeof METHODS)[M]> extends [unknown, infer A] ? A : undefined
/** What a method answers. */
export type Answered<M extends Method> = Awaited<ReturnType<(typeof METHODS)[M]>>
