import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { addressOf } from './address.js'
import type { MacHandle, SignerApi } from './native-signer.js'
import type { Refused } from './refused.js'
import { Secret } from './secret.js'

/** What the venue gave for an account: the name of the key is no secret, and stands in every order. */
export interface Credentials {
  /** EOA of the key that made them, EIP-55. */
  readonly address: string
  readonly apiKey: string
  readonly secret: Secret
  readonly passphrase: Secret
  /** HMAC-SHA-256 of a text with the secret, base64url with padding. */
  readonly mac: (text: string) => string
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** Text that can stand in an HTTP header. */
const PLAIN = /^[\x21-\x7e]{1,256}$/

/** Credentials as they are used, or which of them does not fit; its value is never said. `api` computes natively. */
export function credentialsOf(
  of: {
    readonly address: string
    readonly apiKey: string
    readonly secret: Secret
    readonly passphrase: Secret
  },
  api?: SignerApi,
): Credentials | Refused {
  const address = addressOf(of.address)
  if (address === undefined) return { refused: 'the address of the API key is none' }
  if (!PLAIN.test(of.apiKey)) return unfit('API key', 'the identifier that the venue gave')
  if (!PLAIN.test(of.passphrase.reveal())) return unfit('API passphrase', 'what the venue gave')
  if (!BASE64.test(of.secret.reveal())) return unfit('API secret', 'base64')
  const key = Buffer.from(of.secret.reveal(), 'base64') // takes both alphabets
  const mac = api === undefined ? tsMac(key) : nativeMac(key, api)
  key.fill(0)
  return { address, apiKey: of.apiKey, secret: of.secret, passphrase: of.passphrase, mac }
}

/** Credentials in the venue's answer to `POST /auth/api-key` or `GET /auth/derive-api-key`, or what does not fit in it. */
export function credentialsIn(
  address: string,
  answer: unknown,
  api?: SignerApi,
): Credentials | Refused {
  if (typeof answer !== 'object' || answer === null)
    return { refused: 'the answer with the API credentials is no object' }
  const { apiKey, secret, passphrase }: Readonly<Record<string, unknown>> = { ...answer }
  if (typeof apiKey !== 'string' || typeof secret !== 'string' || typeof passphrase !== 'string')
    return { refused: 'the answer lacks one of apiKey, secret, passphrase' }
  const secrets = { secret: new Secret(secret), passphrase: new Secret(passphrase) }
  return credentialsOf({ address, apiKey, ...secrets }, api)
}

function unfit(name: string, expected: string): Refused {
  return { refused: `the ${name} does not fit; expected ${expected}` }
}

function tsMac(bytes: Uint8Array): (text: string) => string {
  const key: KeyObject = createSecretKey(bytes)
  // base64, not base64url: Node leaves the padding out of the latter, and the venue has it.
  return text => urlSafe(createHmac('sha256', key).update(text).digest('base64'))
}

function nativeMac(bytes: Uint8Array, api: SignerApi): (text: string) => string {
  const key: MacHandle = api.macOpen(bytes)
  return text => api.macOf(key, text)
}

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_')
