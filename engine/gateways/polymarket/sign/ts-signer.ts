import assert from 'node:assert'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { addressOfPublicKey } from './address.js'
import type { Account } from './account.js'
import { hexOf, keccak } from './bytes.js'
import type { Exchange } from './exchange.js'
import { domainOf, structOf, type OrderFields } from './order.js'
import type { OrderSigner, SignedOrder } from './order-signer.js'
import { requireOwn, requireWhole } from './own-order.js'
import { authDigest, digestOf, walletSignature, walletStruct } from './typed-data.js'

/** The reference: signs in TypeScript. Keeps a copy of the key. Throws where it is none. */
export function tsSigner(key: Uint8Array): OrderSigner {
  return new TsSigner(key)
}

/** The key is in a private field, which neither JSON nor inspection shows. */
class TsSigner implements OrderSigner {
  readonly backend = 'ts'
  readonly address: string
  readonly #key: Uint8Array
  #isClosed = false

  constructor(key: Uint8Array) {
    // The message of the library may say the value.
    if (!secp256k1.utils.isValidSecretKey(key)) throw new RangeError('not a private key')
    this.#key = Uint8Array.from(key)
    this.address = addressOfPublicKey(secp256k1.getPublicKey(this.#key, false))
  }

  signOrder(exchange: Exchange, account: Account, fields: OrderFields): SignedOrder {
    requireOwn(account, fields, this.address)
    const domain = domainOf(exchange, account.chainId)
    const contents = keccak(structOf(fields))
    const digest = digestOf(domain, contents)
    if (account.type !== 3) return { hash: hexOf(digest), signature: hexOf(this.#sign(digest)) }
    const wallet = walletStruct(contents, account.signer, account.chainId)
    const inner = this.#sign(digestOf(domain, wallet))
    return { hash: hexOf(digest), signature: hexOf(walletSignature(inner, domain, contents)) }
  }

  signAuth(chainId: number, timestampS: number, nonce: number): string {
    requireWhole(chainId, timestampS, nonce)
    return hexOf(this.#sign(authDigest({ address: this.address, chainId, timestampS, nonce })))
  }

  close(): void {
    this.#key.fill(0)
    this.#isClosed = true
  }

  /** r ‖ s ‖ v; the library puts the recovery bit first. */
  #sign(digest: Uint8Array): Uint8Array {
    assert(!this.#isClosed, 'Invariant: a signer that is closed signs nothing')
    const options = { prehash: false, lowS: true, format: 'recovered' } as const
    const signed = secp256k1.sign(digest, this.#key, options)
    const bytes = new Uint8Array(65)
    bytes.set(signed.subarray(1))
    bytes[64] = 27 + signed[0]!
    return bytes
  }
}
