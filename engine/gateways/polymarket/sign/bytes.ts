import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { keccak_256 } from '@noble/hashes/sha3.js'

/** Keccak-256, 32 bytes. */
export const keccak = (bytes: Uint8Array): Uint8Array => keccak_256(bytes)

/** Keccak-256 of a text's UTF-8 bytes. */
export const keccakOf = (text: string): Uint8Array => keccak_256(new TextEncoder().encode(text))

/** `0x` and two lower-case digits a byte. */
export const hexOf = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`

/** The bytes of `0x…`; throws where it is no hex. */
export const bytesOf = (hex: string): Uint8Array => hexToBytes(hex.slice(2))

/** Writes bytes to the right end of the 32-byte word that begins at `at`; what stood there before it is zero. */
export function putRight(into: Uint8Array, at: number, bytes: Uint8Array): void {
  into.fill(0, at, at + 32 - bytes.length)
  into.set(bytes, at + 32 - bytes.length)
}

/** Writes a whole number, 0 … 2^53 − 1, as the 32-byte word that begins at `at`. */
export function putNumber(into: Uint8Array, at: number, n: number): void {
  into.fill(0, at, at + 24)
  const words = new DataView(into.buffer, into.byteOffset, into.byteLength)
  words.setUint32(at + 24, Math.floor(n / 2 ** 32))
  words.setUint32(at + 28, n % 2 ** 32)
}
