import { OpenOrdersReported, HoldingsReported } from '#schemas/events/order.js'
import { OrderSigned } from '#schemas/events/venue.js'
import { shares, usdc } from '#schemas/units.js'
import type { AnswerEvent, Request } from '#engine/gateways/gateway.js'
import { Story, type configWith } from './story.js'

/** A run at a venue that answers when the test says so. Requests are kept in the order in which they were made. */
export class VenueStory extends Story {
  readonly asked: Request[]

  constructor(changes: Parameters<typeof configWith>[0] = {}) {
    const asked: Request[] = []
    super(changes, {
      mode: 'live',
      gateway: {
        ...{ leavesProcess: false, isSigning: true, dueUs: Number.POSITIVE_INFINITY },
        send: request => {
          asked.push(request)
        },
        take: () => undefined,
        observe: () => undefined,
        save: () => undefined,
        load: () => undefined,
      },
    })
    this.asked = asked
  }

  /** The last request of a kind; a test that has none of it fails. */
  last<T extends Request['tag']>(tag: T): Extract<Request, { tag: T }> {
    const found = this.asked.filter(one => one.tag === tag).at(-1)
    if (!found) throw new Error(`no ${tag} was asked for`)
    return found as Extract<Request, { tag: T }>
  }

  /** How often something was asked for. */
  count(tag: Request['tag']): number {
    return this.asked.filter(one => one.tag === tag).length
  }

  /** The venue answers a decision. */
  answer(ms: number, cause: number, event: AnswerEvent): this {
    this.loop.catchUp(Math.max(ms * 1_000, this.loop.tUs))
    this.loop.takeAnswer(ms * 1_000, cause, event)
    return this
  }

  /** The venue says which orders it has, to the last who asked. */
  lists(ms: number, orders: readonly string[] = [], strangers: readonly string[] = []): this {
    const { seq } = this.last('RequestOpenOrders')
    return this.answer(ms, seq, OpenOrdersReported.make({ orders, strangers }))
  }

  /** The venue says what the account holds, to the last who asked; sizes in 1e-6 share. */
  holds(ms: number, positions: readonly (readonly [number, number])[] = []): this {
    const { seq } = this.last('RequestHoldings')
    const held = positions.map(([token, size]) => [token, shares(size)] as const)
    return this.answer(ms, seq, HoldingsReported.make({ cash: usdc(0), positions: held }))
  }

  /** The gateway has signed an order. */
  signs(ms: number, order: string): this {
    const { seq } = this.last('SendOrder')
    return this.answer(ms, seq, OrderSigned.make({ order, venueOrder: `0x${order}`, body: '{}' }))
  }
}
