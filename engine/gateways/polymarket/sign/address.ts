import { keccak, keccakOf } from './bytes.js'
import { bytesToHex } from '@noble/hashes/utils.js'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/

/**
 * An address with the checksum of EIP-55, or undefined where the text is none. All digits in one case are taken as they are; mixed
 * case has to be the checksum, since a digit that was changed by hand shows in it.
 * Source: https://eips.ethereum.org/EIPS/eip-55 (2026-11-29).
 */
export function addressOf(text: string): string | undefined {
  if (!ADDRESS.test(text)) return undefined
  const digits = text.slice(2)
  const lower = digits.toLowerCase()
  const sum = checksummed(lower)
  const isOneCase = digits === lower || digits === digits.toUpperCase()
  return isOneCase || sum === text ? sum : undefined
}

/** The address of an uncompressed public key (65 bytes: 4, x, y). */
export const addressOfPublicKey = (key: Uint8Array): string =>
  checksummed(bytesToHex(keccak(key.subarray(1)).subarray(12)))

function checksummed(lower: string): string {
  const sum = bytesToHex(keccakOf(lower))
  let text = '0x'
  for (let k = 0; k < lower.length; k++) {
    const digit = lower.charAt(k)
    text += sum.charCodeAt(k) > 0x37 /* 8 … f */ ? digit.toUpperCase() : digit
  }
  return text
}
