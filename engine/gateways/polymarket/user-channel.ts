import { KeptSocket, SOCKET_RULES, type SocketRules } from '#engine/transport/kept-socket.js'
import { OrderStatusReported } from '#schemas/events/order.js'
import { shares } from '#schemas/units.js'
import type { Cancels } from './cancels.js'
import { acknowledge, rests, tellTrade, type Desk } from './desk.js'
import type { Inquiries } from './inquiries.js'
import { channelAuthOf } from './sign/auth.js'
import type { Credentials } from './sign/credentials.js'
import { orderFrameOf } from './wire/order-state.js'
import { isObject, jsonOf, textIn } from './wire/texts.js'
import { tradeOf } from './wire/trade.js'

/** Trades are asked for from so long before the channel was lost, s. */
const OVERLAP_S = 30
/** After the first message a channel that refuses it is closed within this time, ms. */
const SETTLE_MS = 250

/**
 * What the venue tells of our orders as it happens. It has no sequence numbers and repeats nothing: whenever it was away, trades since then
 * are asked for, and until that is done new risk is forbidden.
 */
export class UserChannel {
  readonly #socket: KeptSocket
  readonly #desk: Desk
  readonly #cancels: Cancels
  readonly #inquiries: Inquiries
  #lastMs: number
  /** Which opening of the channel is the current one: what an earlier one began is of no use. */
  #opening = 0

  constructor(
    desk: Desk,
    of: {
      readonly url: string
      readonly credentials: Credentials
      readonly cancels: Cancels
      readonly inquiries: Inquiries
      readonly chance: () => number
      readonly rules?: Partial<SocketRules>
    },
  ) {
    this.#desk = desk
    this.#cancels = of.cancels
    this.#inquiries = of.inquiries
    this.#lastMs = desk.nowMs()
    const { chance } = of
    this.#socket = new KeptSocket(
      of.url,
      {
        opened: socket => {
          socket.send(JSON.stringify({ auth: channelAuthOf(of.credentials), type: 'user' }))
          void this.#caughtUp(++this.#opening)
        },
        frame: bytes => {
          this.#frame(bytes.toString('utf8'))
        },
        lost: why => {
          this.#opening++
          this.#desk.conditions.set('user-channel-lost', why)
        },
        silent: () => undefined, // nothing to tell is ordinary here
      },
      { rules: { ...SOCKET_RULES, ...of.rules }, chance },
    )
  }

  open(): void {
    this.#desk.conditions.set('user-channel-lost', 'not open yet')
    this.#socket.open()
  }

  close(): void {
    this.#opening++ // nobody catches up any more
    this.#socket.close()
  }

  /** The channel is there: what it missed is asked for; until the venue answers that it counts as lost. */
  async #caughtUp(opening: number): Promise<void> {
    for (;;) {
      await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
      if (opening !== this.#opening) return
      const sinceMs = this.#lastMs
      const trades = await this.#inquiries.tradesSince(sinceMs / 1_000 - OVERLAP_S)
      if (opening !== this.#opening) return
      if (!trades) continue
      for (const trade of trades) tellTrade(this.#desk, trade)
      this.#lastMs = this.#desk.nowMs()
      this.#desk.conditions.clear('user-channel-lost', 'open, and caught up')
      return
    }
  }

  #frame(text: string): void {
    const value = jsonOf(text)
    if (!this.#desk.conditions.has('user-channel-lost')) this.#lastMs = this.#desk.nowMs()
    const all = Array.isArray(value) ? (value as readonly unknown[]) : [value]
    for (const one of all) this.#message(one, text)
  }

  #message(value: unknown, text: string): void {
    const type = isObject(value) ? textIn(value, 'event_type') : ''
    if (type === 'trade') {
      const trade = tradeOf(value)
      if ('odd' in trade) this.#desk.odd(trade.odd)
      else tellTrade(this.#desk, trade)
      return
    }
    if (type === 'order') this.#order(value)
    else this.#desk.odd(`a message of the user channel: ${text.slice(0, 80)}`)
  }

  #order(value: unknown): void {
    const frame = orderFrameOf(value)
    if ('odd' in frame) {
      this.#desk.odd(frame.odd)
      return
    }
    const known = this.#desk.known.ofHash(frame.hash)
    if (!known || known.isOver) return
    const { type, state, filled, status } = frame
    switch (type) {
      case 'placement':
        if (state === 'resting' && rests(known)) acknowledge(this.#desk, known, filled)
        return
      case 'cancellation':
        this.#cancels.told(known, filled, status)
        return
      case 'update': {
        if (state !== 'closed') return
        // It is over without a cancel: filled, but for what the venue's rounding leaves of it.
        this.#desk.known.over(known)
        const data = { order: known.order, state: 'closed', filled: shares(filled) } as const
        this.#desk.tell(known.seq, OrderStatusReported.make(data))
      }
    }
  }
}
