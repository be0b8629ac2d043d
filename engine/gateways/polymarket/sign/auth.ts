import type { Credentials } from './credentials.js'
import type { OrderSigner } from './order-signer.js'

/** Headers of a request, by their names on the wire. */
export type Headers = Readonly<Record<string, string>>

/** A request as it is authenticated: the path without host and query, the body exactly as it is sent ('' for none). */
export interface Signable {
  /** Upper case. */
  readonly method: string
  readonly path: string
  readonly body: string
  /** Seconds. */
  readonly timestampS: number
}

/**
 * Headers of a private request (L2): HMAC over time, method, path and body.
 * Source: `@polymarket/clob-client-v2` 1.1.0 (2026-11-29).
 */
export function l2HeadersOf(credentials: Credentials, request: Signable): Headers {
  const { method, path, body, timestampS } = request
  return {
    POLY_ADDRESS: credentials.address,
    POLY_SIGNATURE: credentials.mac(`${timestampS}${method}${path}${body}`),
    POLY_TIMESTAMP: String(timestampS),
    POLY_API_KEY: credentials.apiKey,
    POLY_PASSPHRASE: credentials.passphrase.reveal(),
  }
}

/** Headers that create or derive API credentials (L1): a signature of the key itself. */
export function l1HeadersOf(
  signer: OrderSigner,
  of: { readonly chainId: number; readonly timestampS: number; readonly nonce: number },
): Headers {
  return {
    POLY_ADDRESS: signer.address,
    POLY_SIGNATURE: signer.signAuth(of.chainId, of.timestampS, of.nonce),
    POLY_TIMESTAMP: String(of.timestampS),
    POLY_NONCE: String(of.nonce),
  }
}

/** The `auth` member of the first message on the user channel: in clear, for the socket alone. */
export const channelAuthOf = ({ apiKey, secret, passphrase }: Credentials) => ({
  apiKey,
  secret: secret.reveal(),
  passphrase: passphrase.reveal(),
})
