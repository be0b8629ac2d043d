import { OrderRejected } from '#schemas/events/order.js'
import { AnswerRefused, OrderSigned } from '#schemas/events/venue.js'
import { ASK } from '#schemas/levels.js'
import type { SendOrder } from '#engine/core/effects.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import type { SocketRules } from '#engine/transport/kept-socket.js'
import type { AnswerEvent, Request } from '../gateway.js'
import type { VenueGateway, VenueSession } from '../venue-gateway.js'
import { Cancels } from './cancels.js'
import { Conditions } from './conditions.js'
import { GATEWAY_RULES, type Desk, type GatewayRules } from './desk.js'
import { AccountWatch } from './account-watch.js'
import { Heartbeat } from './heartbeat.js'
import { Inquiries } from './inquiries.js'
import { KnownOrders, type KnownOrder } from './known-orders.js'
import { Positions } from './positions.js'
import { prepared, type Signing } from './prepare.js'
import { PRIVATE_RULES, PrivateRest, type PrivateRules } from './private-rest.js'
import type { Credentials } from './sign/credentials.js'
import { isRefused } from './sign/refused.js'
import { SingleFlight } from './single-flight.js'
import { Submissions } from './submissions.js'
import { UserChannel } from './user-channel.js'

/** What the way to the venue is made of. */
export interface PolymarketOptions {
  /** Addresses: CLOB, Data API, user channel. */
  readonly clob: string
  readonly data: string
  readonly channel: string
  readonly signing: Omit<Signing, 'apiKey'>
  readonly credentials: Credentials
  readonly clock: WallClock
  /** 0 … 1, by chance: when a lost connection is opened again. */
  readonly chance: () => number
  readonly rules?: Partial<GatewayRules>
  readonly http?: Partial<PrivateRules>
  readonly socket?: Partial<SocketRules>
}

/**
 * Orders at Polymarket. An order is signed when it is decided, sent once when its signature is durable, and never again: of one whose
 * answer is lost the venue is asked by the hash that was computed before. What the venue tells of orders and trades comes over the user
 * channel and, wherever that may have missed something, over REST; the same told twice is told once.
 */
export class PolymarketGateway implements VenueGateway {
  readonly isSigning = true
  readonly #signing: Signing
  readonly #clock: WallClock
  readonly #desk: Desk
  readonly #inquiries: Inquiries
  readonly #submissions: Submissions
  readonly #cancels: Cancels
  readonly #channel: UserChannel
  readonly #heartbeat: Heartbeat
  readonly #watch: AccountWatch
  readonly #positions: Positions
  readonly #untold: [cause: number, event: AnswerEvent][] = []
  readonly #odd = new Map<string, number>()
  readonly #flights = new SingleFlight()
  /** Tokens that an order of this life sells. */
  readonly #sold = new Set<number>()
  /** The last list that was wanted while one was under way, by its sequence number. */
  readonly #wanted = new Map<string, number>()
  #session: VenueSession | undefined
  #isClosed = false

  constructor(of: PolymarketOptions) {
    const { credentials, clock, signing, chance } = of
    this.#signing = { ...signing, apiKey: credentials.apiKey }
    this.#clock = clock
    const nowMs = (): number => clock.nowUs() / 1_000
    const tell: Desk['tell'] = (cause, event) => {
      this.#tell(cause, event)
    }
    const rest = new PrivateRest(of.clob, { credentials, nowMs }, { ...PRIVATE_RULES, ...of.http })
    this.#desk = {
      ...{ rest, nowMs, tell, account: signing.account, known: new KnownOrders() },
      rules: { ...GATEWAY_RULES, ...of.rules },
      conditions: new Conditions(event => {
        tell(0, event)
      }),
      session: () => {
        if (!this.#session) throw new Error('Invariant: nobody listens yet')
        return this.#session
      },
      odd: what => {
        this.#count(what)
      },
      moved: token => {
        this.#flights.begin(`balance ${token}`, () => this.#inquiries.reread(token))
      },
    }
    this.#positions = new Positions(of.data, signing.account.maker, what => {
      this.#count(what)
    })
    this.#inquiries = new Inquiries(this.#desk, () => this.#positions.listed())
    this.#cancels = new Cancels(this.#desk, this.#inquiries)
    this.#submissions = new Submissions(this.#desk, known => {
      this.#cancels.answered(known)
    })
    this.#heartbeat = new Heartbeat(this.#desk)
    this.#watch = new AccountWatch(this.#desk)
    this.#channel = new UserChannel(this.#desk, {
      ...{ url: of.channel, credentials, chance },
      ...{ cancels: this.#cancels, inquiries: this.#inquiries },
      ...(of.socket && { rules: of.socket }),
    })
  }

  listen(session: VenueSession): void {
    this.#session = session
    for (const order of session.orders) {
      const known = this.#desk.known.add(order)
      this.#inquiries.touched(order.token)
      if (order.isOver) this.#desk.known.over(known)
    }
    for (const [cause, event] of this.#untold.splice(0)) session.hear(cause, event)
    this.#channel.open()
    this.#heartbeat.open()
    this.#watch.open()
  }

  withhold(): void {
    for (const known of this.#desk.known.open()) if (known.body !== '') known.isHeld = true
  }

  send(request: Request, tUs: number): void {
    switch (request.tag) {
      case 'SendOrder':
        this.#sign(request, tUs)
        return
      case 'SubmitOrder': {
        const known = this.#desk.known.get(request.order)
        if (known) this.#submissions.submit(known)
        return
      }
      case 'CancelOrder':
        this.#cancels.cancel(request)
        return
      case 'CancelEverything':
        void this.#cancels.everything()
        return
      case 'Convert': // no run at a venue asks for it
        return
      case 'CancelStranger':
        void this.#cancels.stranger(request.venueOrder)
        return
      case 'QueryOrder':
        this.#flights.begin(request.order, () => this.#inquiries.order(request))
        return
      case 'RequestHoldings':
        this.#once('holdings', request.seq, seq => this.#inquiries.holdings({ ...request, seq }))
        return
      case 'RequestOpenOrders':
        this.#once('open orders', request.seq, seq => this.#inquiries.open({ ...request, seq }))
    }
  }

  /**
   * A list is asked for once at a time; what was wanted meanwhile is asked for behind it, as its answer has to be younger than its
   * question.
   */
  #once(key: string, seq: number, ask: (seq: number) => Promise<void>): void {
    const isFirst = this.#flights.begin(key, async () => {
      await ask(seq)
      for (let next = this.#wanted.get(key); next !== undefined; next = this.#wanted.get(key)) {
        this.#wanted.delete(key)
        await ask(next)
      }
    })
    if (!isFirst) this.#wanted.set(key, seq)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#channel.close()
    this.#heartbeat.close()
    this.#watch.close()
    this.#desk.conditions.close()
    await Promise.all([this.#desk.rest.close(), this.#positions.close()])
  }

  #sign(request: SendOrder, tUs: number): void {
    const { order, token, seq } = request
    const instrument = this.#session?.instrumentOf(token)
    const signed = prepared(this.#signing, request, instrument, tUs)
    const known = this.#desk.known.add({ ...request, placedUs: tUs })
    // Before its first sale the venue has to know of what we hold.
    if (request.side === ASK && !this.#sold.has(token)) this.#desk.moved(token)
    if (request.side === ASK) this.#sold.add(token)
    this.#inquiries.touched(token)
    if (isRefused(signed)) {
      this.#desk.known.over(known)
      const detail = signed.refused
      this.#tell(seq, OrderRejected.make({ order, reason: 'not-signable', detail }))
      return
    }
    const { hash: venueOrder, body, logged } = signed
    this.#desk.known.named(known, venueOrder)
    known.body = body
    this.#tell(seq, OrderSigned.make({ order, venueOrder, body: logged }))
    if (request.tif === 'GTD') this.#endAt(known, request.untilUs)
  }

  /** The venue ends a GTD order after three minutes at the earliest; one that is to end sooner is taken out. */
  #endAt(known: KnownOrder, untilUs: number): void {
    this.#clock.wakeAt(untilUs, () => {
      if (!this.#isClosed && !known.isOver && known.submittedMs > 0) this.#cancels.expire(known)
    })
  }

  #tell(cause: number, event: AnswerEvent): void {
    if (this.#isClosed) return
    if (this.#session) this.#session.hear(cause, event)
    else this.#untold.push([cause, event])
  }

  /** What cannot be read is counted by its kind: the words before its first figure. */
  #count(detail: string): void {
    const kind = detail.split(/[0-9'"]/)[0] ?? ''
    const count = (this.#odd.get(kind) ?? 0) + 1
    if (this.#odd.size < 1_000 || this.#odd.has(kind)) this.#odd.set(kind, count)
    if (/^10*$/.test(String(count))) this.#tell(0, AnswerRefused.make({ detail, count }))
  }
}
