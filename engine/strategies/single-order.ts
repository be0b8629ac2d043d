import { Count, Positive, Share, key } from '#schemas/config-codecs.js'
import { ASK, BID, Side } from '#schemas/levels.js'
import { TimeInForce } from '#schemas/reasons.js'
import { PRICE_MAX } from '#schemas/units.js'
import { NONE, strategy, type Context, type Intent, type StrategyEvent } from './strategy.js'

interface Params {
  readonly outcome: number
  readonly side: Side
  readonly limit: number
  readonly size_micro: number
  readonly tif: TimeInForce
  readonly rest_ms: number
  readonly close_size_micro: number
  readonly close_limit: number
  readonly again_ms: number
}

/** `sent`: what is out, or was refused and is tried again. */
interface Memory {
  token: number
  sent: 'nothing' | 'entry' | 'close' | 'all'
  /** The order that rests. */
  order: string
  /** What the entry filled, 1e-6 share. */
  filled: number
  /** Closing orders that the exchange refused. */
  rejected: number
}

/** Closing orders that the exchange may refuse before it is left: what was bought may not be there to sell for a moment. */
const REJECTED_MAX = 3

/**
 * One order in the one market that it is given, and, where that is wanted, one that takes it back. What risk does not let out is asked for
 * again until it does, for as long as the run lasts; what left is never sent again. An order that rests is post-only and cancelled in time.
 */
export const singleOrder = strategy<Params, Memory>({
  name: 'single-order',
  doc: 'sends one order, and takes back what it filled where that is wanted',
  version: 1,
  params: {
    outcome: key(Count, 0, '—', 'outcome of the market, from 0'),
    side: key(Side, BID, '0 buy, 1 sell', 'side of the order'),
    limit: key(Share, 0, '1e-4 $', 'worst price that is taken'),
    size_micro: key(Positive, 5_000_000, '1e-6 share', 'how much'),
    tif: key(TimeInForce, 'FAK', '—', 'FAK or FOK match at once; GTC rests and is post-only'),
    rest_ms: key(Count, 0, 'ms', 'an order that rests is cancelled after this'),
    close_size_micro: key(Count, 0, '1e-6 share', 'most of the fills that is taken back; 0: none'),
    close_limit: key(Share, 0, '1e-4 $', 'worst price for that; 0: the best that there is then'),
    again_ms: key(Positive, 500, 'ms', 'between two tries of what risk does not let out'),
  },
  subscribes: () => ({
    books: ({ tokens }) => ({ test: 'touched', limit: 0, tokens: Object.values(tokens) }),
    orders: true,
    fills: true,
    refusals: true,
  }),
  init: () => ({ token: 0, sent: 'nothing', order: '', filled: 0, rejected: 0 }),
  on: (event, context) => {
    const { memory, params, tUs } = context
    switch (event.tag) {
      case 'book': {
        const token = event.market.tokens[params.outcome]
        if (memory.sent !== 'nothing' || token === undefined) return NONE
        memory.token = token
        return entry(context)
      }
      case 'refused':
        return [{ tag: 'timer', key: 'again', atUs: tUs + params.again_ms * 1_000 }]
      case 'timer':
        if (event.key === 'cancel') return [{ tag: 'cancel', order: memory.order }]
        return memory.sent === 'close' ? close(context) : entry(context)
      case 'fill':
        if (memory.sent === 'entry') memory.filled += event.size
        return NONE
      case 'order':
        return moved(event, context)
      case 'group':
      case 'trade':
      case 'position':
      case 'reference':
        return NONE
    }
  },
})

type Own = Context & { readonly params: Params; readonly memory: Memory }

function entry({ memory, params }: Own): readonly Intent[] {
  const { side, limit, size_micro: size, tif } = params
  memory.sent = 'entry'
  const post = tif === 'GTC' || tif === 'GTD'
  return [{ tag: 'order', token: memory.token, side, limit, size, tif, post }]
}

/** Takes back what filled: at the price that was named, or at the best there is. Where there is none it looks again. */
function close({ memory, params, book, tUs }: Own): readonly Intent[] {
  const { token, filled } = memory
  const side = params.side === BID ? ASK : BID
  const { bestBid, bestAsk } = book(token)
  const best = side === ASK ? bestBid : bestAsk
  const limit = params.close_limit > 0 ? params.close_limit : best
  memory.sent = 'close'
  if (limit <= 0 || limit >= PRICE_MAX)
    return [{ tag: 'timer', key: 'again', atUs: tUs + params.again_ms * 1_000 }]
  const size = Math.min(filled, params.close_size_micro)
  return [{ tag: 'order', token, side, limit, size, tif: 'FAK' }]
}

/** An order of its own rests, or is over. */
function moved(
  { order, state }: Extract<StrategyEvent, { readonly tag: 'order' }>,
  context: Own,
): readonly Intent[] {
  const { memory, params, tUs } = context
  if (state === 'resting') {
    memory.order = order
    return [{ tag: 'timer', key: 'cancel', atUs: tUs + params.rest_ms * 1_000 }]
  }
  const isKnown = state !== 'unknown'
  if (memory.sent === 'entry' && isKnown && memory.filled > 0 && params.close_size_micro > 0)
    return close(context)
  const isAgain = memory.sent === 'close' && state === 'rejected'
  if (isAgain && ++memory.rejected < REJECTED_MAX)
    return [{ tag: 'timer', key: 'again', atUs: tUs + params.again_ms * 1_000 }]
  memory.sent = 'all'
  return NONE
}
