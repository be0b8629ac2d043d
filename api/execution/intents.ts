import { ASK, BID, type Side } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import { levelOf } from '#projections/desk/levels.js'
import { intentsOf, type Intent, type Proposal } from '#projections/desk/intents.js'
import { NotFound } from '../answers/not-found.js'
import { orderOf } from '../answers/signals.js'
import { msOf, sideName } from '../answers/markets.js'
import type { RunView } from '../run/run-view.js'
import type { Intent as Shown, IntentRequest } from '../shapes/execution.js'
import { notionalOf, verdictOn, worstPrice, type Policy, type Verdict } from './policy.js'

/** What was asked for cannot be an order: why, and what could. */
export class BadIntent extends Error {
  readonly expected: string
  constructor(message: string, expected: string) {
    super(message)
    this.expected = expected
  }
}

/** How long an intent waits for its confirmation, s. */
const TTL_SECS = 60
/** By what intents are judged. `nowMs` is the machine's clock. */
export interface Judging {
  readonly policy: Policy
  readonly nowMs: number
}

/** An order made of a signal, as the books stand: a limit within the policy's slippage for each leg, and what risk says of it. */
export function propose(
  view: RunView,
  of: IntentRequest & { readonly intent: string },
  judging: Judging,
): { proposal: Proposal; verdict: Verdict } {
  const { intent, signal_id: signal, ttl_secs: ttlSecs = TTL_SECS } = of
  const record = view.history.signal(signal)
  if (!record) throw new NotFound(`there is no signal '${signal}'`, 'a signal_id of /api/signals')
  if (levelOf(record) === 'P3')
    throw new BadIntent('the signal repeats another', 'a signal of level P1 or P2')
  const isSingle = record.data.legs.length === 1
  if (!isSingle && (of.side !== undefined || of.limit_price_override !== undefined))
    throw new BadIntent('a basket has a side and a limit for each leg', 'no side, no limit')
  const legs = record.data.legs.map(leg => {
    const side: Side = of.side === undefined ? leg.side : of.side === 'buy' ? BID : ASK
    const size = of.qty_override === undefined ? leg.size : Math.floor(of.qty_override * 1_000_000)
    const said = of.limit_price_override
    const wanted = said === undefined ? leg.limit : Math.round(said * 10_000)
    return [
      leg.token,
      side,
      price(bounded(view, { ...leg, side, wanted }, judging)),
      shares(size),
    ] as const
  })
  const proposal = { intent, signal, ttlSecs, legs }
  return { proposal, verdict: judged(view, proposal, judging) }
}

/** What risk says of an intent as the run stands. */
export function judged(view: RunView, proposal: Proposal, judging: Judging): Verdict {
  const intents = intentsOf(view.history, nowUsOf(view, judging))
  return verdictOn(view, proposal, { policy: judging.policy, intents })
}

/** All intents of a run, the newest first. */
export function intentsOfRun(view: RunView, judging: Judging): Shown[] {
  const all = intentsOf(view.history, nowUsOf(view, judging))
  return all.map(one => shownOf(view, one, judging)).reverse()
}

/** One intent and what it was proposed as; undefined where the log knows none of this id. */
export function intentOf(
  view: RunView,
  id: string,
  judging: Judging,
): { intent: Shown; proposal: Proposal } | undefined {
  const found = intentsOf(view.history, nowUsOf(view, judging)).find(one => one.intent === id)
  return found && { intent: shownOf(view, found, judging), proposal: found }
}

/** An intent of a run that takes no commands: the verdict alone. */
export function verdictOnly(view: RunView, proposal: Proposal, verdict: Verdict): Shown {
  return {
    ...headOf(view, proposal, verdict),
    ...{ status: 'verdict', created_at: msOf(view.moment.tUs), seq: null, confirmed_seq: null },
  }
}

/** Intents get old by the run's own time, and by the machine's clock where the run goes by that. */
function nowUsOf({ moment }: RunView, { nowMs }: Judging): number {
  return moment.clock === 'wall' ? Math.max(moment.tUs, nowMs * 1_000) : moment.tUs
}

function shownOf(view: RunView, of: Intent, judging: Judging): Shown {
  const live = of.status === 'suggested' ? judged(view, of, judging) : undefined
  const reasons = live ? live.reasons : of.reasons
  const verdict = live ?? { approved: reasons.length === 0, reasons, ...figuresOf(of) }
  const head = headOf(view, of, verdict)
  const orders = of.orders.map(record => orderOf(view, record, view.seq))
  return {
    ...head,
    ...{ status: of.status, created_at: msOf(of.createdUs), seq: of.seq },
    confirmed_seq: of.confirmed?.seq ?? null,
    detail_json: {
      ...head.detail_json,
      legs: head.detail_json.legs.map((leg, k) => {
        const order = orders.find(one => one.leg === k)
        if (!order) return leg
        const { order_id, state, filled_micro } = order
        return { ...leg, order_id, state, filled_micro }
      }),
    },
  }
}

const figuresOf = ({ legs }: Proposal) => ({
  notional: notionalOf(legs),
  ...{ openIntents: 0, dayNotional: 0 },
})

function headOf({ catalog }: RunView, of: Proposal, verdict: Verdict) {
  const { approved, reasons, notional, openIntents, dayNotional } = verdict
  return {
    ...{ intent_id: of.intent, signal_id: of.signal, ttl_secs: of.ttlSecs },
    detail_json: {
      checks: {
        ...{ approved, reasons: [...reasons], notional_micro: notional },
        ...{ open_intents: openIntents, day_notional_micro: dayNotional },
      },
      legs: of.legs.map(([token, side, limit, size]) => {
        const listed = catalog.tokens.get(token)
        return {
          ...{ token, label: listed?.outcome ?? '', side: sideName(side) },
          market_id: catalog.markets.get(listed?.market ?? 0)?.key ?? '',
          ...{ limit_e4: limit, size_micro: size, order_id: null, state: null, filled_micro: 0 },
        }
      }),
    },
  }
}

/** The limit that was wanted, but no worse than the policy's slippage allows as the book stands. */
function bounded(
  view: RunView,
  { token, side, wanted }: { token: number; side: Side; wanted: number },
  { policy }: Judging,
): number {
  const worst = worstPrice(view, { token, side }, policy)
  if (worst === undefined) return wanted
  return side === BID ? Math.min(wanted, worst) : Math.max(wanted, worst)
}
