import { credentialsOf, type Credentials } from '#engine/gateways/polymarket/sign/credentials.js'
import {
  keyOfHex,
  keystoreAddress,
  openKeystore,
} from '#engine/gateways/polymarket/sign/keystore.js'
import type { SignerApi } from '#engine/gateways/polymarket/sign/native-signer.js'
import type { OrderSigner } from '#engine/gateways/polymarket/sign/order-signer.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { Secret } from '#engine/gateways/polymarket/sign/secret.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import { Refusal } from './command.js'
import { readText } from './private-file.js'
import { OWN_TERMINAL, type Terminal } from './prompt.js'
import { passphraseFrom, takeSecret } from './secrets.js'

/** Variables that hold the key of the trading account: in hex, or a keystore with its passphrase (and `…_FILE`). */
export const PRIVATE_KEY = 'POLARIS_PRIVATE_KEY'
/** See `PRIVATE_KEY`. */
export const KEYSTORE = 'POLARIS_KEYSTORE'
/** See `PRIVATE_KEY`. */
export const KEYSTORE_PASSPHRASE = 'POLARIS_KEYSTORE_PASSPHRASE'
/** Variables that hold the API credentials of the account: all three or none. */
export const API_KEYS = ['POLARIS_API_KEY', 'POLARIS_API_SECRET', 'POLARIS_API_PASSPHRASE'] as const

/** What trades: a signer, and the API credentials that were given with it. */
export interface Keys {
  readonly signer: OrderSigner
  /** Undefined: they are derived from the key (`l1HeadersOf`, `credentialsIn`). */
  readonly credentials: Credentials | undefined
}

/**
 * The keys of the trading account, from the environment or an encrypted keystore. Every secret is taken out of `env` as it is read, given or
 * refused. A Refusal names the variable, never what stands in it.
 */
export async function keysFrom(
  env: NodeJS.ProcessEnv,
  { api, terminal }: { readonly api?: SignerApi; readonly terminal?: Terminal } = {},
): Promise<Keys> {
  const [apiKey, secret, passphrase] = API_KEYS.map(name => takeSecret(env, name))
  const signer = signerOf(await tradingKey(env, terminal), api)
  if (apiKey === undefined && secret === undefined && passphrase === undefined)
    return { signer, credentials: undefined }
  if (apiKey === undefined || secret === undefined || passphrase === undefined)
    throw new Refusal(
      'key',
      'some of the API credentials are missing',
      API_KEYS.join(', '),
      'all three, or none (they are derived from the key then)',
    )
  const of = { address: signer.address, apiKey }
  const credentials = credentialsOf(
    { ...of, secret: new Secret(secret), passphrase: new Secret(passphrase) },
    api,
  )
  if (isRefused(credentials))
    throw new Refusal('key', credentials.refused, API_KEYS.join(', '), 'what the venue gave')
  return { signer, credentials }
}

/** The private key itself, 32 bytes that the caller wipes: for what takes it at once. */
export async function tradingKey(
  env: NodeJS.ProcessEnv,
  terminal: Terminal = OWN_TERMINAL,
): Promise<Uint8Array> {
  const hex = takeSecret(env, PRIVATE_KEY)
  const file = env[KEYSTORE]
  const isKept = file !== undefined && file !== ''
  try {
    if (hex !== undefined && isKept)
      throw new Refusal('key', 'there are two keys', `${PRIVATE_KEY}, ${KEYSTORE}`, 'one of them')
    if (hex !== undefined) return keyIn(hex, PRIVATE_KEY)
    const question = `passphrase of ${file ?? ''}`
    if (isKept) return await keyOfKeystore(file, env, { question, terminal })
  } finally {
    takeSecret(env, KEYSTORE_PASSPHRASE) // also where nothing was opened with it
  }
  throw new Refusal(
    'no-key',
    'there is no key to sign with',
    'environment',
    `${KEYSTORE} (see 'polaris keystore'), or ${PRIVATE_KEY}`,
  )
}

/** The key in a keystore file, 32 bytes that the caller wipes. */
export async function keyOfKeystore(
  file: string,
  env: NodeJS.ProcessEnv,
  asking: { readonly question: string; readonly terminal?: Terminal },
): Promise<Uint8Array> {
  const text = readText(file, 'a keystore')
  // What is no keystore is said before anyone is asked for a passphrase.
  const content = keystoreAddress(text)
  if (isRefused(content)) throw new Refusal('keystore', content.refused, file, 'a keystore')
  const passphrase = await passphraseFrom(env, KEYSTORE_PASSPHRASE, { ...asking, isNew: false })
  const opened = openKeystore(text, passphrase)
  if (isRefused(opened))
    throw new Refusal('keystore', opened.refused, file, 'a keystore and its passphrase')
  return opened.key
}

/** A private key in hex that stood at `where`, or a Refusal that does not say it. */
export function keyIn(hex: string, where: string): Uint8Array {
  const key = keyOfHex(hex)
  if (key === undefined)
    throw new Refusal('key', 'what stands there is no private key', where, '64 hex digits')
  return key
}
