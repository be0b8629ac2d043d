import assert from 'node:assert'
import { createHmac } from 'node:crypto'
import { accountOf, type Account } from '#engine/gateways/polymarket/sign/account.js'
import { l2HeadersOf } from '#engine/gateways/polymarket/sign/auth.js'
import { credentialsOf, type Credentials } from '#engine/gateways/polymarket/sign/credentials.js'
import { exchangeOf, type Exchange } from '#engine/gateways/polymarket/sign/exchange.js'
import type { SignerApi } from '#engine/gateways/polymarket/sign/native-signer.js'
import { NOTHING, type OrderFields } from '#engine/gateways/polymarket/sign/order.js'
import { bodyOf, type Submission } from '#engine/gateways/polymarket/sign/order-body.js'
import type { OrderSigner } from '#engine/gateways/polymarket/sign/order-signer.js'
import { isRefused, type Refused } from '#engine/gateways/polymarket/sign/refused.js'
import { Secret } from '#engine/gateways/polymarket/sign/secret.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import { loadAddon } from '#engine/native/addon.js'
import { clientBody, venueClient, viemAccount, viemHash } from './contenders/venue-client.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'

/** A key for benches. It is public: never fund it. */
const KEY = '00000000000000000000000000000000000000706f6c617269732062656e6368'
const WALLET = '0xC95879FFf9250A359dAD1A8f0BC6239Ca7a81841'
const API = { apiKey: '0c3f3c2e-0000-4000-8000-00000000abcd', passphrase: 'passphrase' }
const API_SECRET = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
const TIME_S = 1_796_000_000
/** Tokens of one round: a run trades some hundreds. */
const TOKENS = 100

/** What does one order cost from its fields to a request that can be sent? */
export const bench: Bench = {
  name: 'sign',
  question: 'What does a signed order cost: its id, signature, body and headers?',
  events: 200,
  samples: 31,
  dominates: 'The multiplication on the curve: eight tenths natively, nearly all in JavaScript.',
  run: async ({ events, samples }, call) => {
    const addon = loadAddon()
    const api = typeof addon === 'string' ? undefined : addon
    const contenders: Contender[] = []
    for (const type of [0, 3] as const) contenders.push(...(await entrants(type, events, api)))
    return {
      contenders: await race(contenders, { samples, progress: call.progress }),
      facts: { native: typeof addon === 'string' ? addon : 'yes', orders: events },
    }
  },
}

async function entrants(
  type: 0 | 3,
  count: number,
  api: SignerApi | undefined,
): Promise<Contender[]> {
  const funder = type === 0 ? owner() : WALLET
  const account = fits(accountOf({ chainId: 137, type, owner: owner(), funder }))
  const exchange = fits(exchangeOf({ chainId: 137, version: 'v1', isNegRisk: false }))
  const orders = Array.from({ length: count }, (_, n) => orderOf(n, account))
  const group = type === 0 ? 'account' : 'deposit wallet'
  const ours = (name: string, native: SignerApi | undefined): Contender & Signs => {
    const signer = signerOf(Uint8Array.from(Buffer.from(KEY, 'hex')), native)
    const mac = credentials(native)
    const sign = (fields: OrderFields) => request(signer, mac, account, exchange, fields)
    const run = (): void => {
      for (const fields of orders) sign(fields)
    }
    return { name, group, ops: count, run, sign: async fields => sign(fields) }
  }
  const signers = [...(api ? [ours('Rust', api)] : []), ours('TypeScript', undefined)]
  if (type === 0) signers.push(viem(orders, exchange, group))
  for (const fields of orders.slice(0, 3)) {
    const [first, ...others] = await Promise.all(signers.map(({ sign }) => sign(fields)))
    for (const other of others) assert.deepEqual(other, first, 'the same request')
  }
  return [...signers, await client(type, orders, { group, account, exchange })]
}

/** A signer that can be compared with others. */
interface Signs {
  readonly sign: (fields: OrderFields) => Promise<Request>
}

/** What is sent, and the id that is logged before. */
interface Request {
  readonly hash: string
  readonly body: string
  readonly code: string
}

function request(
  signer: OrderSigner,
  credentials: Credentials,
  account: Account,
  exchange: Exchange,
  fields: OrderFields,
): Request {
  const { hash, signature } = signer.signOrder(exchange, account, fields)
  const body = bodyOf({ fields, signature, ...WORKED })
  const headers = l2HeadersOf(credentials, {
    ...{ method: 'POST', path: '/order', body, timestampS: TIME_S },
  })
  return { hash, body, code: headers['POLY_SIGNATURE'] ?? '' }
}

const WORKED: Omit<Submission, 'fields' | 'signature'> = {
  owner: API.apiKey,
  orderType: 'GTC',
  isPostOnly: true,
  isDeferred: false,
  expirationS: 0,
}

/** As one writes it with viem: the typed data signed and hashed, the body by `JSON.stringify`, the code by `node:crypto`. */
function viem(
  orders: readonly OrderFields[],
  exchange: Exchange,
  group: string,
): Contender & Signs {
  const account = viemAccount(KEY)
  const sign = async (fields: OrderFields): Promise<Request> => {
    const { side, type, timestampMs, ...same } = fields
    const domain = {
      ...{ name: 'Polymarket CTF Exchange', version: exchange.version, chainId: 137 },
      verifyingContract: exchange.contract,
    }
    const message = { ...same, side, signatureType: type, timestamp: timestampMs }
    const typed = { domain, types: { Order: ORDER }, primaryType: 'Order', message }
    const signature = await account.signTypedData(typed)
    const body = JSON.stringify({
      ...{ deferExec: false, postOnly: true },
      order: {
        ...{ salt: fields.salt, maker: fields.maker, signer: fields.signer },
        ...{ tokenId: fields.tokenId, makerAmount: String(fields.makerAmount) },
        ...{ takerAmount: String(fields.takerAmount), side: side === 0 ? 'BUY' : 'SELL' },
        ...{ signatureType: type, timestamp: String(timestampMs), expiration: '0' },
        ...{ metadata: fields.metadata, builder: fields.builder, signature },
      },
      ...{ owner: API.apiKey, orderType: 'GTC' },
    })
    const mac = createHmac('sha256', Buffer.from(API_SECRET, 'base64'))
    const code = mac.update(`${TIME_S}POST/order${body}`).digest('base64')
    const hash = viemHash(typed)
    return { hash, body, code: code.replaceAll('+', '-').replaceAll('/', '_') }
  }
  const run = async (): Promise<void> => {
    for (const fields of orders) await sign(fields)
  }
  return { name: 'viem', group, ops: orders.length, run, sign }
}

/** The venue's own client as a reader of its manual uses it. It makes its own salt and time, so its requests differ from ours. */
async function client(
  type: 0 | 3,
  orders: readonly OrderFields[],
  of: { readonly group: string; readonly account: Account; readonly exchange: Exchange },
): Promise<Contender> {
  const client = venueClient({ key: KEY, chainId: 137, type, funder: of.account.maker })
  const credentials = { key: API.apiKey, secret: API_SECRET, passphrase: API.passphrase }
  const sign = async ({ tokenId, makerAmount, takerAmount, side }: OrderFields) => {
    const [money, shares] = side === 0 ? [makerAmount, takerAmount] : [takerAmount, makerAmount]
    const order = await client.sign({
      ...{ tokenID: tokenId, price: money / shares, amount: shares / 1e6, isBuy: side === 0 },
      ...{ isMarket: false, tickSize: '0.01', isNegRisk: false, version: 2 },
    })
    const body = clientBody(order, API.apiKey, 'GTC', true)
    const request = { method: 'POST', requestPath: '/order', body }
    return { order, body, headers: await client.headers(credentials, request, TIME_S) }
  }
  const run = async (): Promise<void> => {
    for (const fields of orders) await sign(fields)
  }
  await agree(of, orders[0]!, await sign(orders[0]!))
  const name = '@polymarket/clob-client-v2'
  return { name, group: of.group, ops: orders.length, run }
}

/** The client's own order, signed again by the reference: the same amounts, signature, body and code. */
async function agree(
  of: { readonly account: Account; readonly exchange: Exchange },
  asked: OrderFields,
  made: {
    readonly order: Awaited<ReturnType<ReturnType<typeof venueClient>['sign']>>
    readonly body: string
    readonly headers: Readonly<Record<string, string>>
  },
): Promise<void> {
  const { order, body, headers } = made
  const fields = { ...asked, salt: Number(order.salt), timestampMs: Number(order.timestamp) }
  const signer = signerOf(Uint8Array.from(Buffer.from(KEY, 'hex')))
  const again = request(signer, credentials(undefined), of.account, of.exchange, fields)
  assert.equal(again.body, body, 'the same body')
  assert.equal(again.code, headers['POLY_SIGNATURE'], 'the same code')
}

const ORDER = [
  ...['salt', 'maker', 'signer', 'tokenId', 'makerAmount', 'takerAmount', 'side', 'signatureType'],
  ...['timestamp', 'metadata', 'builder'],
].map(name => ({ name, type: typeOf(name) }))

function typeOf(name: string): string {
  if (name === 'maker' || name === 'signer') return 'address'
  if (name === 'side' || name === 'signatureType') return 'uint8'
  return name === 'metadata' || name === 'builder' ? 'bytes32' : 'uint256'
}

/** Orders at two decimals, each other than the one before it. */
function orderOf(n: number, { maker, signer, type }: Account): OrderFields {
  const tokenId = (7n ** 88n + BigInt(n % TOKENS)).toString()
  const [shares, cents] = [10 + n, 1 + ((n * 37) % 99)]
  const [money, size] = [shares * cents * 10_000, shares * 1_000_000]
  const side = n % 2 === 0 ? 0 : 1
  const [makerAmount, takerAmount] = side === 0 ? [money, size] : [size, money]
  const salt = 1_000_000_007 * (n + 1)
  const timestampMs = TIME_S * 1_000 + n
  const nothing = { metadata: NOTHING, builder: NOTHING }
  return {
    salt,
    maker,
    signer,
    tokenId,
    makerAmount,
    takerAmount,
    side,
    type,
    timestampMs,
    ...nothing,
  }
}

function credentials(native: SignerApi | undefined): Credentials {
  const own = { address: owner(), apiKey: API.apiKey, secret: new Secret(API_SECRET) }
  return fits(credentialsOf({ ...own, passphrase: new Secret(API.passphrase) }, native))
}

const owner = (): string => signerOf(Uint8Array.from(Buffer.from(KEY, 'hex'))).address

function fits<T extends object>(answer: T | Refused): T {
  assert(!isRefused(answer), 'Invariant: a bench asks for what there is')
  return answer
}
