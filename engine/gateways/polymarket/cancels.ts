import { CancelRefused, OrderCancelled } from '#schemas/events/order.js'
import { shares } from '#schemas/units.js'
import type { CancelOrder } from '#engine/core/effects.js'
import type { Desk } from './desk.js'
import type { Inquiries } from './inquiries.js'
import type { KnownOrder } from './known-orders.js'
import { TokenBucket } from '#engine/transport/token-bucket.js'
import { hashIn, isObject, jsonOf } from './wire/texts.js'

/** Most orders of one request. Source: OpenAPI of the venue, 2026-10 (its guide says 3,000). */
const BATCH_MAX = 1_000

/** What the venue says of a cancel: which orders it took out, and of the others why not. */
interface Cancelled {
  readonly taken: ReadonlySet<string>
  readonly refused: ReadonlyMap<string, string>
}

/**
 * Takes orders out of the venue's book. A cancel may be sent again, since it changes nothing twice. How much of an order had matched the
 * answer does not say: the user channel does, or it is asked.
 */
export class Cancels {
  readonly #desk: Desk
  readonly #inquiries: Inquiries
  readonly #bucket: TokenBucket
  readonly #waiting: KnownOrder[] = []
  #isScheduled = false

  constructor(desk: Desk, inquiries: Inquiries) {
    this.#desk = desk
    this.#inquiries = inquiries
    const { cancelsPerSecond: perSecond, cancelsBurst: burst } = desk.rules
    this.#bucket = new TokenBucket({ perSecond, burst, nowMs: performance.now() })
  }

  /** The engine wants an order out. */
  cancel({ order, venueOrder, seq }: CancelOrder): void {
    const known = this.#desk.known.get(order)
    if (known && known.hash === '' && venueOrder !== '') this.#desk.known.named(known, venueOrder)
    if (!known || known.hash === '') {
      this.#desk.tell(seq, CancelRefused.make({ order, detail: 'it never left' }))
      return
    }
    known.cancelSeq = seq
    if (known.body !== '') {
      this.told(known, 0, 'it never left') // it still waited for its turn
      return
    }
    this.#whenAnswered(known)
  }

  /** The venue has answered a submission: what was to be cancelled meanwhile is now. */
  answered(known: KnownOrder): void {
    if (!known.isOver && (known.cancelSeq > 0 || known.isExpiring)) this.#queue(known)
  }

  /** The time of an order is over and the venue cannot end it that early: it is taken out. */
  expire(known: KnownOrder): void {
    if (known.isOver || known.cancelSeq > 0) return
    known.isExpiring = true
    this.#whenAnswered(known)
  }

  /** An order of the account that is none of ours, or counts as over: by every id that it has. */
  async stranger(hash: string): Promise<void> {
    for (const orderID of [hash, ...(this.#desk.known.ofHash(hash)?.aliases ?? [])])
      await this.#request('/order', JSON.stringify({ orderID }))
  }

  /** Everything of the account; it is sent whatever the limits are. */
  async everything(): Promise<void> {
    // What still waits for its turn must not leave behind it.
    for (const known of this.#desk.known.open())
      if (known.body !== '') this.told(known, 0, 'it never left')
    const answer = await this.#request('/cancel-all', '')
    if (answer) this.#settle(this.#desk.known.open(), answer, false)
  }

  /** An order has been taken out, and the user channel, or whoever was asked, says how much of it had matched. */
  told(known: KnownOrder, filled: number, detail: string): void {
    if (known.isOver) return
    this.#desk.known.over(known)
    const { order, cancelSeq, seq, isExpiring } = known
    const why = isExpiring ? 'expired' : cancelSeq > 0 ? 'requested' : 'venue'
    const data = { order, filled: shares(filled), why, detail: detail.slice(0, 200) } as const
    this.#desk.tell(cancelSeq || seq, OrderCancelled.make(data))
  }

  /** A cancel that overtakes its order finds nothing: it waits for the answer to it. */
  #whenAnswered(known: KnownOrder): void {
    if (known.submittedMs === 0 || known.isAnswered) this.#queue(known)
  }

  #queue(known: KnownOrder): void {
    this.#waiting.push(known)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const batch = this.#waiting.splice(0)
      for (let at = 0; at < batch.length; at += BATCH_MAX)
        this.#paced(batch.slice(at, at + BATCH_MAX))
    })
  }

  /** A cancel may wait for the venue's limits, but is never refused by ours. */
  #paced(batch: readonly KnownOrder[]): void {
    const waitMs = this.#bucket.take(batch.length, performance.now())
    if (waitMs === 0) void this.#send(batch)
    else setTimeout(() => void this.#send(batch), waitMs)
  }

  async #send(batch: readonly KnownOrder[]): Promise<void> {
    const hashes = batch.flatMap(({ hash, aliases }) => [hash, ...aliases])
    const answer =
      hashes.length === 1
        ? await this.#request('/order', JSON.stringify({ orderID: hashes[0] }))
        : await this.#request('/orders', JSON.stringify(hashes))
    // Without an answer the engine asks what became of them.
    if (answer) this.#settle(batch, answer, true)
  }

  #settle(batch: readonly KnownOrder[], { taken, refused }: Cancelled, isAsked: boolean): void {
    for (const known of batch) {
      if ([known.hash, ...known.aliases].some(hash => taken.has(hash))) void this.#confirm(known)
      else if (isAsked && known.cancelSeq > 0) {
        const detail = refused.get(known.hash) ?? 'the venue does not mention it'
        const { order, cancelSeq } = known
        this.#desk.tell(cancelSeq, CancelRefused.make({ order, detail: detail.slice(0, 200) }))
      }
    }
  }

  /** It is out: how much of it had matched the user channel says soon, or the venue when it is asked. */
  async #confirm(known: KnownOrder): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, this.#desk.rules.cancelFrameMs))
    if (known.isOver) return
    const report = await this.#inquiries.report(known)
    if (report === 'failed') return // the engine asks in time
    if (report === 'none') {
      const filled = await this.#inquiries.tellTradesOf(known)
      if (filled !== undefined) this.told(known, filled, 'cancelled')
    } else if (report.state === 'closed') this.told(known, report.filled, report.status)
  }

  async #request(path: string, body: string): Promise<Cancelled | undefined> {
    const of = { method: 'DELETE', path, ...(body !== '' && { body }) } as const
    const answer = await this.#desk.rest.repeated(of)
    if (answer.tag === 'lost' || answer.status !== 200) return undefined
    const value = jsonOf(answer.text)
    if (!isObject(value)) return undefined
    const list = value['canceled']
    const names = Array.isArray(list) ? (list as readonly unknown[]) : []
    const taken = new Set(names.flatMap(name => hashIn({ name }, 'name') ?? []))
    const others = value['not_canceled']
    const refused = new Map<string, string>()
    if (isObject(others))
      for (const [hash, why] of Object.entries(others)) refused.set(hash.toLowerCase(), String(why))
    return { taken, refused }
  }
}
