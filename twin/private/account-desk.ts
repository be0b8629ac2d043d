import { cursorPage, failure, said, type Answer, type Asked } from '../answer.js'
import type { Credentials } from '../auth/credentials.js'
import { spendersOf } from '../auth/domains.js'
import type { Exchange } from '../exchange/exchange.js'
import type { TwinOrder } from '../exchange/order.js'
import type { Faults } from '../faults.js'
import type { ExchangeTrade } from '../exchange/trade.js'
import { orderAnswer, partiesOf, tradeAnswer } from '../exchange/views.js'

/** The largest allowance there is: 2^256 − 1. */
const UNLIMITED = (2n ** 256n - 1n).toString()

/** What an account may ask about itself: balances, orders, trades. */
export class AccountDesk {
  readonly #exchange: Exchange
  readonly #spenders: readonly string[]

  readonly #faults: Faults

  constructor(of: { exchange: Exchange; faults: Faults; chainId: number }) {
    this.#exchange = of.exchange
    this.#faults = of.faults
    this.#spenders = spendersOf(of.chainId)
  }

  /** Answers `GET /balance-allowance`. A wallet that was never used has what it will begin with. */
  balance({ address: owner }: Credentials, { query }: Asked): Answer {
    const type = query.get('asset_type')
    const signatureType = Number(query.get('signature_type') ?? '0')
    const token = query.get('token_id') ?? ''
    if (type !== 'COLLATERAL' && type !== 'CONDITIONAL' && type !== 'CONDITIONAL-V2')
      return failure(400, 'invalid asset type')
    if (type !== 'COLLATERAL' && token === '') return failure(400, 'invalid token id')
    const { ledger } = this.#exchange
    const wallet =
      signatureType === 0
        ? ledger.open({ address: owner, owner, signatureType })
        : ledger.walletOf(owner, signatureType)
    const held =
      type === 'COLLATERAL' ? (wallet?.cash ?? ledger.startCash) : (wallet?.shares.get(token) ?? 0)
    const isRevoked = wallet?.isApproved === false || this.#faults.isOn('no-allowance')
    const allowance = isRevoked ? '0' : UNLIMITED
    const allowances = Object.fromEntries(this.#spenders.map(one => [one, allowance]))
    return said({ balance: String(Math.max(0, held)), allowances })
  }

  /** Answers `GET /data/order/{id}`, whatever became of it. */
  order({ address }: Credentials, id: string): Answer {
    const order = this.#exchange.orders.get(id)
    if (order?.owner.address !== address) return failure(404, 'order not found')
    // In 2025 and 2026 the venue answered so for orders that were closed.
    if (this.#faults.isOn('hide-closed-orders') && order.status !== 'LIVE') return said(null)
    return said(orderAnswer(order))
  }

  /** Answers `GET /data/orders`: what is open, or the order of an id in any state. */
  orders({ address }: Credentials, { query }: Asked): Answer {
    const [id, market] = [query.get('id'), query.get('market')]
    const asset = query.get('asset_id')
    const named = id === null ? undefined : this.#exchange.orders.get(id)
    const all =
      id === null ? this.#exchange.open(address) : named?.owner.address === address ? [named] : []
    const isMeant = (one: TwinOrder): boolean =>
      (market === null || one.market.conditionId === market) &&
      (asset === null || one.asset === asset)
    return paged(all.filter(isMeant).map(orderAnswer), query)
  }

  /** Answers `GET /data/trades`, the newest first. */
  trades({ address }: Credentials, { query }: Asked): Answer {
    const rows = this.#exchange.trades.toReversed().flatMap(trade => {
      const party = partiesOf(trade).find(one => one.address === address)
      return party && isAskedFor(trade, query) ? [tradeAnswer(trade, party.role)] : []
    })
    return paged(rows, query)
  }
}

function paged(rows: readonly object[], query: URLSearchParams): Answer {
  const page = cursorPage(rows, query.get('next_cursor'))
  return page ? said(page) : failure(400, 'invalid next_cursor')
}

/** Whether a trade fits the filters of a request; `before` and `after` in s since the epoch. */
function isAskedFor(trade: ExchangeTrade, query: URLSearchParams): boolean {
  const parts = [trade.taker, ...trade.makers]
  const atS = Math.floor(trade.matchMs / 1_000)
  const fits: Readonly<Record<string, (wanted: string) => boolean>> = {
    id: wanted => trade.id === wanted,
    market: wanted => trade.market.conditionId === wanted,
    asset_id: wanted => parts.some(({ asset }) => asset === wanted),
    maker_address: wanted => parts.some(({ address }) => address === wanted.toLowerCase()),
    before: wanted => atS < Number(wanted),
    after: wanted => atS > Number(wanted),
  }
  return Object.entries(fits).every(([name, isFit]) => {
    const wanted = query.get(name)
    return wanted === null || wanted === '' || isFit(wanted)
  })
}
