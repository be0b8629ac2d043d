import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { hexToBytes } from '@noble/hashes/utils.js'
import { TestClient } from '../testing/client.js'
import { Keys, requestSignature } from './credentials.js'
import { domainOf } from './domains.js'
import {
  authDigest,
  domainSeparator,
  hexOf,
  orderDigest,
  recovered,
  wrappedSigner,
  type SignedFields,
  type TypedDomain,
} from './typed-data.js'

const VECTORS = resolve(import.meta.dirname, '../../../../shared/reference/venue-samples')
const skip = existsSync(VECTORS) ? false : 'the samples of the venue are not here'
const read = (name: string): unknown => JSON.parse(readFileSync(`${VECTORS}/${name}`, 'utf8'))

/** Secret of the requests of the SDK that were recorded. */
const SDK_SECRET = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='

const ORDER: SignedFields = {
  ...{ salt: 1n, maker: `0x${'01'.repeat(20)}`, signer: `0x${'01'.repeat(20)}`, tokenId: 5n },
  ...{ makerAmount: 1n, takerAmount: 2n, side: 0, signatureType: 0, timestamp: 3n },
  ...{ metadata: `0x${'00'.repeat(32)}`, builder: `0x${'00'.repeat(32)}` },
}

const NOW_MS = 1_795_199_600_000
const keys = () => new Keys({ seed: 'test', chainId: 137, nowMs: () => NOW_MS })

interface Written {
  readonly [name: string]: string | number
}
const fieldsOf = (of: Written): SignedFields => ({
  ...{ salt: BigInt(of['salt']!), maker: String(of['maker']), signer: String(of['signer']) },
  ...{ tokenId: BigInt(of['tokenId']!), makerAmount: BigInt(of['makerAmount']!) },
  takerAmount: BigInt(of['takerAmount']!),
  side: of['side'] === 'BUY' || String(of['side']) === '0' ? 0 : 1,
  signatureType: Number(of['signatureType']),
  timestamp: BigInt(of['timestamp']!),
  ...{ metadata: String(of['metadata']), builder: String(of['builder']) },
})

t.test('the vectors of the venue', { skip }, async t => {
  const vectors = skip === false ? (read('vectors/signing.json') as Vectors) : undefined
  const address = vectors?.address.toLowerCase()

  t.test('order hashes and who signed them', t => {
    const known = vectors?.orders.filter(({ domain }) => domain.version !== '1') ?? []
    t.equal(known.length, 4)
    for (const { label, domain, message, orderHash, signature } of known) {
      const digest = orderDigest(domain, fieldsOf(message))
      t.equal(hexOf(digest), orderHash, label)
      t.equal(recovered(digest, signature), address, label)
    }
    const ofSdk = read('vectors/sdk_signed_orders_v2.json') as SdkOrder[]
    t.equal(ofSdk.length, 6)
    for (const { negRisk, order, recomputedOrderHash } of ofSdk) {
      const digest = orderDigest(domainOf({ version: 'v1', negRisk }, 137), fieldsOf(order))
      t.equal(hexOf(digest), recomputedOrderHash)
      t.equal(recovered(digest, String(order['signature'])), String(order['signer']).toLowerCase())
    }
    t.end()
  })

  t.test('API keys and requests', t => {
    for (const { chainId, timestamp, nonce, signature } of vectors?.clobAuth ?? []) {
      const of = { address: address ?? '', timestamp: String(timestamp), chainId: Number(chainId) }
      const digest = authDigest({ ...of, nonce: BigInt(nonce ?? 0) })
      t.equal(recovered(digest, String(signature)), address)
    }
    const requests = vectors?.hmac ?? []
    t.equal(requests.length, 3)
    for (const { secret, timestamp, method, requestPath, body, signature } of requests) {
      const of = { timestamp: String(timestamp), method: String(method), body: String(body ?? '') }
      t.equal(requestSignature(String(secret), { ...of, path: String(requestPath) }), signature)
    }
    t.end()
  })

  t.test('what the SDK sends: the order and the HMAC of every request', t => {
    const requests = read('orders/sdk_requests_clob-client-v2_1.1.0.json') as SdkRequest[]
    let orders = 0
    for (const { method, url, body, headers, call } of requests) {
      if (headers['poly_api_key'] === undefined) continue
      const of = {
        timestamp: headers['poly_timestamp']!,
        method,
        path: url.replace(/\?.*/, ''),
        body,
      }
      t.equal(requestSignature(SDK_SECRET, of), headers['poly_signature'], call)
      if (url !== '/order' || method !== 'POST') continue
      const { order } = JSON.parse(body) as { order: Written }
      const domain = domainOf({ version: 'v1', negRisk: false }, 137)
      const signer = recovered(orderDigest(domain, fieldsOf(order)), String(order['signature']))
      t.equal(signer, address, call)
      orders++
    }
    t.equal(orders, 3)
    t.end()
  })

  t.test('the envelope of a deposit wallet', t => {
    const envelope = read('vectors/poly1271_envelope.json') as Record<string, Envelope>
    const of = envelope['v2_exchange']!
    const domain = domainOf({ version: 'v1', negRisk: false }, 137)
    t.equal(hexOf(domainSeparator(domain)), of.app_domain_separator)
    const digest = hexToBytes(of.envelope_digest.slice(2))
    t.equal(recovered(digest, of.inner_signature), of.signer_address.toLowerCase())
    t.end()
  })
})

interface Vectors {
  readonly address: string
  readonly orders: readonly {
    readonly label: string
    readonly domain: TypedDomain
    readonly message: Written
    readonly orderHash: string
    readonly signature: string
  }[]
  readonly clobAuth: readonly Written[]
  readonly hmac: readonly Written[]
}
interface SdkOrder {
  readonly negRisk: boolean
  readonly order: Written
  readonly recomputedOrderHash: string
}
interface SdkRequest {
  readonly call: string
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}
interface Envelope {
  readonly app_domain_separator: string
  readonly envelope_digest: string
  readonly inner_signature: string
  readonly signer_address: string
}

t.test('a wrapped signature holds for its own wallet, order and exchange only', t => {
  const client = new TestClient('', 7)
  const wallet = `0x${'12'.repeat(20)}`
  const fields = { ...ORDER, maker: wallet, signer: wallet, signatureType: 3 }
  const domain = domainOf({ version: 'v2', negRisk: false }, 137)
  const signature = client.wrap(domain, fields)
  t.equal(signature.length, 2 + 2 * 317)
  t.equal(wrappedSigner(domain, fields, signature), client.address)
  t.equal(wrappedSigner(domain, { ...fields, salt: 2n }, signature), undefined)
  t.equal(wrappedSigner({ ...domain, version: '2' }, fields, signature), undefined)
  t.equal(wrappedSigner(domain, fields, signature.slice(0, -4)), undefined)
  t.equal(
    wrappedSigner(domain, fields, `${signature.slice(0, 10)}ff${signature.slice(12)}`) ===
      client.address,
    false,
  )
  t.end()
})

t.test('a key is a function of the seed, the address and the nonce', t => {
  const address = `0x${'ab'.repeat(20)}`
  const key = keys().of(address, 3n)
  t.same(keys().of(address.toUpperCase().replace('0X', '0x'), 3n), key)
  t.not(keys().of(address, 4n).apiKey, key.apiKey)
  t.not(
    new Keys({ seed: 'other', chainId: 137, nowMs: () => NOW_MS }).of(address, 3n).secret,
    key.secret,
  )
  t.match(key.apiKey, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/)
  t.equal(Buffer.from(key.secret, 'base64url').length, 32)
  const { apiKey, secret, passphrase } = key
  t.same(
    keys().connectedBy({ apiKey, secret, passphrase }),
    key,
    'a twin that starts again knows it',
  )
  t.equal(keys().connectedBy({ apiKey, secret: `A${secret.slice(1)}`, passphrase }), undefined)
  t.equal(keys().connectedBy({ apiKey, secret, passphrase: `0${passphrase.slice(1)}` }), undefined)
  t.equal(keys().connectedBy({ apiKey, secret }), undefined)
  t.end()
})

t.test('a request holds with its own key, bytes, path and moment', t => {
  const known = keys()
  const { address, apiKey, secret, passphrase } = known.of(`0x${'ab'.repeat(20)}`, 0n)
  const stamp = String(NOW_MS / 1_000)
  const asked = { method: 'POST', path: '/order', body: '{"a":"é"}' }
  const signed = (timestamp: string) => ({
    ...{ poly_address: address, poly_api_key: apiKey, poly_passphrase: passphrase },
    poly_timestamp: timestamp,
    poly_signature: requestSignature(secret, { timestamp, ...asked }),
  })
  const headers = signed(stamp)
  t.equal(known.requestedBy(headers, asked)?.apiKey, apiKey)
  t.ok(known.requestedBy(signed(String(NOW_MS / 1_000 - 9)), asked), 'nine seconds old')
  const wrong: readonly [string, object, object][] = [
    ['another body', headers, { ...asked, body: '{"a": "é"}' }],
    ['another path', headers, { ...asked, path: '/orders' }],
    ['another method', headers, { ...asked, method: 'GET' }],
    ['a stale stamp', signed(String(NOW_MS / 1_000 - 11)), asked],
    ['a stamp of the future', signed(String(NOW_MS / 1_000 + 11)), asked],
    ['a stamp in ms', signed(String(NOW_MS)), asked],
    ['no stamp', { ...headers, poly_timestamp: undefined }, asked],
    ['another address', { ...headers, poly_address: `0x${'ac'.repeat(20)}` }, asked],
    ['another key', { ...headers, poly_api_key: known.of(address, 1n).apiKey }, asked],
    ['no passphrase', { ...headers, poly_passphrase: '' }, asked],
    ['no signature', { ...headers, poly_signature: '' }, asked],
  ]
  for (const [what, given, request] of wrong)
    t.equal(known.requestedBy({ ...given }, { ...asked, ...request }), undefined, what)
  known.revoke(known.of(address, 0n))
  t.equal(known.requestedBy(headers, asked), undefined, 'a revoked key')
  t.end()
})

t.test('a wallet proves itself for a key', t => {
  const client = new TestClient('', 9)
  const known = keys()
  const timestamp = String(NOW_MS / 1_000)
  const { address } = client
  const signature = client.sign(authDigest({ address, timestamp, nonce: 2n, chainId: 137 }))
  const headers = {
    ...{
      poly_address: address,
      poly_signature: signature,
      poly_timestamp: timestamp,
      poly_nonce: '2',
    },
  }
  t.same(known.signedFor(headers), known.of(address, 2n))
  const wrong: readonly [string, object][] = [
    ['another wallet', { poly_address: `0x${'11'.repeat(20)}` }],
    ['another nonce', { poly_nonce: '3' }],
    ['another moment', { poly_timestamp: String(NOW_MS / 1_000 - 1) }],
    ['no number', { poly_nonce: '-1' }],
    ['no signature', { poly_signature: '0x' }],
    ['a signature of nobody', { poly_signature: `0x${'00'.repeat(65)}` }],
  ]
  for (const [what, given] of wrong)
    t.equal(known.signedFor({ ...headers, ...given }), undefined, what)
  const stale = String(NOW_MS / 1_000 - 60)
  const old = client.sign(authDigest({ address, timestamp: stale, nonce: 2n, chainId: 137 }))
  t.equal(
    known.signedFor({ ...headers, poly_timestamp: stale, poly_signature: old }),
    undefined,
    'a stale one',
  )
  const amoy = client.sign(authDigest({ address, timestamp, nonce: 2n, chainId: 80_002 }))
  t.equal(known.signedFor({ ...headers, poly_signature: amoy }), undefined, 'another chain')
  t.ok(known.create(known.of(address, 2n)))
  t.notOk(known.create(known.of(address, 2n)), 'once')
  t.end()
})
