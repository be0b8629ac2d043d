import type { SendOrder } from '#engine/core/effects.js'
import type { VenueInstrument } from '../venue-gateway.js'
import type { Account } from './sign/account.js'
import { amountsOf } from './sign/amounts.js'
import { exchangeOf } from './sign/exchange.js'
import { bodyOf } from './sign/order-body.js'
import type { OrderSigner } from './sign/order-signer.js'
import { isTokenId, NOTHING, saltOf, type OrderFields } from './sign/order.js'
import { isRefused, type Refused } from './sign/refused.js'

/** Who signs, for whom, and under which names. */
export interface Signing {
  readonly account: Account
  readonly signer: OrderSigner
  /** The API key: the owner of an order at the venue. */
  readonly apiKey: string
  /** Name of the run: with the order's id it is what the salt comes from. */
  readonly run: string
  /** 32 bytes; absent: nobody's. */
  readonly builder?: string
}

/** A signed order: its id at the venue, what is sent, and the same without the API key, for the log. */
export interface Prepared {
  readonly hash: string
  readonly body: string
  readonly logged: string
}

/** A GTD order ends so long before the stamp that it is sent with. Source: Polymarket order types, 2026-10. */
const GTD_EARLY_S = 60
/** The stamp must lie so far ahead; some seconds more for the way. */
const GTD_LEAST_S = 180 + 10

/** Signs an order of the engine that was decided at a time (µs), or says why it cannot be. */
export function prepared(
  { account, signer, apiKey, run, builder = NOTHING }: Signing,
  order: SendOrder,
  instrument: VenueInstrument | undefined,
  tUs: number,
): Prepared | Refused {
  if (instrument?.venue !== 'polymarket')
    return { refused: `token ${order.token} is none of Polymarket's` }
  const { isNegRisk, protocol, token: tokenId, tick } = instrument
  if (!isTokenId(tokenId)) return { refused: `token id '${tokenId.slice(0, 80)}' is none` }
  const exchange = exchangeOf({ chainId: account.chainId, version: protocol, isNegRisk })
  if (isRefused(exchange)) return exchange
  const { side, limit, size, tif, isPostOnly, untilUs } = order
  const amounts = amountsOf({ side, price: limit, size, tick, tif })
  if (isRefused(amounts)) return amounts
  const fields: OrderFields = {
    ...{ salt: saltOf(run, order.order), maker: account.maker, signer: account.signer, tokenId },
    ...amounts,
    ...{
      side,
      type: account.type,
      timestampMs: Math.floor(tUs / 1_000),
      metadata: NOTHING,
      builder,
    },
  }
  const { hash, signature } = signer.signOrder(exchange, account, fields)
  const least = Math.ceil(tUs / 1_000_000) + GTD_LEAST_S
  const expirationS =
    tif === 'GTD' ? Math.max(least, Math.ceil(untilUs / 1_000_000) + GTD_EARLY_S) : 0
  const of = { fields, signature, orderType: tif, isPostOnly, isDeferred: false, expirationS }
  return { hash, body: bodyOf({ ...of, owner: apiKey }), logged: bodyOf({ ...of, owner: '' }) }
}
