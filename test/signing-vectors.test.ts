import t from 'tap'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hexToBytes } from '@noble/hashes/utils.js'
import type { TimeInForce } from '#schemas/reasons.js'
import {
  accountOf,
  type Account,
  type SignatureType,
} from '#engine/gateways/polymarket/sign/account.js'
import { addressOf, addressOfPublicKey } from '#engine/gateways/polymarket/sign/address.js'
import { l1HeadersOf, l2HeadersOf } from '#engine/gateways/polymarket/sign/auth.js'
import { credentialsOf, type Credentials } from '#engine/gateways/polymarket/sign/credentials.js'
import { exchangeOf, type Exchange } from '#engine/gateways/polymarket/sign/exchange.js'
import type { OrderFields } from '#engine/gateways/polymarket/sign/order.js'
import { bodyOf } from '#engine/gateways/polymarket/sign/order-body.js'
import { Secret } from '#engine/gateways/polymarket/sign/secret.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import { fits, sample, samplesMissing, signingApis } from './helpers/signing.js'

const skip = samplesMissing()
const apis = signingApis()

/** What the sample files hold: whatever the fields say they are, in the tests that read them. */
type Row = Readonly<Record<string, string | number>>

interface Signing {
  readonly privateKey: string
  readonly address: string
  readonly orders: readonly {
    readonly label: string
    readonly domain: {
      readonly version: string
      readonly chainId: number
      readonly verifyingContract: string
    }
    readonly message: Readonly<Record<string, string>>
    readonly orderHash: string
    readonly signature: string
  }[]
  readonly clobAuth: readonly {
    chainId: number
    timestamp: string
    nonce: number
    signature: string
  }[]
  readonly hmac: readonly Mac[]
  readonly builderHmac: readonly Mac[]
}

interface Mac {
  readonly secret: string
  readonly timestamp: number
  readonly method: string
  readonly requestPath: string
  readonly body?: string
  readonly signature?: string
  readonly expected?: string
}

/** The order of a typed-data message, or of a body. */
function fieldsOf(message: Readonly<Record<string, string | number>>): OrderFields {
  const text = (name: string): string => String(message[name])
  return {
    salt: Number(message['salt']),
    maker: addressOf(text('maker')) ?? '',
    signer: addressOf(text('signer')) ?? '',
    tokenId: text('tokenId'),
    makerAmount: Number(message['makerAmount']),
    takerAmount: Number(message['takerAmount']),
    side: ['0', 'BUY'].includes(text('side')) ? 0 : 1,
    type: Number(message['signatureType']) as SignatureType,
    timestampMs: Number(message['timestamp']),
    metadata: text('metadata'),
    builder: text('builder'),
  }
}

function accountFor({ maker, type }: OrderFields, owner: string, chainId: number): Account {
  return fits(accountOf({ chainId, type, owner, ...(type === 0 ? {} : { funder: maker }) }))
}

const exchange = (version: string, isNegRisk: boolean, chainId = 137): Exchange =>
  fits(exchangeOf({ chainId, version, isNegRisk }))

const signing = (): Signing => sample<Signing>('vectors/signing.json')
const keyOf = (): Uint8Array => hexToBytes(signing().privateKey.slice(2))

for (const [backend, api] of apis)
  t.test(`the vectors of signing, ${backend}`, { skip }, async t => {
    const { orders, address, clobAuth, hmac, builderHmac } = signing()
    const signer = signerOf(keyOf(), api)
    t.equal(signer.address, address)
    // Orders of version 1 are no longer taken by the venue, and not made here.
    const known = orders.filter(({ domain }) => domain.version !== '1')
    t.ok(known.length >= 4)
    for (const { label, domain, message, orderHash, signature } of known) {
      const of = fits(
        exchangeOf({
          chainId: domain.chainId,
          version: domain.version === '2' ? 'v1' : 'v2',
          isNegRisk: label.includes('NegRisk'),
        }),
      )
      t.same(of, { version: domain.version, contract: domain.verifyingContract }, label)
      const fields = fieldsOf(message)
      const account = accountFor(fields, address, domain.chainId)
      const signed = signer.signOrder(of, account, fields)
      t.equal(signed.hash, orderHash, label)
      t.equal(signed.signature, signature, label)
    }
    for (const { chainId, timestamp, nonce, signature } of clobAuth) {
      const headers = l1HeadersOf(signer, { chainId, timestampS: Number(timestamp), nonce })
      t.match(headers, { POLY_ADDRESS: address, POLY_SIGNATURE: signature })
    }
    for (const of of [...hmac, ...builderHmac]) {
      const { timestamp: timestampS, method, requestPath: path, body = '' } = of
      const headers = l2HeadersOf(credentials(of.secret), { timestampS, method, path, body })
      t.equal(headers['POLY_SIGNATURE'], of.signature ?? of.expected, path)
    }

    function credentials(secret: string): Credentials {
      const of = { address, apiKey: 'key', passphrase: new Secret('pass') }
      return fits(credentialsOf({ ...of, secret: new Secret(secret) }, api))
    }
  })

for (const [backend, api] of apis)
  t.test(`orders that the venue's client signed, ${backend}`, { skip }, async t => {
    interface Signed {
      readonly negRisk: boolean
      readonly sigType: number
      readonly order: Row
      readonly recomputedOrderHash: string
    }
    const rows = sample<readonly Signed[]>('vectors/sdk_signed_orders_v2.json')
    t.ok(new Set(rows.map(row => row.sigType)).size >= 3)
    const signer = signerOf(keyOf(), api)
    for (const { negRisk, order, recomputedOrderHash } of rows) {
      const fields = fieldsOf(order)
      const account = accountFor(fields, signer.address, 137)
      const signed = signer.signOrder(exchange('v1', negRisk), account, fields)
      t.equal(signed.hash, recomputedOrderHash)
      t.equal(signed.signature, order['signature'])
    }
  })

t.test('the envelope of a deposit wallet', { skip }, async t => {
  interface Envelope {
    readonly deposit_wallet: string
    readonly signer_address: string
    readonly exchange: string
    readonly envelope_digest: string
    readonly app_domain_separator: string
    readonly contents_hash: string
    readonly inner_signature: string
  }
  const { digestOf, exchangeDomain, walletSignature, walletStruct } =
    await import('#engine/gateways/polymarket/sign/typed-data.js')
  const { hexOf } = await import('#engine/gateways/polymarket/sign/bytes.js')
  const { v2_exchange: of } = sample<{ v2_exchange: Envelope }>('vectors/poly1271_envelope.json')
  const domain = exchangeDomain(exchange('v1', false), 137)
  t.equal(hexOf(domain), of.app_domain_separator)
  const contents = hexToBytes(of.contents_hash.slice(2))
  const digest = digestOf(domain, walletStruct(contents, of.deposit_wallet, 137))
  t.equal(hexOf(digest), of.envelope_digest)
  const inner = hexToBytes(of.inner_signature.slice(2))
  const key = secp256k1.Signature.fromBytes(inner.subarray(0, 64), 'compact')
    .addRecoveryBit(inner[64]! - 27)
    .recoverPublicKey(digest)
  t.equal(addressOfPublicKey(key.toBytes(false)), of.signer_address)
  const wrapped = walletSignature(inner, domain, contents)
  t.equal(wrapped.length, 317)
  t.equal(hexOf(wrapped.subarray(-2)), '0x00ba')
})

for (const [backend, api] of apis)
  t.test(`every request of the venue's client, ${backend}`, { skip }, async t => {
    interface Request {
      readonly method: string
      readonly url: string
      readonly call: string
      readonly body: string
      readonly headers: Readonly<Record<string, string>>
    }
    const requests = sample<readonly Request[]>('orders/sdk_requests_clob-client-v2_1.1.0.json')
    const signer = signerOf(keyOf(), api)
    let [privately, orders] = [0, 0]
    for (const { method, url, call, body, headers } of requests) {
      const [path = ''] = url.split('?')
      const of = (name: string): string => headers[name.toLowerCase()] ?? ''
      if (of('POLY_ADDRESS') === '') continue // a public request
      if (of('POLY_API_KEY') === '') {
        const timestampS = Number(of('POLY_TIMESTAMP'))
        const made = l1HeadersOf(signer, {
          chainId: 137,
          timestampS,
          nonce: Number(of('POLY_NONCE')),
        })
        for (const [name, value] of Object.entries(made))
          t.equal(value, of(name), `${call}: ${name}`)
        continue
      }
      const own = credentialsFor(of('POLY_API_KEY'), of('POLY_PASSPHRASE'))
      const request = { method, path, body, timestampS: Number(of('POLY_TIMESTAMP')) }
      for (const [name, value] of Object.entries(l2HeadersOf(own, request)))
        t.equal(value, of(name), `${call}: ${name}`)
      privately++
      if (!body.includes('"order":{')) continue
      orders += signAgain(body, call)
    }
    t.ok(privately >= 10 && orders >= 3, `${privately} requests, ${orders} orders`)

    function credentialsFor(apiKey: string, passphrase: string): Credentials {
      const secret = new Secret('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')
      const of = { address: signer.address, apiKey, secret, passphrase: new Secret(passphrase) }
      return fits(credentialsOf(of, api))
    }

    /** Signs the orders of a body again, writes it, and compares the bytes. */
    function signAgain(body: string, call: string): number {
      interface Sent {
        readonly order: Row
        readonly owner: string
        readonly orderType: TimeInForce
        readonly postOnly: boolean
        readonly deferExec: boolean
      }
      const parsed = JSON.parse(body) as Sent | readonly Sent[]
      const list: readonly Sent[] = Array.isArray(parsed) ? parsed : [parsed as Sent]
      const texts = list.map(({ order, owner, orderType, postOnly, deferExec }) => {
        const fields = fieldsOf(order)
        const account = accountFor(fields, signer.address, 137)
        const signed = [false, true].map(isNegRisk =>
          signer.signOrder(exchange('v1', isNegRisk), account, fields),
        )
        // Which exchange an order is for stands in no body.
        const own = signed.find(({ signature }) => signature === order['signature'])
        t.ok(own, `${call}: signed alike`)
        return bodyOf({
          ...{ fields, signature: own?.signature ?? '', owner, orderType },
          ...{ isPostOnly: postOnly, isDeferred: deferExec },
          expirationS: Number(order['expiration']),
        })
      })
      const text = Array.isArray(parsed) ? `[${texts.join(',')}]` : (texts[0] ?? '')
      t.equal(text, body, `${call}: the same bytes`)
      return texts.length
    }
  })
