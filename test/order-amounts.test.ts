import t from 'tap'
import { amountsOf } from '#engine/gateways/polymarket/sign/amounts.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { sample, samplesMissing } from './helpers/signing.js'

t.test("the amounts of the venue's client", { skip: samplesMissing() }, async t => {
  interface Case {
    readonly kind: string
    readonly tick: string
    readonly side: string
    readonly price: number
    readonly size?: number
    readonly amount?: number
    readonly makerAmount?: string
    readonly takerAmount?: string
  }
  const rows = sample<readonly Case[]>('vectors/order_amounts_sdk_1.1.0.json')
  const seen = { equal: 0, cut: 0, refused: 0 }
  for (const row of rows) {
    const [tick, price] = [Number(row.tick) * 1e4, row.price * 1e4].map(
      n => Math.round(n * 1e6) / 1e6,
    )
    const isMarket = row.kind === 'market'
    const side = row.side === 'BUY' ? 0 : 1
    const shares = row.size ?? (side === 0 ? (row.amount ?? 0) / row.price : (row.amount ?? 0))
    const size = side === 0 && isMarket ? Math.ceil(shares * 1e6) : Math.round(shares * 1e6)
    const asked = { side, price: price!, size, tick: tick!, tif: isMarket ? 'FAK' : 'GTC' } as const
    const label = JSON.stringify(row)
    const made = amountsOf(asked)
    const isOnGrid = Number.isInteger(price) && price! % tick! === 0
    if (row.makerAmount === undefined || !isOnGrid) {
      seen.refused++
      t.ok(isRefused(made), `${label}: refused`)
      continue
    }
    if (isRefused(made)) {
      t.fail(`${label}: ${made.refused}`)
      continue
    }
    // The client lets an immediate order take five or six decimals where the tick is fine; the venue says four.
    const most = Number(row.takerAmount)
    const taker = isMarket ? most - (most % 100) : most
    seen[taker === most ? 'equal' : 'cut']++
    t.same(made, { makerAmount: Number(row.makerAmount), takerAmount: taker }, label)
  }
  t.comment(JSON.stringify(seen))
  t.ok(seen.equal > 100)
})
