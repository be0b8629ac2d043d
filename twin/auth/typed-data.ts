import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Domain of an EIP-712 message; the authentication has no contract. */
export interface TypedDomain {
  readonly name: string
  readonly version: string
  readonly chainId: number
  /** 0x and 40 hex digits. */
  readonly verifyingContract?: string
}

/** The fields of an order that are signed, CLOB order versions 2 and 3. */
export interface SignedFields {
  readonly salt: bigint
  readonly maker: string
  readonly signer: string
  readonly tokenId: bigint
  readonly makerAmount: bigint
  readonly takerAmount: bigint
  /** 0 buys, 1 sells. */
  readonly side: 0 | 1
  readonly signatureType: number
  /** ms since the epoch. */
  readonly timestamp: bigint
  /** 0x and 64 hex digits each. */
  readonly metadata: string
  readonly builder: string
}

/** Type of the order of CLOB order versions 2 and 3, as the exchange contracts have it (2026). */
const ORDER_TYPE =
  'Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)'
/** What the venue lets a wallet attest, 2026. */
const ATTESTED = 'This message attests that I control the given wallet'

const keccak = (bytes: Uint8Array): Uint8Array => keccak_256(bytes)
const typeHash = (text: string): Uint8Array => keccak(utf8ToBytes(text))
const ORDER_TYPE_HASH = typeHash(ORDER_TYPE)
const AUTH_TYPE_HASH = typeHash(
  'ClobAuth(address address,string timestamp,uint256 nonce,string message)',
)
const WRAPPED_TYPE_HASH = typeHash(
  `TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)${ORDER_TYPE}`,
)
const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId'
const DOMAIN_TYPE_HASH = typeHash(`${DOMAIN_TYPE})`)
const CONTRACT_DOMAIN_TYPE_HASH = typeHash(`${DOMAIN_TYPE},address verifyingContract)`)

/** Separator of a domain. */
export function domainSeparator(domain: TypedDomain): Uint8Array {
  const { name, version, chainId, verifyingContract: contract } = domain
  const isBare = contract === undefined
  return keccak(
    concatBytes(
      isBare ? DOMAIN_TYPE_HASH : CONTRACT_DOMAIN_TYPE_HASH,
      ...[keccak(utf8ToBytes(name)), keccak(utf8ToBytes(version)), word(BigInt(chainId))],
      ...(isBare ? [] : [address(contract)]),
    ),
  )
}

/** What of an order goes into its hash. */
export function orderContents(of: SignedFields): Uint8Array {
  return keccak(
    concatBytes(
      ...[ORDER_TYPE_HASH, word(of.salt), address(of.maker), address(of.signer), word(of.tokenId)],
      ...[word(of.makerAmount), word(of.takerAmount), word(BigInt(of.side))],
      ...[word(BigInt(of.signatureType)), word(of.timestamp)],
      ...[bytesOf(of.metadata), bytesOf(of.builder)],
    ),
  )
}

/** The hash that names an order and that an EOA signs. */
export function orderDigest(domain: TypedDomain, of: SignedFields): Uint8Array {
  return digest(domainSeparator(domain), orderContents(of))
}

/** What a wallet signs to get its API key. `timestamp` in s since the epoch. */
export function authDigest(of: {
  readonly address: string
  readonly timestamp: string
  readonly nonce: bigint
  readonly chainId: number
}): Uint8Array {
  const { chainId } = of
  const contents = keccak(
    concatBytes(
      ...[AUTH_TYPE_HASH, address(of.address), keccak(utf8ToBytes(of.timestamp))],
      ...[word(of.nonce), keccak(utf8ToBytes(ATTESTED))],
    ),
  )
  return digest(domainSeparator({ name: 'ClobAuthDomain', version: '1', chainId }), contents)
}

/** What the owner of a deposit wallet signs for an order (ERC-7739), and what follows that signature. */
export function wrapping(
  domain: TypedDomain,
  of: SignedFields,
): { digest: Uint8Array; trailer: Uint8Array } {
  const [separator, contents] = [domainSeparator(domain), orderContents(of)]
  const type = utf8ToBytes(ORDER_TYPE)
  const wrapped = keccak(
    concatBytes(
      ...[WRAPPED_TYPE_HASH, contents, typeHash('DepositWallet'), typeHash('1')],
      ...[word(BigInt(domain.chainId)), address(of.signer), new Uint8Array(32)],
    ),
  )
  return {
    digest: digest(separator, wrapped),
    trailer: concatBytes(separator, contents, type, Uint8Array.of(0, type.length)),
  }
}

/**
 * Who signed an order for a deposit wallet: the wrapping must hold this domain, these contents and this type. Undefined where
 * it does not, or where nobody can have signed it.
 */
export function wrappedSigner(
  domain: TypedDomain,
  of: SignedFields,
  signature: string,
): string | undefined {
  const bytes = bytesOf(signature)
  const { digest: signed, trailer } = wrapping(domain, of)
  if (bytesToHex(bytes.subarray(SIGNATURE)) !== bytesToHex(trailer)) return undefined
  return recovered(signed, bytesToHex(bytes.subarray(0, SIGNATURE)))
}

/** Bytes of r, s and v. */
const SIGNATURE = 65

/** Who signed this digest, 0x and 40 lower-case hex digits; undefined where the signature is none. */
export function recovered(digest: Uint8Array, signature: string): string | undefined {
  const bytes = bytesOf(signature)
  if (bytes.length !== SIGNATURE) return undefined
  const v = bytes[64] ?? 0
  const bit = v >= 27 ? v - 27 : v
  if (bit !== 0 && bit !== 1) return undefined
  try {
    const signed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), 'compact')
    const key = signed.addRecoveryBit(bit).recoverPublicKey(digest).toBytes(false)
    return `0x${bytesToHex(keccak(key.subarray(1)).subarray(12))}`
  } catch {
    return undefined
  }
}

/** Hex digits with 0x before them. */
export const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`

function digest(separator: Uint8Array, contents: Uint8Array): Uint8Array {
  return keccak(concatBytes(Uint8Array.of(0x19, 0x01), separator, contents))
}

/** A whole number as 32 bytes. */
const word = (value: bigint): Uint8Array => hexToBytes(value.toString(16).padStart(64, '0'))

const address = (text: string): Uint8Array => concatBytes(new Uint8Array(12), bytesOf(text))

/** Bytes of a text of hex digits, with or without 0x; none where it is no such text. */
function bytesOf(text: string): Uint8Array {
  const hex = text.replace(/^0x/, '')
  return /^([0-9a-fA-F]{2})*$/.test(hex) ? hexToBytes(hex) : new Uint8Array(0)
}
