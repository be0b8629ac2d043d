import type { TypedDomain } from './typed-data.js'

/** Name of the domain of every order, whatever its version. */
const NAME = 'Polymarket CTF Exchange'
/** Exchange contracts of CLOB order version 2, on Polygon and Amoy alike (the venue, 2026). */
const EXCHANGE_V2 = '0xE111180000d2663C0091e4f400237545B87B996B'
const NEG_RISK_EXCHANGE_V2 = '0xe2222d279d744050d28e00520010520000310F59'
/** ExchangeV3, by chain (the venue, 2026). */
const EXCHANGE_V3 = '0xe3333700cA9d93003F00f0F71f8515005F6c00Aa'
const EXCHANGE_V3_AMOY = '0x9fE6e61422AdB6F610d8597F9684b16912D50C3D'
const NEG_RISK_ADAPTER = '0xd91E80cF2E7be2e162c6513ceD06f1dD0dA35296'
const AMOY = 80_002

/** What decides which contract an order is signed for. */
export interface Signable {
  readonly version: 'v1' | 'v2'
  readonly negRisk: boolean
}

/** The domain of an order of a market, on a chain. */
export function domainOf({ version, negRisk }: Signable, chainId: number): TypedDomain {
  if (version === 'v2') {
    const verifyingContract = chainId === AMOY ? EXCHANGE_V3_AMOY : EXCHANGE_V3
    return { name: NAME, version: '3', chainId, verifyingContract }
  }
  const verifyingContract = negRisk ? NEG_RISK_EXCHANGE_V2 : EXCHANGE_V2
  return { name: NAME, version: '2', chainId, verifyingContract }
}

/** Who may be allowed to move what a wallet holds: the spenders of `/balance-allowance`. */
export const spendersOf = (chainId: number): readonly string[] => [
  EXCHANGE_V2,
  NEG_RISK_EXCHANGE_V2,
  NEG_RISK_ADAPTER,
  chainId === AMOY ? EXCHANGE_V3_AMOY : EXCHANGE_V3,
]
