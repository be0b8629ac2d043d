import { bytesOf, keccak, keccakOf, putNumber, putRight } from './bytes.js'
import type { Exchange } from './exchange.js'

/** Type of the signed order, of versions 2 and 3. Source: `@polymarket/clob-client-v2` 1.1.0 (2026-11-29). */
export const ORDER_TYPE =
  'Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)'

/** What a wallet signs to prove that it is ours. */
export const AUTH_TEXT = 'This message attests that I control the given wallet'

const EXCHANGE_NAME = keccakOf('Polymarket CTF Exchange')
const DOMAIN_TYPE = keccakOf(
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
)
const AUTH_DOMAIN_TYPE = keccakOf('EIP712Domain(string name,string version,uint256 chainId)')
const AUTH_TYPE = keccakOf(
  'ClobAuth(address address,string timestamp,uint256 nonce,string message)',
)
const AUTH_NAME = keccakOf('ClobAuthDomain')
const ONE = keccakOf('1')
const AUTH_TEXT_HASH = keccakOf(AUTH_TEXT)
const WALLET_TYPE = keccakOf(
  'TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)' +
    ORDER_TYPE,
)
const WALLET_NAME = keccakOf('DepositWallet')

/** The domain separator of an exchange, 32 bytes. Source: https://eips.ethereum.org/EIPS/eip-712 (2026-11-29). */
export function exchangeDomain({ version, contract }: Exchange, chainId: number): Uint8Array {
  const words = new Uint8Array(5 * 32)
  words.set(DOMAIN_TYPE)
  words.set(EXCHANGE_NAME, 32)
  words.set(keccakOf(version), 64)
  putNumber(words, 96, chainId)
  putRight(words, 128, bytesOf(contract))
  return keccak(words)
}

/** What is signed for a struct under a domain. */
export function digestOf(domain: Uint8Array, struct: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(66)
  bytes[0] = 0x19
  bytes[1] = 0x01
  bytes.set(domain, 2)
  bytes.set(struct, 34)
  return keccak(bytes)
}

/**
 * The struct that the owner of a deposit wallet signs instead of the order: the order's hash under the wallet's own domain, so that it
 * holds for this wallet only. Source: https://eips.ethereum.org/EIPS/eip-7739, and the venue's client (2026-11-29).
 */
export function walletStruct(contents: Uint8Array, wallet: string, chainId: number): Uint8Array {
  const words = new Uint8Array(7 * 32) // the last word is a salt of zero
  words.set(WALLET_TYPE)
  words.set(contents, 32)
  words.set(WALLET_NAME, 64)
  words.set(ONE, 96)
  putNumber(words, 128, chainId)
  putRight(words, 160, bytesOf(wallet))
  return keccak(words)
}

/** The signature that a deposit wallet takes: the owner's, the exchange's domain, the order's hash, its type and that one's length. */
export function walletSignature(
  inner: Uint8Array,
  domain: Uint8Array,
  contents: Uint8Array,
): Uint8Array {
  const type = new TextEncoder().encode(ORDER_TYPE)
  return Uint8Array.of(
    ...inner,
    ...domain,
    ...contents,
    ...type,
    type.length >> 8,
    type.length & 255,
  )
}

/** What is signed to create or derive API credentials. The nonce is a whole number, 0 … 2^53 − 1. */
export function authDigest(of: {
  readonly address: string
  readonly chainId: number
  readonly timestampS: number
  readonly nonce: number
}): Uint8Array {
  const domain = new Uint8Array(4 * 32)
  domain.set(AUTH_DOMAIN_TYPE)
  domain.set(AUTH_NAME, 32)
  domain.set(ONE, 64)
  putNumber(domain, 96, of.chainId)
  const words = new Uint8Array(5 * 32)
  words.set(AUTH_TYPE)
  putRight(words, 32, bytesOf(of.address))
  words.set(keccakOf(String(of.timestampS)), 64)
  putNumber(words, 96, of.nonce)
  words.set(AUTH_TEXT_HASH, 128)
  return digestOf(keccak(domain), keccak(words))
}
