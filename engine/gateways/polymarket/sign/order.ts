import assert from 'node:assert'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesOf, hexOf, keccak, keccakOf, putNumber, putRight } from './bytes.js'
import type { SignatureType } from './account.js'
import type { Exchange } from './exchange.js'
import { digestOf, exchangeDomain, ORDER_TYPE } from './typed-data.js'

/** What is signed of an order, of versions 2 and 3. */
export interface OrderFields {
  /** Whole number below 2^53: the body has it as a JSON number. */
  readonly salt: number
  readonly maker: string
  readonly signer: string
  /** Decimal, below 2^256. */
  readonly tokenId: string
  /** 1e-6 of what we give: dollars of a buy, shares of a sale. */
  readonly makerAmount: number
  /** 1e-6 of what we take at least. */
  readonly takerAmount: number
  /** 0 buys, 1 sells. */
  readonly side: 0 | 1
  readonly type: SignatureType
  readonly timestampMs: number
  /** 32 bytes, `0x…`. */
  readonly metadata: string
  /** Builder code, 32 bytes, `0x…`; zero for none. */
  readonly builder: string
}

/** 32 bytes of nothing, for `metadata` and `builder`. */
export const NOTHING = `0x${'0'.repeat(64)}`

/** Words of the struct, its type first. */
const WORDS = 12

const TYPE_HASH = keccakOf(ORDER_TYPE)
const SALT_KEY = new TextEncoder().encode('polaris order salt 1')
const TOKENS_MAX = 10_000
const DOMAINS_MAX = 100

/** The order's id at the venue, known before it is sent: the EIP-712 digest of the order, for all signature types. */
export const orderHashOf = (exchange: Exchange, chainId: number, fields: OrderFields): string =>
  hexOf(digestOf(domainOf(exchange, chainId), keccak(structOf(fields))))

/**
 * The salt of an order: the first 53 bits of HMAC-SHA-256 over its run and its id. The same decision always signs the very same order, so
 * that to send it twice is answered "duplicated" instead of being filled twice.
 */
export function saltOf(runId: string, orderId: string): number {
  // The length keeps run and order apart, whatever is written in them.
  const text = new TextEncoder().encode(`${runId.length}:${runId}${orderId}`)
  const mac = hmac(sha256, SALT_KEY, text)
  const words = new DataView(mac.buffer, mac.byteOffset)
  return words.getUint32(0) * 2 ** 21 + (words.getUint32(4) >>> 11)
}

/** Whether a token can be named in an order: a decimal below 2^256 without leading zeros. */
export const isTokenId = (text: string): boolean =>
  /^(0|[1-9][0-9]{0,77})$/.test(text) && BigInt(text) < 1n << 256n

/** The struct as it is hashed: 12 words of 32 bytes. A field that does not fit is our own mistake. */
export function structOf(fields: OrderFields): Uint8Array {
  const words = new Uint8Array(WORDS * 32)
  words.set(TYPE_HASH)
  putNumber(words, 32, counted('salt', fields.salt))
  putRight(words, 64, sized('maker', fields.maker, 20))
  putRight(words, 96, sized('signer', fields.signer, 20))
  words.set(tokenWord(fields.tokenId), 128)
  putNumber(words, 160, counted('makerAmount', fields.makerAmount))
  putNumber(words, 192, counted('takerAmount', fields.takerAmount))
  words[255] = fields.side
  words[287] = fields.type
  putNumber(words, 288, counted('timestampMs', fields.timestampMs))
  if (fields.metadata !== NOTHING) words.set(sized('metadata', fields.metadata, 32), 320)
  if (fields.builder !== NOTHING) words.set(sized('builder', fields.builder, 32), 352)
  return words
}

/** The domain separator of an exchange, computed once. */
export function domainOf(exchange: Exchange, chainId: number): Uint8Array {
  const key = `${exchange.version} ${chainId} ${exchange.contract}`
  return remembered(DOMAINS, DOMAINS_MAX, key, () => exchangeDomain(exchange, chainId))
}

const DOMAINS = new Map<string, Uint8Array>()
const TOKENS = new Map<string, Uint8Array>()

/** Token ids are few and long: their words are kept. */
function tokenWord(tokenId: string): Uint8Array {
  return remembered(TOKENS, TOKENS_MAX, tokenId, () => {
    assert(isTokenId(tokenId), `Invariant: '${tokenId.slice(0, 90)}' is no token id`)
    return bytesOf(`0x${BigInt(tokenId).toString(16).padStart(64, '0')}`)
  })
}

function remembered(
  kept: Map<string, Uint8Array>,
  most: number,
  key: string,
  make: () => Uint8Array,
): Uint8Array {
  const known = kept.get(key)
  if (known !== undefined) return known
  if (kept.size >= most) kept.clear()
  const made = make()
  kept.set(key, made)
  return made
}

function counted(name: string, n: number): number {
  assert(Number.isSafeInteger(n) && n >= 0, `Invariant: ${name} ${n} is no whole number`)
  return n
}

function sized(name: string, hex: string, bytes: number): Uint8Array {
  const isHex = hex.length === 2 + 2 * bytes && /^0x[0-9a-fA-F]*$/.test(hex)
  assert(isHex, `Invariant: ${name} is not ${bytes} bytes of hex`)
  return bytesOf(hex)
}
