import t from 'tap'
import { clientBody, venueClient, type ClientAsk } from '#bench/contenders/venue-client.js'
import { amountsOf } from '#engine/gateways/polymarket/sign/amounts.js'
import { exchangeOf } from '#engine/gateways/polymarket/sign/exchange.js'
import { isTokenId, type OrderFields } from '#engine/gateways/polymarket/sign/order.js'
import { bodyOf } from '#engine/gateways/polymarket/sign/order-body.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import {
  OWNER,
  TEST_KEY,
  testAccount,
  testKey,
  WALLET,
} from '#engine/gateways/polymarket/sign/testing/vectors.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { fits, signingApis } from './helpers/signing.js'

const ORDERS = process.env['POLARIS_LONG'] === '1' ? 10_000 : 400
const TICKS = [
  ['0.1', 1_000],
  ['0.01', 100],
  ['0.005', 50],
  ['0.0025', 25],
  ['0.001', 10],
  ['0.0001', 1],
] as const
/**
 * Above it, in millionths, the client's amounts may be wrong by their last decimal: it computes in floating point, and a product with ten
 * decimals behind six digits before them does not fit. Ours are whole numbers.
 */
const DOUBLES_EXACT = 5e10
const API_KEY = '0c3f3c2e-0000-4000-8000-00000000abcd'

/** One order: as the client is asked for it, and as we are. */
function chosen(rng: Prng) {
  const [tickSize, tick] = TICKS[rng.below(TICKS.length)]!
  const price = tick * (1 + rng.below(10_000 / tick - 1))
  const type = ([0, 1, 2, 3] as const)[rng.below(4)]!
  const chainId = ([137, 80002] as const)[rng.below(2)]!
  const [isBuy, isMarket, isNegRisk] = [rng.oneIn(2), rng.oneIn(2), rng.oneIn(2)]
  const version = ([2, 3] as const)[rng.below(2)]!
  const [first, second] = isMarket ? (['FAK', 'FOK'] as const) : (['GTC', 'GTD'] as const)
  const tif = rng.oneIn(2) ? first : second
  // Shares with up to six decimals; dollars of a market buy in cents.
  const hundredths = 1 + rng.below(10 ** (1 + rng.below(8)))
  const isDollars = isBuy && isMarket
  const micro = isDollars ? 0 : rng.below(2) * rng.below(10_000)
  const amount = (hundredths * 10_000 + micro) / 1e6
  const size = isDollars ? Math.ceil((hundredths * 1e8) / price) : hundredths * 10_000 + micro
  const words = Array.from({ length: 8 }, () => rng.next().toString(16).padStart(8, '0'))
  const tokenID = BigInt(`0x${words.join('')}`).toString()
  const expiration = tif === 'GTD' ? 1_796_000_000 + rng.below(1e6) : 0
  const ask: ClientAsk = {
    ...{ tokenID, price: price / 1e4, amount, isBuy, isMarket, tickSize, isNegRisk, version },
    ...(expiration === 0 ? {} : { expiration }),
  }
  return {
    ask,
    price,
    size,
    tick,
    type,
    chainId,
    tif,
    expiration,
    isPostOnly: !isMarket && rng.oneIn(2),
  }
}

/** What an immediate buy takes has four decimals at most; the client writes up to six where the tick is fine. */
const cut = (
  amount: number,
  { tif, ask }: { readonly tif: string; readonly ask: { readonly isBuy: boolean } },
): number => (ask.isBuy && (tif === 'FAK' || tif === 'FOK') ? amount - (amount % 100) : amount)

t.test(`the venue's own client signs ${ORDERS} orders as we do`, async t => {
  const signers = signingApis().map(([, api]) => signerOf(testKey(), api))
  const rng = prng(20_261_129, 'orders')
  const different: string[] = []
  const seen = new Set<string>()
  let [nothing, large, agreed] = [0, 0, 0]
  for (let n = 0; n < ORDERS; n++) {
    const of = chosen(rng)
    const { ask, type, chainId, tif } = of
    const account = testAccount(type, chainId)
    const client = venueClient({
      key: TEST_KEY,
      chainId,
      type,
      funder: type === 0 ? OWNER : WALLET,
    })
    const order = await client.sign(ask)
    const amounts = amountsOf({ side: ask.isBuy ? 0 : 1, ...of })
    const [maker, taker] = [Number(order.makerAmount), Number(order.takerAmount)]
    const is = (holds: boolean, what: string): void => {
      if (!holds)
        different.push(`order ${n}, ${what}: ${JSON.stringify({ ...of, order, amounts })}`)
    }
    if (isRefused(amounts)) {
      nothing++
      is(cut(taker, of) === 0 || maker === 0, 'refused')
    } else {
      const off = Math.max(
        Math.abs(amounts.makerAmount - maker),
        Math.abs(amounts.takerAmount - cut(taker, of)),
      )
      const isLarge = Math.max(maker, taker) > DOUBLES_EXACT
      is(off === 0 || (isLarge && off <= 100), 'amounts')
      if (isLarge) large++
    }
    is(isTokenId(order.tokenId), 'token id')
    const fields: OrderFields = {
      ...{ salt: Number(order.salt), maker: account.maker, signer: account.signer, type },
      ...{ tokenId: order.tokenId, makerAmount: maker, takerAmount: taker },
      ...{ side: ask.isBuy ? 0 : 1, timestampMs: Number(order.timestamp) },
      ...{ metadata: order.metadata, builder: order.builder },
    }
    const version = ask.version === 2 ? 'v1' : 'v2'
    const exchange = fits(exchangeOf({ chainId, version, isNegRisk: ask.isNegRisk }))
    for (const signer of signers) {
      const { signature } = signer.signOrder(exchange, account, fields)
      is(signature === order.signature, `signature, ${signer.backend}`)
    }
    const { isPostOnly, expiration: expirationS } = of
    const submission = { fields, signature: order.signature, owner: API_KEY, orderType: tif }
    const body = bodyOf({ ...submission, isPostOnly, isDeferred: false, expirationS })
    is(body === clientBody(order, API_KEY, tif, isPostOnly), 'body')
    seen.add(`type ${type}`).add(`version ${ask.version}`).add(ask.tickSize).add(tif)
    if (different.length === 0) agreed++
  }
  t.same(different.slice(0, 3), [])
  t.equal(agreed, ORDERS)
  t.equal(seen.size, 4 + 2 + 6 + 4, 'all types, versions, ticks and times in force were there')
  t.ok(large < ORDERS / 4, `${large} orders were too large for the client`)
  t.ok(nothing < ORDERS / 5, `${nothing} orders were for nothing`)
})
