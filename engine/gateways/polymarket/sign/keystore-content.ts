import { addressOf } from './address.js'
import type { Refused } from './refused.js'

/** How a key is derived from a passphrase. */
export type Kdf =
  | {
      readonly name: 'scrypt'
      readonly length: number
      readonly salt: Uint8Array
      readonly n: number
      readonly r: number
      readonly p: number
    }
  | {
      readonly name: 'pbkdf2'
      readonly length: number
      readonly salt: Uint8Array
      readonly rounds: number
    }

/** What a keystore says. */
export interface Content {
  readonly kdf: Kdf
  readonly ciphertext: Uint8Array
  readonly iv: Uint8Array
  readonly mac: Uint8Array
  /** EIP-55; some tools leave it out. */
  readonly address?: string
}

/** Memory that a keystore may ask for, bytes: four times what tools ask for. A file shall not fill a machine. */
const SCRYPT_BYTES_MAX = 1 << 30
/** Work that a keystore may ask for. */
const SCRYPT_P_MAX = 64
const PBKDF2_ROUNDS_MAX = 20_000_000
const SALT_BYTES_MAX = 1_024
const TEXT_MAX = 65_536

/** Reads the text of a keystore of version 3, or says which of its members does not fit. */
export function contentOf(text: string): Content | Refused {
  if (text.length > TEXT_MAX) return unfit('text', `at most ${TEXT_MAX} characters`)
  const whole = membersOf(parsed(text))
  if (whole === undefined) return unfit('text', 'a JSON object')
  if (whole['version'] !== 3) return unfit('version', '3')
  const crypto = membersOf(whole['crypto'] ?? whole['Crypto']) // both spellings are about
  if (crypto === undefined) return unfit('crypto', 'an object')
  if (crypto['cipher'] !== 'aes-128-ctr') return unfit('cipher', 'aes-128-ctr')
  const iv = bytesIn(membersOf(crypto['cipherparams'])?.['iv'], 16, 16)
  if (iv === undefined) return unfit('iv', '16 bytes of hex')
  const ciphertext = bytesIn(crypto['ciphertext'], 32, 32)
  if (ciphertext === undefined) return unfit('ciphertext', '32 bytes of hex')
  const mac = bytesIn(crypto['mac'], 32, 32)
  if (mac === undefined) return unfit('mac', '32 bytes of hex')
  const kdf = kdfOf(crypto['kdf'], membersOf(crypto['kdfparams']) ?? {})
  if ('refused' in kdf) return kdf
  const said = whole['address']
  if (said === undefined || said === '') return { kdf, ciphertext, iv, mac }
  const address = typeof said === 'string' ? addressOf(`0x${said.replace(/^0x/, '')}`) : undefined
  if (address === undefined) return unfit('address', '40 hex digits')
  return { kdf, ciphertext, iv, mac, address }
}

function kdfOf(name: unknown, params: Members): Kdf | Refused {
  const salt = bytesIn(params['salt'], 1, SALT_BYTES_MAX)
  if (salt === undefined) return unfit('salt', `1 to ${SALT_BYTES_MAX} bytes of hex`)
  const length = wholeIn(params['dklen'], 32, 64)
  if (length === undefined) return unfit('dklen', '32 to 64')
  if (name === 'pbkdf2') {
    if (params['prf'] !== 'hmac-sha256') return unfit('prf', 'hmac-sha256')
    const rounds = wholeIn(params['c'], 1, PBKDF2_ROUNDS_MAX)
    if (rounds === undefined) return unfit('c', `1 to ${PBKDF2_ROUNDS_MAX}`)
    return { name, length, salt, rounds }
  }
  if (name !== 'scrypt') return unfit('kdf', 'scrypt or pbkdf2')
  const [n, r, p] = [
    wholeIn(params['n'], 2, 2 ** 30),
    wholeIn(params['r'], 1, 1_024),
    wholeIn(params['p'], 1, SCRYPT_P_MAX),
  ]
  if (n === undefined || (n & (n - 1)) !== 0) return unfit('n', 'a power of two')
  if (r === undefined || 128 * n * r > SCRYPT_BYTES_MAX)
    return unfit('r', `128 × n × r of at most ${SCRYPT_BYTES_MAX} bytes`)
  if (p === undefined) return unfit('p', `1 to ${SCRYPT_P_MAX}`)
  return { name, length, salt, n, r, p }
}

type Members = Readonly<Record<string, unknown>>

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the fault would quote the text
  }
}

const membersOf = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null ? { ...value } : undefined

function bytesIn(value: unknown, least: number, most: number): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined
  const digits = value.replace(/^0x/, '')
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return undefined
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'))
  return bytes.length >= least && bytes.length <= most ? bytes : undefined
}

const wholeIn = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
    ? value
    : undefined

const unfit = (member: string, expected: string): Refused => ({
  refused: `its ${member} does not fit; expected ${expected}, in an Ethereum keystore of version 3`,
})
