import {
  BookDisagreed,
  BookDistrusted,
  BookTrusted,
  SnapshotRequested,
} from '#schemas/events/risk.js'
import { DISTRUSTS } from '#schemas/reasons.js'
import { price } from '#schemas/units.js'
import { TRUST_BITS } from '#engine/book/book.js'
import { NOTICE } from '#engine/book/fold.js'
import type { Turn } from '#engine/core/turn.js'
import type { EngineState } from './state.js'

/** Reasons that only a snapshot cures and that no feed owes one for. */
const ASKS_FOR_SNAPSHOT =
  TRUST_BITS.crossed | TRUST_BITS.suspect | TRUST_BITS['hash-differs'] | TRUST_BITS.incomplete

/**
 * Most changes of trust that one turn records: a lost feed can concern more tokens than a turn has room for. All books are
 * distrusted at once; clock inputs that follow at the same time record the rest.
 */
export const TRUST_RECORDS_MAX = 4_000

/** Records what the fold found out about books: disagreements with the venue, and trust lost or won. */
export function settleTrust(state: EngineState, turn: Turn): void {
  const { notices, tokens } = state.touched
  for (let i = 0; i < notices.length; i += NOTICE) disagreed(turn, notices, i)
  const { seq, tUs } = turn.input
  for (let k = 0; k < tokens.length; k++)
    if (k < TRUST_RECORDS_MAX) recordTrust(state, turn, tokens[k]!, seq)
    else state.unrecorded.push({ token: tokens[k]!, cause: seq, dueUs: tUs })
}

/** Records the next part of what did not fit into the turn that caused it. */
export function recordRest(state: EngineState, turn: Turn): void {
  for (const { token, cause } of state.unrecorded.splice(0, TRUST_RECORDS_MAX))
    recordTrust(state, turn, token, cause)
}

function recordTrust(state: EngineState, turn: Turn, token: number, cause: number): void {
  const now = state.fold.distrustOf(token)
  const before = state.recordedDistrust[token]!
  if (now === before) return
  state.recordedDistrust[token] = now
  if (now === 0) turn.decide(cause, BookTrusted.make({ token }))
  for (const why of DISTRUSTS) {
    const bit = TRUST_BITS[why]
    if ((now & ~before & bit) === 0) continue
    const seq = turn.decide(cause, BookDistrusted.make({ token, why }))
    if ((bit & ASKS_FOR_SNAPSHOT) === 0) continue
    turn.decide(seq, SnapshotRequested.make({ token, why }))
    turn.ask({ tag: 'RequestSnapshot', token })
  }
}

function disagreed(turn: Turn, notices: readonly number[], i: number): void {
  const [token, bid, ask, venueBid, venueAsk, pruned, agrees] = notices.slice(i, i + NOTICE)
  turn.decide(
    turn.input.seq,
    BookDisagreed.make({
      token: token!,
      bid: price(bid!),
      ask: price(ask!),
      venueBid: price(venueBid!),
      venueAsk: price(venueAsk!),
      pruned: pruned!,
      agrees: agrees === 1,
    }),
  )
}
