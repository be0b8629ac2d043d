import type { TwinMarket } from '../markets.js'
import type { Ledger, Move, Wallet } from './ledger.js'

/** What a wallet wants to be other positions: so much of each, 1e-6 share. */
export interface Conversion {
  readonly wallet: Wallet
  readonly size: number
}

const SHORT = 'not enough balance / allowance: what is free does not cover it'

/** Collateral becomes one share of each outcome; why not otherwise. */
export function split(ledger: Ledger, market: TwinMarket, of: Conversion): string | undefined {
  const { wallet, size } = of
  if (market.isClosed) return 'the market is decided'
  if (ledger.freeCash(wallet) < size) return SHORT
  ledger.move([{ wallet, cash: -size }, ...market.assets.map(asset => given(of, asset, size))])
  return undefined
}

/** One share of each outcome becomes collateral; why not otherwise. */
export function merge(ledger: Ledger, market: TwinMarket, of: Conversion): string | undefined {
  const { wallet, size } = of
  if (market.isClosed) return 'the market is decided'
  if (market.assets.some(asset => ledger.freeShares(wallet, asset) < size)) return SHORT
  ledger.move([{ wallet, cash: size }, ...market.assets.map(asset => given(of, asset, -size))])
  return undefined
}

/**
 * In an event of which exactly one question resolves YES: NO of m of its n questions becomes (m − 1) of collateral and YES of
 * the other n − m; why not otherwise.
 */
export function convert(
  ledger: Ledger,
  { chosen, all }: { chosen: readonly TwinMarket[]; all: readonly TwinMarket[] },
  of: Conversion,
): string | undefined {
  const { wallet, size } = of
  const others = all.filter(one => !chosen.includes(one))
  if (all.length < 2 || all.some(one => !one.negRisk)) return 'the event is not of negative risk'
  if (chosen.length === 0 || chosen.some(one => !all.includes(one)))
    return 'the questions are not of one event'
  if (all.some(one => one.isClosed)) return 'the market is decided'
  if (chosen.some(({ assets }) => ledger.freeShares(wallet, assets[1] ?? '') < size)) return SHORT
  ledger.move([
    { wallet, cash: (chosen.length - 1) * size },
    ...chosen.map(({ assets }) => given(of, assets[1], -size)),
    ...others.map(({ assets }) => given(of, assets[0], size)),
  ])
  return undefined
}

const given = ({ wallet }: Conversion, asset: string | undefined, shares: number): Move => ({
  ...{ wallet, cash: 0, asset: asset ?? '', shares },
})
