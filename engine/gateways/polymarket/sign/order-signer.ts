import type { Account } from './account.js'
import type { Exchange } from './exchange.js'
import type { OrderFields } from './order.js'

/** An order's id and what proves it. */
export interface SignedOrder {
  /** Id of the order at the venue, `0x` and 64 digits. */
  readonly hash: string
  /** 65 bytes r ‖ s ‖ v (27 or 28); of a deposit wallet 317 bytes around them. `0x…` */
  readonly signature: string
}

/**
 * Port: signs with a key that it never shows. The same input gives the same signature (RFC 6979), with the lower s. Nothing that prints a
 * signer (text, JSON, inspection) says more than its address.
 */
export interface OrderSigner {
  /** Of the key's account, EIP-55. */
  readonly address: string
  readonly backend: 'rust' | 'ts'
  /** `fields` must name the account's maker, signer and type. */
  readonly signOrder: (exchange: Exchange, account: Account, fields: OrderFields) => SignedOrder
  /** Proof for the venue that the key is ours (L1), of a time in seconds and a nonce. */
  readonly signAuth: (chainId: number, timestampS: number, nonce: number) => string
  /** Wipes the key; the signer cannot be used afterwards. */
  readonly close: () => void
}
