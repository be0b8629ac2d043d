import type { TimeInForce } from '#schemas/reasons.js'
import type { Side } from '#schemas/levels.js'
import type { VenueOrder } from '../venue-gateway.js'

/** Most orders that are remembered once they are over; the oldest give way. */
const OVER_MAX = 8_192

/** What the gateway remembers of one of our orders. */
export interface KnownOrder {
  readonly order: string
  readonly token: number
  readonly side: Side
  readonly tif: TimeInForce
  /** Sequence number of its `OrderPlaced`. */
  readonly seq: number
  readonly placedUs: number
  /** The venue's id; empty where it was never signed. */
  hash: string
  /** Other ids that the venue gave it. */
  readonly aliases: string[]
  /** What is sent of it; empty once it was. */
  body: string
  /** When its submission left, ms; 0 for not in this life. */
  submittedMs: number
  /** Trading stopped before it left. */
  isHeld: boolean
  /** The venue has answered its submission, or nobody waits for that any more. */
  isAnswered: boolean
  /** Sequence number of our last request to cancel it; 0 for none. */
  cancelSeq: number
  isExpiring: boolean
  isAcknowledged: boolean
  /** The venue has said that it is over. */
  isOver: boolean
  /** Fills that were told: by trade. */
  readonly trades: Map<string, number>
}

/** Our orders by their ids and by the venue's. */
export class KnownOrders {
  readonly #byId = new Map<string, KnownOrder>()
  readonly #byHash = new Map<string, KnownOrder>()
  readonly #over: string[] = []

  get(order: string): KnownOrder | undefined {
    return this.#byId.get(order)
  }

  ofHash(hash: string): KnownOrder | undefined {
    return this.#byHash.get(hash)
  }

  /** Orders that the venue has not said to be over. */
  open(): KnownOrder[] {
    return [...this.#byId.values()].filter(({ isOver, hash }) => !isOver && hash !== '')
  }

  /** An order of this life of the process, or of an earlier one. */
  add(
    of: Omit<VenueOrder, 'venueOrder' | 'isOver'> & { readonly venueOrder?: string },
  ): KnownOrder {
    const { order, token, side, tif, seq, placedUs, venueOrder = '' } = of
    const known: KnownOrder = {
      ...{
        order,
        token,
        side,
        tif,
        seq,
        placedUs,
        hash: '',
        aliases: [],
        body: '',
      },
      ...{
        submittedMs: 0,
        isHeld: false,
        isAnswered: false,
        cancelSeq: 0,
        isExpiring: false,
        isAcknowledged: false,
        isOver: false,
      },
      trades: new Map(),
    }
    this.#byId.set(order, known)
    if (venueOrder !== '') this.named(known, venueOrder)
    return known
  }

  /** The venue knows an order by this id. */
  named(known: KnownOrder, hash: string): void {
    known.hash = hash
    this.#byHash.set(hash, known)
  }

  /** The venue gave an order another id than we computed: it is known by both. */
  alias(known: KnownOrder, hash: string): void {
    known.aliases.push(hash)
    this.#byHash.set(hash, known)
  }

  over(known: KnownOrder): void {
    if (known.isOver) return
    known.isOver = true
    this.#over.push(known.order)
    if (this.#over.length <= OVER_MAX) return
    const oldest = this.#byId.get(this.#over.shift() ?? '')
    if (!oldest) return
    this.#byId.delete(oldest.order)
    this.#byHash.delete(oldest.hash)
  }
}
