import { NEVER } from '#engine/oms/deadline.js'
import type { Order } from '#engine/oms/order.js'
import type { Turn } from '#engine/core/turn.js'
import type { CancelReason } from '#schemas/reasons.js'
import type { EngineState } from './state.js'

/**
 * Behind each input: what rests in the market although it should not any more is cancelled. A hard stop lets cancels out,
 * and nothing else.
 */
export function pullStopped(state: EngineState, turn: Turn): void {
  const { kill, oms } = state
  if (oms.book.live.size === 0) return
  const any = kill.isStopped || kill.isPaused || kill.isShuttingDown
  if (!any && kill.stopped.size === 0 && kill.paused.size === 0) return
  for (const order of [...oms.book.live.values()]) {
    const why = whyPulled(state, order)
    if (why) oms.book.cancel(turn, order, { cause: turn.input.seq, why })
  }
}

function whyPulled({ kill }: EngineState, { scope, action }: Order): CancelReason | undefined {
  if (action === 'exit') return undefined // the operator's own way out
  if (kill.isStoppedFor(scope)) return 'hard-stop'
  if (kill.isShuttingDown) return 'shutdown'
  return kill.isPausedFor(scope) ? 'paused' : undefined
}

/** Trust in books has changed: quotes of books that may not be traded leave, others may come back. */
export function requote(state: EngineState, turn: Turn, tokens: readonly number[]): void {
  const { quotes } = state.oms
  if (quotes.targets.size === 0) return
  const cause = turn.input.seq
  const moved = new Set(tokens)
  quotes.pull(
    turn,
    { cause, why: 'book-distrusted' },
    ({ token }) => moved.has(token) && state.fold.distrustOf(token) !== 0,
  )
  quotes.retry(turn, cause, moved)
}

/** The clock looks whether the books of what rests are too old, and says when to look again. */
export function pullStale(state: EngineState, turn: Turn): void {
  if (turn.tUs < state.staleCheck.dueUs) return
  const ageMaxUs = state.config.risk.book_age_max_ms * 1_000
  let next = Number.POSITIVE_INFINITY
  for (const order of [...state.oms.book.live.values()]) {
    if (order.action === 'exit' || order.cancels > 0) continue
    const dueUs = state.book(order.token).updatedUs + ageMaxUs + 1
    if (dueUs > turn.tUs) next = Math.min(next, dueUs)
    else state.oms.book.cancel(turn, order, { cause: turn.input.seq, why: 'book-distrusted' })
  }
  const cause = turn.input.seq
  state.staleCheck = next === Number.POSITIVE_INFINITY ? NEVER : { dueUs: next, cause }
}

/** A market is decided: nothing of it rests any more. */
export function pullMarket(state: EngineState, turn: Turn, market: number): void {
  const of = { cause: turn.input.seq, why: 'market-closed' } as const
  state.oms.cancelAll(turn, of, ({ token }) => state.marketOf[token] === market)
}
