import type { TwinMarket } from '../markets.js'
import { DOLLAR, worthDown, worthUp } from './money.js'
import type { TwinOrder } from './order.js'

/** What an address holds at the twin. Owned by the ledger and changed in place. */
export interface Wallet {
  /** 0x and 40 lower-case hex digits. */
  readonly address: string
  /** Address of the EOA that trades for it. */
  readonly owner: string
  /** 0 EOA, 1 proxy, 2 Safe, 3 deposit wallet. */
  readonly signatureType: number
  /** Collateral, 1e-6 dollar. Below 0 only where a fill was void whose proceeds were spent. */
  cash: number
  /** 1e-6 share by token. */
  readonly shares: Map<string, number>
  /** Whether the exchange may move what it holds. */
  isApproved: boolean
  readonly open: Set<TwinOrder>
}

/** One movement of a trade: what a wallet gets (above 0) or gives. */
export interface Move {
  readonly wallet: Wallet
  /** 1e-6 dollar. */
  readonly cash: number
  readonly asset?: string
  /** 1e-6 share. */
  readonly shares?: number
}

/** Who holds what. The simulated market trades out of a wallet of its own, without limit; fees go to another. */
export class Ledger {
  readonly wallets = new Map<string, Wallet>()
  /** Everybody in the simulated market. */
  readonly others: Wallet
  /** Fees, and what a conversion or a payout leaves over. */
  readonly house: Wallet
  readonly #startCash: number
  readonly #markets: ReadonlyMap<string, TwinMarket>

  /** `startCash`: what each wallet begins with, 1e-6 dollar. `marketOf`: markets by token. */
  constructor(startCash: number, marketOf: ReadonlyMap<string, TwinMarket>) {
    this.#startCash = startCash
    this.#markets = marketOf
    this.others = emptyWallet({ address: OTHERS, owner: OTHERS, signatureType: 0 }, 0)
    this.house = emptyWallet({ address: HOUSE, owner: HOUSE, signatureType: 0 }, 0)
  }

  /** What a wallet begins with, 1e-6 dollar. */
  get startCash(): number {
    return this.#startCash
  }

  /** The wallet of this kind that an EOA trades for. Undefined until one is used or told. */
  walletOf(owner: string, signatureType: number): Wallet | undefined {
    for (const wallet of this.wallets.values())
      if (wallet.owner === owner && wallet.signatureType === signatureType) return wallet
    return undefined
  }

  /** The wallet at an address, opened at its first use; undefined where it is another's or of another kind. */
  open(of: Pick<Wallet, 'address' | 'owner' | 'signatureType'>): Wallet | undefined {
    const known = this.wallets.get(of.address)
    if (known)
      return known.owner === of.owner && known.signatureType === of.signatureType
        ? known
        : undefined
    if (of.signatureType === 0 && of.address !== of.owner) return undefined
    const wallet = emptyWallet(of, this.#startCash)
    this.wallets.set(of.address, wallet)
    return wallet
  }

  /** Lets a trade's movements happen, or takes them back. */
  move(moves: readonly Move[], isBack = false): void {
    const sign = isBack ? -1 : 1
    this.#evenly(() => {
      for (const { wallet, cash, asset, shares } of moves) {
        wallet.cash += sign * cash
        if (asset !== undefined && shares !== undefined) this.#give(wallet, asset, sign * shares)
      }
    })
  }

  /** Shares that can be sold or converted: what no open order has for sale, 1e-6 share. */
  freeShares(wallet: Wallet, asset: string): number {
    let reserved = 0
    for (const order of wallet.open)
      if (order.side === 'SELL' && order.asset === asset) reserved += order.size - order.matched
    return (wallet.shares.get(asset) ?? 0) - reserved
  }

  /** Collateral that no open order bids with, 1e-6 dollar. */
  freeCash(wallet: Wallet): number {
    let reserved = 0
    for (const order of wallet.open)
      if (order.side === 'BUY') reserved += worthUp(order.price, order.size - order.matched)
    return wallet.cash - reserved
  }

  /** Pays out a decided market: every share becomes its payout. */
  payOut(market: TwinMarket): void {
    this.#evenly(() => {
      for (const wallet of [this.others, this.house, ...this.wallets.values()])
        for (const asset of market.assets) {
          const shares = wallet.shares.get(asset) ?? 0
          wallet.shares.delete(asset)
          this.#give(wallet, asset, shares)
        }
    })
  }

  /** 1e-10 dollar that payouts are short of what is due, while `#evenly` runs. */
  #short = 0n

  /** What payouts of half a dollar leave over of a millionth goes to the house, so that no cash is lost or made. */
  #evenly(moves: () => void): void {
    this.#short = 0n
    moves()
    this.house.cash += Number(this.#short / BigInt(DOLLAR))
  }

  /** Gives shares; what they pay, rounded down, where their market is decided. */
  #give(wallet: Wallet, asset: string, shares: number): void {
    const market = this.#markets.get(asset)
    const payout = market?.payouts?.[market.assets.indexOf(asset)]
    if (payout === undefined) {
      const left = (wallet.shares.get(asset) ?? 0) + shares
      if (left === 0) wallet.shares.delete(asset)
      else wallet.shares.set(asset, left)
      return
    }
    const paid = shares >= 0 ? worthDown(payout, shares) : -worthUp(payout, -shares)
    wallet.cash += paid
    this.#short += BigInt(payout) * BigInt(shares) - BigInt(paid) * BigInt(DOLLAR)
  }
}

/** Address of everybody in the simulated market. */
export const OTHERS = '0x0000000000000000000000000000000000000077'
const HOUSE = '0x00000000000000000000000000000000000000fe'

function emptyWallet(
  of: Pick<Wallet, 'address' | 'owner' | 'signatureType'>,
  cash: number,
): Wallet {
  return { ...of, cash, shares: new Map(), isApproved: true, open: new Set() }
}
