import {
  createCipheriv,
  createDecipheriv,
  pbkdf2Sync,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { hexToBytes } from '@noble/hashes/utils.js'
import { addressOfPublicKey } from './address.js'
import { keccak } from './bytes.js'
import { contentOf, type Content, type Kdf } from './keystore-content.js'
import { isRefused, type Refused } from './refused.js'

/** Bytes at random, and an id, for a new keystore: made by whoever calls, since nothing here has randomness of its own. */
export interface Fresh {
  /** 32 bytes. */
  readonly salt: Uint8Array
  /** 16 bytes. */
  readonly iv: Uint8Array
  /** UUID. */
  readonly id: string
}

/** How much work a guess at the passphrase is: scrypt's n with r = 8, and p. */
export interface Work {
  readonly n: number
  readonly p: number
}

/** What other tools use: about a second and 256 MB for a guess. */
export const STANDARD: Work = { n: 1 << 18, p: 1 }

/** For machines that are small: some tenths of a second and 4 MB. */
export const LIGHT: Work = { n: 1 << 12, p: 6 }

const R = 8

/** An address as a keystore has it: 40 digits without `0x`, in lower case. */
const bareAddress = (key: Uint8Array): string =>
  addressOfPublicKey(secp256k1.getPublicKey(key, false)).slice(2).toLowerCase()

/**
 * The text of an Ethereum keystore, version 3, that holds a private key behind a passphrase: scrypt, AES-128 in counter mode, and a
 * Keccak sum that tells a wrong passphrase. Other tools read it. Throws where `key` is no private key.
 * Source: https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage (2026-11-29).
 */
export function sealKeystore(
  key: Uint8Array,
  passphrase: string,
  { salt, iv, id }: Fresh,
  work: Work = STANDARD,
): string {
  if (!secp256k1.utils.isValidSecretKey(key)) throw new RangeError('not a private key')
  const kdf: Kdf = { name: 'scrypt', length: 32, salt, n: work.n, r: R, p: work.p }
  const derived = derivedKey(kdf, passphrase)
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()])
  const mac = macOf(derived, ciphertext)
  derived.fill(0)
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  return `${JSON.stringify({
    version: 3,
    id,
    address: bareAddress(key),
    crypto: {
      ciphertext: hex(ciphertext),
      cipherparams: { iv: hex(iv) },
      cipher: 'aes-128-ctr',
      kdf: 'scrypt',
      kdfparams: { dklen: 32, salt: hex(salt), n: work.n, r: R, p: work.p },
      mac: hex(mac),
    },
  })}\n`
}

/** The private key in a keystore (32 bytes, the caller's to wipe), or why there is none. The refusal says nothing of passphrase or key. */
export function openKeystore(
  text: string,
  passphrase: string,
): { readonly key: Uint8Array } | Refused {
  const content = contentOf(text)
  if (isRefused(content)) return content
  const derived = derivedKey(content.kdf, passphrase)
  try {
    if (!timingSafeEqual(macOf(derived, content.ciphertext), content.mac))
      return { refused: 'the passphrase is not the one of this keystore' }
    return keyIn(content, derived)
  } finally {
    derived.fill(0)
  }
}

/** The address that a keystore says it holds, EIP-55; what it holds is known only with its passphrase. */
export function keystoreAddress(text: string): { readonly address?: string } | Refused {
  const content = contentOf(text)
  if (isRefused(content)) return content
  return content.address === undefined ? {} : { address: content.address }
}

function keyIn({ ciphertext, iv, address }: Content, derived: Uint8Array) {
  const cipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const clear = Buffer.concat([cipher.update(ciphertext), cipher.final()])
  const key = Uint8Array.from(clear)
  clear.fill(0)
  if (!secp256k1.utils.isValidSecretKey(key)) {
    key.fill(0)
    return { refused: 'what the keystore holds is no private key' }
  }
  const own = addressOfPublicKey(secp256k1.getPublicKey(key, false))
  if (address === undefined || own === address) return { key }
  key.fill(0)
  return { refused: `the keystore says that it holds ${address}, and holds ${own}` }
}

function derivedKey(kdf: Kdf, passphrase: string): Buffer {
  const secret = Buffer.from(passphrase, 'utf8')
  try {
    if (kdf.name === 'pbkdf2') return pbkdf2Sync(secret, kdf.salt, kdf.rounds, kdf.length, 'sha256')
    const { n, r, p } = kdf
    // OpenSSL holds to RFC 7914, where n is below 2^(16 r); the published example is not.
    if (16 * r < 53 && n >= 2 ** (16 * r))
      return Buffer.from(scrypt(secret, kdf.salt, { N: n, r, p, dkLen: kdf.length }))
    // The library's own bound is 32 MB; the bound that holds was checked when the text was read.
    return scryptSync(secret, kdf.salt, kdf.length, { N: n, r, p, maxmem: 256 * r * (n + p) + 1e6 })
  } finally {
    secret.fill(0)
  }
}

/** The sum over the second half of the derived key and the ciphertext. */
const macOf = (derived: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  keccak(Uint8Array.of(...derived.subarray(16, 32), ...ciphertext))

/** A private key in hex, with or without `0x`; undefined for what is none. */
export function keyOfHex(text: string): Uint8Array | undefined {
  const digits = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim())?.[1]
  if (digits === undefined) return undefined
  const key = hexToBytes(digits)
  return secp256k1.utils.isValidSecretKey(key) ? key : undefined
}
