import type { Refused } from './refused.js'

/** An exchange contract as the signed domain names it. */
export interface Exchange {
  /** `version` of the EIP-712 domain, which is the version of the order. */
  readonly version: '2' | '3'
  readonly contract: string
}

const EXCHANGE_V2 = '0xE111180000d2663C0091e4f400237545B87B996B'
const NEG_RISK_EXCHANGE_V2 = '0xe2222d279d744050d28e00520010520000310F59'

/** Exchange of protocol-v2 markets, a chain. Source of all addresses: `@polymarket/clob-client-v2` 1.1.0 (2026-11-29). */
const EXCHANGE_V3: Readonly<Record<number, string>> = {
  137: '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa',
  80002: '0x9fE6e61422AdB6F610d8597F9684b16912D50C3D',
}

/**
 * Where an order of a market goes. A v1 market trades on one of two contracts of order version 2, a v2 market on ExchangeV3 whether
 * it is of negative risk or not. Any other protocol version or chain is refused: such a market is not traded.
 */
export function exchangeOf(market: {
  readonly chainId: number
  /** The market's protocol version, as the venue says it. */
  readonly version: string
  readonly isNegRisk: boolean
}): Exchange | Refused {
  const { chainId, version, isNegRisk } = market
  const v3 = EXCHANGE_V3[chainId]
  if (v3 === undefined)
    return { refused: `no exchange is known on chain ${chainId}; expected 137 or 80002` }
  if (version === 'v1')
    return { version: '2', contract: isNegRisk ? NEG_RISK_EXCHANGE_V2 : EXCHANGE_V2 }
  if (version === 'v2') return { version: '3', contract: v3 }
  return {
    refused: `protocol version '${version.slice(0, 40)}' of the market is unknown; expected v1 or v2, and nothing else is traded`,
  }
}
