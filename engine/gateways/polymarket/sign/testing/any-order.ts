import { createHash } from 'node:crypto'
import type { SignatureType } from '../account.js'
import { exchangeOf } from '../exchange.js'
import type { OrderFields } from '../order.js'
import { isRefused } from '../refused.js'
import { testAccount, type Vector } from './vectors.js'

const TYPES: readonly SignatureType[] = [0, 1, 2, 3]

/** Any order that can be signed, of a seed: small and largest numbers more often than chance has them. */
export function anyOrder(seed: number): Pick<Vector, 'exchange' | 'account' | 'fields'> {
  let draws = 0
  const below = (n: number): number => {
    const bytes = createHash('sha256').update(`${seed} ${draws++}`).digest()
    return Number(bytes.readBigUInt64BE() % BigInt(n))
  }
  const type = TYPES[below(4)]!
  const chainId = below(2) === 0 ? 137 : 80002
  const version = below(2) === 0 ? 'v1' : 'v2'
  const exchange = exchangeOf({ chainId, version, isNegRisk: below(2) === 0 })
  if (isRefused(exchange)) throw new Error(exchange.refused)
  const account = testAccount(type, chainId)
  const hex = (): string => Array.from({ length: 64 }, () => below(16).toString(16)).join('')
  const number = (): number => {
    const kind = below(4)
    if (kind === 0) return below(3)
    return kind === 1 ? Number.MAX_SAFE_INTEGER - below(3) : below(Number.MAX_SAFE_INTEGER)
  }
  const { maker, signer } = account
  const fields: OrderFields = {
    ...{ salt: number(), maker, signer, type, timestampMs: number() },
    ...{ tokenId: (BigInt(`0x${hex()}`) >> BigInt(below(256))).toString() },
    ...{ makerAmount: number(), takerAmount: number(), side: below(2) === 0 ? 0 : 1 },
    ...{ metadata: `0x${hex()}`, builder: `0x${hex()}` },
  }
  return { exchange, account, fields }
}
