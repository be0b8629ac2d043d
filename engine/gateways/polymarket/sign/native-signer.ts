import assert from 'node:assert'
import type { Account } from './account.js'
import type { Exchange } from './exchange.js'
import { domainOf, structOf, type OrderFields } from './order.js'
import type { OrderSigner, SignedOrder } from './order-signer.js'
import { requireOwn, requireWhole } from './own-order.js'

/** A private key in the native addon. */
export type SignerHandle = object & { readonly __signer: never }

/** Key of a message authentication code in the native addon. */
export type MacHandle = object & { readonly __mac: never }

/** What the native API has for signing. */
export interface SignerApi {
  /** Copies the key; throws where it is none. */
  readonly signerOpen: (key: Uint8Array) => SignerHandle
  /** Address of the key, EIP-55. */
  readonly signerAddress: (signer: SignerHandle) => string
  /** `ORDER_BYTES` of an order: the struct's words, the domain separator, the chain. Answers hash and signature, one hex text each, in turn. */
  readonly signerOrder: (signer: SignerHandle, order: Uint8Array) => string
  readonly signerAuth: (
    ...call: [signer: SignerHandle, chainId: number, timestampS: number, nonce: number]
  ) => string
  /** Wipes the key. */
  readonly signerClose: (signer: SignerHandle) => void
  readonly macOpen: (key: Uint8Array) => MacHandle
  /** HMAC-SHA-256 of a text, base64url with padding. */
  readonly macOf: (key: MacHandle, text: string) => string
}

/** Bytes of an order on its way to the native addon: 12 words, 32 of the domain, 8 of the chain (big end first). */
const ORDER_BYTES = 12 * 32 + 32 + 8

const HASH_DIGITS = 66

/** Signs natively. Throws where `key` is no private key. */
export function nativeSigner(key: Uint8Array, api: SignerApi): OrderSigner {
  return new NativeSigner(api, api.signerOpen(key))
}

class NativeSigner implements OrderSigner {
  readonly backend = 'rust'
  readonly address: string
  readonly #api: SignerApi
  readonly #signer: SignerHandle
  readonly #order = new Uint8Array(ORDER_BYTES)
  readonly #numbers = new DataView(this.#order.buffer)
  #isClosed = false

  constructor(api: SignerApi, signer: SignerHandle) {
    this.#api = api
    this.#signer = signer
    this.address = api.signerAddress(signer)
  }

  signOrder(exchange: Exchange, account: Account, fields: OrderFields): SignedOrder {
    this.#requireOpen()
    requireOwn(account, fields, this.address)
    this.#order.set(structOf(fields))
    this.#order.set(domainOf(exchange, account.chainId), 12 * 32)
    this.#numbers.setUint32(ORDER_BYTES - 4, account.chainId)
    const signed = this.#api.signerOrder(this.#signer, this.#order)
    return { hash: signed.slice(0, HASH_DIGITS), signature: signed.slice(HASH_DIGITS) }
  }

  signAuth(chainId: number, timestampS: number, nonce: number): string {
    requireWhole(chainId, timestampS, nonce)
    this.#requireOpen()
    return this.#api.signerAuth(this.#signer, chainId, timestampS, nonce)
  }

  close(): void {
    this.#isClosed = true
    this.#api.signerClose(this.#signer)
  }

  #requireOpen(): void {
    assert(!this.#isClosed, 'Invariant: a signer that is closed signs nothing')
  }
}
