import assert from 'node:assert'
import type { TimeInForce } from '#schemas/reasons.js'
import type { OrderFields } from './order.js'

/** A signed order and how it shall be worked. */
export interface Submission {
  readonly fields: OrderFields
  /** `0x…` */
  readonly signature: string
  /** The API key. */
  readonly owner: string
  readonly orderType: TimeInForce
  readonly isPostOnly: boolean
  /** Asks the venue to answer before it executes. */
  readonly isDeferred: boolean
  /** End of a GTD order, seconds; 0 for none. Not signed. */
  readonly expirationS: number
}

/**
 * The body of `POST /order`, byte for byte as the venue's client writes it (and an entry of `POST /orders`). What cannot go together is
 * our own mistake: post-only with an immediate order, an end with another time in force than GTD.
 * Source: `@polymarket/clob-client-v2` 1.1.0 (2026-11-29).
 */
export function bodyOf(order: Submission): string {
  const { fields, orderType, expirationS } = order
  const isImmediate = orderType === 'FAK' || orderType === 'FOK'
  assert(!(order.isPostOnly && isImmediate), `Invariant: a post-only order is no ${orderType}`)
  assert(
    orderType === 'GTD' ? Number.isSafeInteger(expirationS) && expirationS > 0 : expirationS === 0,
    `Invariant: a ${orderType} order does not end at ${expirationS} s`,
  )
  return (
    `{"deferExec":${String(order.isDeferred)},"postOnly":${String(order.isPostOnly)},` +
    `"order":{"salt":${fields.salt},"maker":"${fields.maker}","signer":"${fields.signer}",` +
    `"tokenId":"${fields.tokenId}","makerAmount":"${fields.makerAmount}","takerAmount":"${fields.takerAmount}",` +
    `"side":"${fields.side === 0 ? 'BUY' : 'SELL'}","signatureType":${fields.type},` +
    `"timestamp":"${fields.timestampMs}","expiration":"${expirationS}",` +
    `"metadata":"${fields.metadata}","builder":"${fields.builder}","signature":"${order.signature}"},` +
    `"owner":${JSON.stringify(order.owner)},"orderType":"${orderType}"}`
  )
}
