import type { Credentials } from '../auth/credentials.js'
import { domainOf } from '../auth/domains.js'
import {
  hexOf,
  orderDigest,
  recovered,
  wrappedSigner,
  type SignedFields,
  type TypedDomain,
} from '../auth/typed-data.js'
import type { TwinMarkets } from '../markets.js'
import { termsOf } from './amounts.js'
import { refusal, type Refused } from './exchange.js'
import type { Ledger } from './ledger.js'
import type { OrderType, TwinOrder } from './order.js'

/** What an order is checked against before it reaches the market. */
export interface IntakeOptions {
  readonly markets: TwinMarkets
  readonly ledger: Ledger
  readonly chainId: number
  readonly nowMs: () => number
}

/** How far ahead a GTD order must end, s (the venue, 2026). */
const GTD_MIN_S = 180
const BAD_FORM = 'Invalid order payload'
const ORDER_TYPES: readonly OrderType[] = ['GTC', 'GTD', 'FOK', 'FAK']

/** A submission whose form is right. */
interface Submitted {
  readonly fields: SignedFields
  readonly signature: string
  readonly side: 'BUY' | 'SELL'
  readonly asset: string
  readonly owner: string
  readonly type: OrderType
  readonly isPostOnly: boolean
  readonly expirationS: number
}

/** The order of a submission: its form, its owner, its signature, its amounts and its end are as the venue wants them. */
export function orderFrom(
  body: unknown,
  owner: Credentials,
  { markets, ledger, chainId, nowMs }: IntakeOptions,
): TwinOrder | Refused {
  const submitted = submittedIn(body)
  if (!submitted) return refusal(BAD_FORM)
  if (submitted.owner !== owner.apiKey)
    return refusal('the order owner has to be the owner of the API KEY')
  const { asset, fields, side, type, isPostOnly, expirationS } = submitted
  const market = markets.byAsset.get(asset)
  const tick = markets.books.get(asset)?.tick
  if (!market || tick === undefined) return refusal('market not found')
  const domain = domainOf(market, chainId)
  const unsigned = wrongSigner(submitted, owner, domain)
  if (unsigned !== undefined) return refusal(unsigned)
  const signatureType = fields.signatureType
  const address = fields.maker.toLowerCase()
  const id = hexOf(orderDigest(domain, fields))
  const amounts = { maker: Number(fields.makerAmount), taker: Number(fields.takerAmount) }
  const terms = termsOf(id, { ...amounts, side, type, tick })
  if (typeof terms === 'string') return refusal(terms)
  const untimely = wrongEnd(submitted, nowMs())
  if (untimely !== undefined) return refusal(untimely)
  const wallet = ledger.open({ address, owner: owner.address, signatureType })
  if (!wallet) return refusal('maker address not allowed, please use the deposit wallet flow')
  return {
    ...{ id, owner, wallet, market, asset, side, type, isPostOnly, expirationS, ...terms },
    outcome: market.assets[0] === asset ? 0 : 1,
    ...{ createdMs: nowMs(), matched: 0, spent: 0, status: 'LIVE', trades: [] },
    ...{ ahead: 0, cut: 0 },
  }
}

/** What is wrong with who signed an order, by the rule of its signature type. */
function wrongSigner(
  { fields, signature }: Submitted,
  { address }: Credentials,
  domain: TypedDomain,
): string | undefined {
  const isWrapped = fields.signatureType === 3
  const [maker, signer] = [fields.maker.toLowerCase(), fields.signer.toLowerCase()]
  if (!isWrapped && signer !== address)
    return 'the order signer address has to be the address of the API KEY'
  if ((isWrapped || fields.signatureType === 0) && maker !== signer)
    return 'maker address not allowed, please use the deposit wallet flow'
  const by = (one: TypedDomain): string | undefined =>
    isWrapped
      ? wrappedSigner(one, fields, signature)
      : recovered(orderDigest(one, fields), signature)
  if (by(domain) === address) return undefined
  const others = [
    { version: 'v1', negRisk: false },
    { version: 'v1', negRisk: true },
    { version: 'v2', negRisk: false },
  ] as const
  const isForAnother = others
    .map(one => domainOf(one, domain.chainId))
    .some(one => one.version !== domain.version && by(one) === address)
  return isForAnother ? 'order_version_mismatch' : 'invalid signature'
}

function wrongEnd({ type, expirationS }: Submitted, nowMs: number): string | undefined {
  const isRight = type === 'GTD' ? expirationS >= nowMs / 1_000 + GTD_MIN_S : expirationS === 0
  return isRight ? undefined : 'invalid expiration'
}

/** Reads a submission; undefined where anything is missing, of another kind, or out of range. */
function submittedIn(body: unknown): Submitted | undefined {
  const { order, owner, orderType, postOnly = false, deferExec = false } = fieldsOf(body)
  const of = fieldsOf(order)
  const { salt, side, signatureType, signature, expiration } = of
  const type = ORDER_TYPES.find(one => one === orderType)
  if (type === undefined || typeof owner !== 'string' || typeof signature !== 'string')
    return undefined
  if (typeof postOnly !== 'boolean' || typeof deferExec !== 'boolean') return undefined
  if (postOnly && type !== 'GTC' && type !== 'GTD') return undefined
  if (typeof salt !== 'number' || !Number.isSafeInteger(salt) || salt < 0) return undefined
  if (side !== 'BUY' && side !== 'SELL') return undefined
  if (typeof signatureType !== 'number' || ![0, 1, 2, 3].includes(signatureType)) return undefined
  const { maker, signer, metadata, builder, tokenId } = of
  if (!isHex(maker, 40) || !isHex(signer, 40) || !isHex(metadata, 64) || !isHex(builder, 64))
    return undefined
  const [made, taken] = [wholeIn(of['makerAmount']), wholeIn(of['takerAmount'])]
  const [token, timestamp, end] = [wholeIn(tokenId), wholeIn(of['timestamp']), wholeIn(expiration)]
  if (!made || !taken || !token || timestamp === undefined || end === undefined) return undefined
  if (made > AMOUNT_MAX || taken > AMOUNT_MAX || end > AMOUNT_MAX) return undefined
  return {
    fields: {
      ...{ salt: BigInt(salt), maker, signer, tokenId: token, side: side === 'BUY' ? 0 : 1 },
      ...{ makerAmount: made, takerAmount: taken, signatureType, timestamp, metadata, builder },
    },
    ...{ signature, side, asset: token.toString(), owner, type },
    ...{ isPostOnly: postOnly, expirationS: Number(end) },
  }
}

/** Most of an amount, 1e-6: a product with a price stays exact. */
const AMOUNT_MAX = 900_000_000_000n

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

const isHex = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${digits}}$`).test(value)

/** A whole number of a text of digits, up to 256 bits. */
function wholeIn(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^\d{1,78}$/.test(value)) return undefined
  const whole = BigInt(value)
  return whole < 2n ** 256n ? whole : undefined
}
