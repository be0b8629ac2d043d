import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import {
  authDigest,
  orderDigest,
  wrapping,
  type SignedFields,
  type TypedDomain,
} from '../auth/typed-data.js'
import { requestSignature, type Credentials } from '../auth/credentials.js'
import { domainOf, type Signable } from '../auth/domains.js'

const NONE = `0x${'00'.repeat(32)}`
const CHAIN = 137

/** What an answer said. */
export interface Said {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

/** An order as a test hands it in; amounts in 1e-6. */
export interface Draft {
  readonly market: Signable
  readonly tokenId: string
  readonly side: 'BUY' | 'SELL'
  readonly maker: number
  readonly taker: number
  readonly orderType?: string
  readonly expiration?: number
  readonly postOnly?: boolean
}

/** A trader of tests: a private key, and what it sends. */
export class TestClient {
  readonly #secret: Uint8Array
  readonly #base: string
  readonly address: string
  creds: Credentials | undefined
  #salt = 1_000

  readonly #nowMs: () => number

  /** `n`: which of the test keys. */
  constructor(base: string, n = 1, nowMs: () => number = Date.now) {
    this.#base = base
    this.#nowMs = nowMs
    this.#secret = hexToBytes(n.toString(16).padStart(64, '0'))
    const key = secp256k1.getPublicKey(this.#secret, false)
    this.address = `0x${bytesToHex(keccak_256(key.subarray(1)).subarray(12))}`
  }

  /** r, s and v of a digest, 0x and 130 hex digits. */
  sign(digest: Uint8Array): string {
    const signed = secp256k1.sign(digest, this.#secret, { prehash: false, format: 'recovered' })
    const v = Uint8Array.of(27 + (signed[0] ?? 0))
    return `0x${bytesToHex(concatBytes(signed.subarray(1), v))}`
  }

  /** A signature of this key for a deposit wallet, wrapped as ERC-7739 has it. */
  wrap(domain: TypedDomain, fields: SignedFields): string {
    const parts = wrapping(domain, fields)
    return `${this.sign(parts.digest)}${bytesToHex(parts.trailer)}`
  }

  /** Asks for an API key, with whatever of the headers is to be wrong. */
  async key(
    wrong: Readonly<Record<string, string>> = {},
    path = '/auth/derive-api-key',
  ): Promise<Said> {
    const timestamp = wrong['POLY_TIMESTAMP'] ?? String(Math.floor(this.#nowMs() / 1_000))
    const { address } = this
    const digest = authDigest({ address, timestamp, nonce: 0n, chainId: CHAIN })
    const said = await this.#ask(path === '/auth/api-key' ? 'POST' : 'GET', path, '', {
      ...{ POLY_ADDRESS: address, POLY_SIGNATURE: this.sign(digest) },
      ...{ POLY_TIMESTAMP: timestamp, POLY_NONCE: '0', ...wrong },
    })
    if (said.status === 200 && Object.keys(wrong).length === 0)
      this.creds = { ...(said.body as Credentials), address }
    return said
  }

  /** A private call, with whatever of the headers is to be wrong. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    wrong: Readonly<Record<string, string>> = {},
  ): Promise<Said> {
    const { apiKey = '', secret = '', passphrase = '' } = this.creds ?? {}
    const timestamp = wrong['POLY_TIMESTAMP'] ?? String(Math.floor(this.#nowMs() / 1_000))
    const text = body === undefined ? '' : JSON.stringify(body)
    const of = { timestamp, method, path: path.replace(/\?.*/, ''), body: text }
    return this.#ask(method, path, text, {
      ...{ POLY_ADDRESS: this.address, POLY_SIGNATURE: requestSignature(secret, of) },
      ...{ POLY_TIMESTAMP: timestamp, POLY_API_KEY: apiKey, POLY_PASSPHRASE: passphrase, ...wrong },
    })
  }

  /** The body of an order, signed by this key as its own EOA, with whatever is to be different. */
  order(draft: Draft, different: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const { address } = this
    const { market, side, tokenId, maker, taker, orderType = 'GTC', expiration = 0 } = draft
    const fields: SignedFields = {
      ...{ salt: BigInt(++this.#salt), maker: address, signer: address, tokenId: BigInt(tokenId) },
      ...{ makerAmount: BigInt(maker), takerAmount: BigInt(taker), side: side === 'BUY' ? 0 : 1 },
      ...{ signatureType: 0, timestamp: BigInt(this.#nowMs()), metadata: NONE, builder: NONE },
    }
    const signature = this.sign(orderDigest(domainOf(market, CHAIN), fields))
    return {
      order: {
        ...{ salt: Number(fields.salt), maker: address, signer: address, tokenId, side },
        ...{ makerAmount: String(maker), takerAmount: String(taker), signatureType: 0 },
        ...{ timestamp: String(fields.timestamp), expiration: String(expiration) },
        ...{ metadata: NONE, builder: NONE, signature, ...different },
      },
      ...{ owner: this.creds?.apiKey, orderType, deferExec: false },
      postOnly: draft.postOnly === true,
    }
  }

  async #ask(
    method: string,
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Said> {
    const answer = await fetch(`${this.#base}${path}`, {
      ...{ method, headers: { 'content-type': 'application/json', ...headers } },
      ...(body !== '' && { body }),
    })
    const text = await answer.text()
    return {
      ...{ status: answer.status, headers: answer.headers },
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
}
