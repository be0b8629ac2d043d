import { request } from 'undici'
import { credentialsOf, type Credentials } from '#engine/gateways/polymarket/sign/credentials.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { Secret } from '#engine/gateways/polymarket/sign/secret.js'
import { isObject, jsonOf } from '#engine/gateways/polymarket/wire/texts.js'
import { takeSecret } from './secrets.js'

/** Variables with a builder's credentials: all three of a local signer, or the address of a remote one. Names of the earlier system. */
export const BUILDER_KEYS = [
  'POLY_BUILDER_API_KEY',
  'POLY_BUILDER_SECRET',
  'POLY_BUILDER_PASSPHRASE',
] as const
/** See `BUILDER_KEYS`; the token is optional. */
export const [BUILDER_URL, BUILDER_TOKEN] = [
  'POLY_BUILDER_REMOTE_URL',
  'POLY_BUILDER_TOKEN',
] as const

/** Headers that a builder's request carries. Source: `@polymarket/builder-signing-sdk` 1.0.0, 2026. */
const HEADERS = [
  'POLY_BUILDER_API_KEY',
  'POLY_BUILDER_PASSPHRASE',
  'POLY_BUILDER_SIGNATURE',
  'POLY_BUILDER_TIMESTAMP',
] as const
const TIMEOUT_MS = 5_000
const NOBODY = `0x${'0'.repeat(40)}`

/** A request as a builder signs it. */
export interface BuilderRequest {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly timestampS: number
}

/** Who signs for a builder. */
export type Builder =
  | { readonly type: 'local'; readonly credentials: Credentials }
  | { readonly type: 'remote'; readonly url: string; readonly token: Secret | undefined }

/** The builder that the environment names, its secrets taken out; or what is missing or does not fit, never its value. */
export function builderFrom(env: NodeJS.ProcessEnv): Builder | { readonly missing: string } {
  const [apiKey, secret, passphrase] = BUILDER_KEYS.map(name => takeSecret(env, name))
  const url = env[BUILDER_URL]
  const token = takeSecret(env, BUILDER_TOKEN)
  const given = [apiKey, secret, passphrase]
  if (url !== undefined && url !== '') {
    if (given.some(one => one !== undefined))
      return { missing: `${BUILDER_URL} and local credentials are both set; expected one of them` }
    if (!/^https?:\/\/[^\s]+$/.test(url))
      return { missing: `${BUILDER_URL} is no http or https address` }
    return { type: 'remote', url, token: token === undefined ? undefined : new Secret(token) }
  }
  const missing = BUILDER_KEYS.filter((_, k) => given[k] === undefined)
  if (apiKey === undefined || secret === undefined || passphrase === undefined)
    return { missing: `missing: ${missing.join(', ')} (or ${BUILDER_URL})` }
  const secrets = { secret: new Secret(secret), passphrase: new Secret(passphrase) }
  const credentials = credentialsOf({ address: NOBODY, apiKey, ...secrets })
  return isRefused(credentials) ? { missing: credentials.refused } : { type: 'local', credentials }
}

/** The headers of a request, or why there are none. */
export async function builderHeaders(
  builder: Builder,
  of: BuilderRequest,
): Promise<Readonly<Record<string, string>> | string> {
  const { method, path, body, timestampS } = of
  if (builder.type === 'remote') return await remotely(builder, of)
  const { apiKey, passphrase, mac } = builder.credentials
  return {
    POLY_BUILDER_API_KEY: apiKey,
    POLY_BUILDER_PASSPHRASE: passphrase.reveal(),
    POLY_BUILDER_SIGNATURE: mac(`${timestampS}${method}${path}${body}`),
    POLY_BUILDER_TIMESTAMP: String(timestampS),
  }
}

async function remotely(
  { url, token }: Extract<Builder, { type: 'remote' }>,
  { method, path, body, timestampS }: BuilderRequest,
): Promise<Readonly<Record<string, string>> | string> {
  const cut = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const { statusCode, body: answer } = await request(url, {
      ...{ method: 'POST', signal: cut },
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      },
      body: JSON.stringify({ method, path, ...(body !== '' && { body }), timestamp: timestampS }),
    })
    const value = jsonOf(await answer.text())
    if (statusCode !== 200) return `the remote signer answers status ${statusCode}`
    const found: Record<string, string> = {}
    for (const name of HEADERS) {
      const text = isObject(value) ? value[name] : undefined
      if (typeof text !== 'string' || text === '') return `the remote signer gives no ${name}`
      found[name] = text
    }
    return found
  } catch (error) {
    return `the remote signer does not answer: ${error instanceof Error ? error.message : String(error)}`
  }
}
