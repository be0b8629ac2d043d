import { OrderAcknowledged, OrderOutcomeUnknown, OrderRejected } from '#schemas/events/order.js'
import { BID } from '#schemas/levels.js'
import { shares } from '#schemas/units.js'
import { acknowledge, rests, type Desk } from './desk.js'
import type { KnownOrder } from './known-orders.js'
import { TokenBucket } from '#engine/transport/token-bucket.js'
import { verdictOf, verdictsOf, type Verdict } from './wire/verdict.js'

/** Most orders of one request. Source: `POST /orders`, 2026-10. */
const BATCH_MAX = 15

/**
 * Sends signed orders, each once and never again: alone, or with what the same moment decided in one request. An order that would have to
 * wait too long for the venue's limits is refused here, since what it was decided on is gone by then.
 */
export class Submissions {
  readonly #desk: Desk
  readonly #bucket: TokenBucket
  readonly #waiting: KnownOrder[] = []
  readonly #answered: (known: KnownOrder) => void
  #isScheduled = false

  /** `answered` hears of each order whose submission is over, however it ended. */
  constructor(desk: Desk, answered: (known: KnownOrder) => void) {
    this.#desk = desk
    this.#answered = answered
    const { ordersPerSecond: perSecond, ordersBurst: burst } = desk.rules
    this.#bucket = new TokenBucket({ perSecond, burst, nowMs: performance.now() })
  }

  /** The order may leave. */
  submit(known: KnownOrder): void {
    this.#waiting.push(known)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    const { rules } = this.#desk
    while (this.#waiting.length > 0) {
      const most = Math.max(1, Math.min(BATCH_MAX, this.#bucket.burst))
      const batch = this.#waiting.splice(0, most)
      const now = performance.now()
      if (this.#bucket.wait(batch.length, now) > rules.queueMaxMs) {
        const detail = 'too many orders for the venue’s limits'
        for (const known of batch)
          this.#taken(known, { tag: 'refused', reason: 'rate-limited', detail })
        continue
      }
      const waitMs = this.#bucket.take(batch.length, now)
      if (waitMs === 0) void this.#send(batch)
      else setTimeout(() => void this.#send(batch), waitMs)
    }
  }

  async #send(all: readonly KnownOrder[]): Promise<void> {
    // What was withdrawn or held back while it waited stays here.
    const batch = all.filter(({ isOver, isHeld }) => !isOver && !isHeld)
    const [first] = batch
    if (!first) return
    const { rest, nowMs } = this.#desk
    const isAlone = batch.length === 1
    const body = isAlone ? first.body : `[${batch.map(known => known.body).join(',')}]`
    for (const known of batch) {
      known.submittedMs = nowMs()
      known.body = ''
    }
    const path = isAlone ? '/order' : '/orders'
    const answer = await rest.once({ method: 'POST', path, body })
    if (answer.tag === 'lost') {
      for (const known of batch) this.#taken(known, { tag: 'unknown', why: answer.why })
      return
    }
    if (answer.status === 429 && answer.retryAfterMs !== undefined)
      this.#bucket.empty(performance.now() + Math.min(answer.retryAfterMs, 60_000))
    const verdicts = isAlone ? [verdictOf(answer)] : verdictsOf(answer, batch.length)
    for (const [k, known] of batch.entries()) {
      const verdict = verdicts[k]
      if (verdict) this.#taken(known, verdict)
    }
  }

  #taken(known: KnownOrder, verdict: Verdict): void {
    known.isAnswered = true
    this.#take(known, verdict)
    this.#answered(known)
  }

  #take(known: KnownOrder, verdict: Verdict): void {
    const { conditions, tell } = this.#desk
    const { order, seq } = known
    switch (verdict.tag) {
      case 'live':
        if (this.#isOurs(known, verdict.hash) && rests(known)) acknowledge(this.#desk, known, 0)
        return
      case 'delayed':
        this.#isOurs(known, verdict.hash)
        return
      case 'matched': {
        const isOurs = this.#isOurs(known, verdict.hash)
        const filled = known.side === BID ? verdict.taking : verdict.making
        // Of an immediate order what matched is all: without it somebody has to ask.
        if (isOurs && (rests(known) || filled !== undefined))
          acknowledge(this.#desk, known, filled ?? 0)
        return
      }
      case 'killed':
        this.#desk.known.over(known)
        if (rests(known))
          tell(seq, OrderRejected.make({ order, reason: 'venue-refused', detail: 'killed' }))
        else tell(seq, OrderAcknowledged.make({ order, venueOrder: known.hash, filled: shares(0) }))
        return
      case 'refused': {
        const { reason, detail, condition } = verdict
        if (condition) conditions.set(condition.name, detail, condition.forMs)
        this.#desk.known.over(known)
        tell(seq, OrderRejected.make({ order, reason, detail }))
        return
      }
      case 'unknown':
        tell(seq, OrderOutcomeUnknown.make({ order, why: verdict.why }))
    }
  }

  /** Whether the venue names the order as we do. Where it does not, one of us hashes wrongly: nothing new is risked on that. */
  #isOurs(known: KnownOrder, hash: string): boolean {
    if (hash === known.hash) return true
    this.#desk.known.alias(known, hash)
    const why = `the venue calls order ${known.hash} ${hash}`
    this.#desk.conditions.set('order-id-differs', why)
    this.#desk.tell(known.seq, OrderOutcomeUnknown.make({ order: known.order, why }))
    return false
  }
}
