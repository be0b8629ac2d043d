import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { authDigest, recovered } from './typed-data.js'

/** An API key of the venue: whose it is and what proves it. */
export interface Credentials {
  /** 0x and 40 lower-case hex digits: the EOA that signed for it. */
  readonly address: string
  /** UUID. */
  readonly apiKey: string
  /** base64url of 32 bytes. */
  readonly secret: string
  /** 64 hex digits. */
  readonly passphrase: string
}

/** Headers of a request, by lower-case name. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** How far the stamp of a request may lie from the venue's clock, s. */
const FRESH_S = 10

/**
 * The API keys of a twin. A key is a function of the seed, an address and a nonce, and its passphrase tells which: a twin
 * that is started again knows every key that it ever gave.
 */
export class Keys {
  readonly #seed: string
  readonly #chainId: number
  readonly #nowMs: () => number
  readonly #created = new Set<string>()
  readonly #revoked = new Set<string>()

  constructor(of: { seed: string; chainId: number; nowMs: () => number }) {
    this.#seed = of.seed
    this.#chainId = of.chainId
    this.#nowMs = of.nowMs
  }

  /** The key of an address and a nonce. */
  of(address: string, nonce: bigint): Credentials {
    const owner = address.toLowerCase()
    const whose = `${owner.slice(2)}${nonce.toString(16).padStart(8, '0')}`
    const mark = this.#digest(`passphrase ${whose}`).toString('hex').slice(0, 16)
    const secret = this.#digest(`secret ${whose}`).toString('base64')
    return {
      address: owner,
      apiKey: uuidOf(this.#digest(`key ${whose}`)),
      secret: secret.replaceAll('+', '-').replaceAll('/', '_'),
      passphrase: `${whose}${mark}`,
    }
  }

  /** The key that a wallet's signature asks for; undefined where the headers do not prove that it is this wallet, now. */
  signedFor(headers: Headers): Credentials | undefined {
    const [address, signature] = [text(headers, 'poly_address'), text(headers, 'poly_signature')]
    const [timestamp, nonceText] = [text(headers, 'poly_timestamp'), text(headers, 'poly_nonce')]
    if (!/^0x[0-9a-fA-F]{40}$/.test(address) || !/^\d{1,9}$/.test(nonceText)) return undefined
    if (!this.#isFresh(timestamp)) return undefined
    const nonce = BigInt(nonceText)
    if (nonce >= 2n ** 32n) return undefined
    const digest = authDigest({ address, timestamp, nonce, chainId: this.#chainId })
    const isTheirs = recovered(digest, signature) === address.toLowerCase()
    return isTheirs ? this.of(address, nonce) : undefined
  }

  /** Whether this key was not asked for before; it is from now on. */
  create({ apiKey }: Credentials): boolean {
    if (this.#created.has(apiKey) || this.#revoked.has(apiKey)) return false
    this.#created.add(apiKey)
    return true
  }

  /** Ends a key for good. */
  revoke({ apiKey }: Credentials): void {
    this.#created.delete(apiKey)
    this.#revoked.add(apiKey)
  }

  isRevoked({ apiKey }: Credentials): boolean {
    return this.#revoked.has(apiKey)
  }

  /** Whose request this is: HMAC over stamp, method, path without its query, and body; undefined where it does not hold. */
  requestedBy(
    headers: Headers,
    { method, path, body }: { method: string; path: string; body: string },
  ): Credentials | undefined {
    const timestamp = text(headers, 'poly_timestamp')
    if (!this.#isFresh(timestamp)) return undefined
    const passphrase = text(headers, 'poly_passphrase')
    const key = this.#passing(passphrase, text(headers, 'poly_api_key'))
    if (key?.address !== text(headers, 'poly_address').toLowerCase()) return undefined
    const wanted = requestSignature(key.secret, { timestamp, method, path, body })
    return isEqual(wanted, text(headers, 'poly_signature')) ? key : undefined
  }

  /** Whose connection this is, by what its first message holds. */
  connectedBy(auth: Readonly<Record<string, unknown>>): Credentials | undefined {
    const { apiKey, secret, passphrase } = auth
    if (typeof apiKey !== 'string' || typeof secret !== 'string') return undefined
    if (typeof passphrase !== 'string') return undefined
    const key = this.#passing(passphrase, apiKey)
    return key && isEqual(key.secret, secret) ? key : undefined
  }

  /** The key of this passphrase and name, unless it was revoked or this twin cannot have given it. */
  #passing(passphrase: string, apiKey: string): Credentials | undefined {
    const [, address, nonce] = /^([0-9a-f]{40})([0-9a-f]{8})[0-9a-f]{16}$/.exec(passphrase) ?? []
    if (address === undefined) return undefined
    const key = this.of(`0x${address}`, BigInt(`0x${nonce ?? ''}`))
    const isOurs = key.passphrase === passphrase && key.apiKey === apiKey
    return isOurs && !this.#revoked.has(apiKey) ? key : undefined
  }

  #isFresh(timestamp: string): boolean {
    if (!/^\d{1,12}$/.test(timestamp)) return false
    return Math.abs(Number(timestamp) - this.#nowMs() / 1_000) <= FRESH_S
  }

  #digest(what: string): Buffer {
    return createHash('sha256').update(`${this.#seed} ${what}`).digest()
  }
}

/** The HMAC of a private request, base64url with padding. `secret` in either alphabet of base64. */
export function requestSignature(
  secret: string,
  of: { timestamp: string; method: string; path: string; body: string },
): string {
  const key = Buffer.from(secret.replaceAll('-', '+').replaceAll('_', '/'), 'base64')
  const message = `${of.timestamp}${of.method}${of.path}${of.body}`
  const signature = createHmac('sha256', key).update(message).digest('base64')
  return signature.replaceAll('+', '-').replaceAll('/', '_')
}

function isEqual(wanted: string, given: string): boolean {
  const [a, b] = [Buffer.from(wanted), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function text(headers: Headers, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/** 16 of these bytes as a UUID of version 4. */
function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`]
  return [...parts, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
