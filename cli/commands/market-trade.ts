import { costOf } from '#schemas/units.js'
import { priceFrom, sizeFrom } from '#engine/feeds/decimal.js'
import { Refusal, textOf, type Answer, type Call, type Command, type Values } from '../command.js'
import { loadConfig } from '../config.js'
import {
  findMarket,
  MARKET_HELP,
  MARKET_OPTIONS,
  MARKET_USAGE,
  type FoundMarket,
} from '../find-market.js'
import { dollars, priceText, sharesText } from '../format/money.js'
import { VENUE_HELP, venueUrls } from '../venue-options.js'
import { jsonOf, type OrderStory, type OrderTold } from '../order-story.js'
import { smallRun, type SmallRunEnd } from '../small-run.js'
import { quotesOf, type Quotes } from '../venue-quotes.js'

/** Least cost of a buy that matches at once, 1e-6 dollar. Source: Polymarket CLOB documentation, 2026. */
const BUY_MIN_MICRO = 1_000_000
const SHARE = 1_000_000
/** The venue's finest step of a size, 1e-6 share. */
const STEP = 10_000
/** More than any fill, 1e-6 share: a buy for dollars fills more shares than it asked for where the price is better. */
const EVERYTHING = 1e15
const [WAIT_MS, SETTLE_MS] = [30_000, 10_000]

/** An order that a command line asks for. */
interface Wanted {
  readonly side: 'buy' | 'sell'
  /** 1e-4 dollar and 1e-6 share. */
  readonly limit: number
  readonly size: number
  /** Most that is taken back, 1e-6 share; 0: nothing. Its worst price, 1e-4 dollar; 0: the best there is then. */
  readonly closeSize: number
  readonly closeLimit: number
}

/** `polaris market-trade`: what a market costs now, and with the keys of live trading one order in it. */
export const marketTradeCommand: Command = {
  name: 'market-trade',
  summary: 'show what a market costs now; with --confirm-live send one order that matches at once',
  usage: `market-trade ${MARKET_USAGE} [--side buy --price P --size N] [--close] [--confirm-live]`,
  example: 'market-trade --query "some words" --side buy --price 0.35 --size 5',
  options: {
    ...MARKET_OPTIONS,
    side: { type: 'string' },
    price: { type: 'string' },
    size: { type: 'string' },
    close: { type: 'boolean' },
    'close-price': { type: 'string' },
    'close-size': { type: 'string' },
    'confirm-live': { type: 'boolean' },
    venue: { type: 'string' },
    out: { type: 'string' },
  },
  help: {
    ...MARKET_HELP,
    '--side S': 'buy (default) or sell',
    '--price P': 'worst price, $ (default: the best offer, or the best bid, as it is now)',
    '--size N': 'shares (default: the least that the venue takes at that price)',
    '--close': 'then the reverse of what filled, at the best price there is then',
    '--close-price P': 'worst price of the reverse, $',
    '--close-size N': 'shares of the reverse, at most what filled',
    '--confirm-live':
      'send it; besides it RAZOR_MODE=live in the environment and live.enabled = true in the configuration are needed',
    '--venue URL': VENUE_HELP['--venue URL'],
    '--out DIR':
      'directory of the run that sends the order; like every live run it cancels orders of the account that its log does not know',
  },
  run: async call => {
    const { config } = loadConfig(call.values)
    const urls = venueUrls(call.values, config)
    const market = await findMarket(call.values, urls.gamma)
    const errors: string[] = []
    const prices = await quotesOf(urls.clob, tokenOf(market), why => errors.push(why))
    sayMarket(call, market, prices)
    const isClosing = call.values['close'] === true
    const shown = { market: marketJson(market), prices }
    if (call.values['confirm-live'] !== true) {
      const note = 'prices only: nothing is sent without --confirm-live'
      call.say(note)
      for (const error of errors) call.note(error)
      const json = { ...shown, entry: null, close: null, errors, note, runDir: null }
      return { code: errors.length > 0 ? 1 : 0, json }
    }
    const order = wantedOf(call.values, market, prices)
    call.say(
      `${order.side} ${sharesText(order.size)} at ${priceText(order.limit)} or better, at most ${dollars(costOf(order.limit, order.size))}`,
    )
    const ran = await smallRun(call, {
      ...{ name: 'market-trade', outcome: market.outcome },
      tokens: market.tokens.map(({ token }) => token),
      params: {
        ...{ side: order.side === 'sell' ? 1 : 0, limit: order.limit, size_micro: order.size },
        ...{ tif: 'FAK', close_size_micro: order.closeSize, close_limit: order.closeLimit },
      },
      ...{ costMicro: 2 * costOf(order.limit, order.size), waitMs: WAIT_MS, settleMs: SETTLE_MS },
      isDone: story => isOver(story, isClosing),
    })
    return answerOf(call, ran, { shown, errors, isClosing })
  },
}

const tokenOf = ({ tokens, outcome }: FoundMarket): string => tokens[outcome]?.token ?? ''

/** Whether the entry, and where that is wanted its reverse, have ended for good. */
function isOver({ orders: [entry, ...closes] }: OrderStory, isClosing: boolean): boolean {
  if (entry?.result === undefined) return false
  if (!isClosing || entry.result === 'unknown' || entry.filled === 0) return true
  const last = closes[closes.length - 1]
  if (last?.result === undefined) return false
  return last.result !== 'rejected' || closes.length >= 3
}

function answerOf(
  call: Call,
  { dir, story, end, why }: SmallRunEnd,
  of: { shown: object; errors: string[]; isClosing: boolean },
): Answer {
  const [entry, ...closes] = story.orders
  const close = closes[closes.length - 1]
  const { errors, isClosing } = of
  if (why !== '') errors.push(`no order left: ${why}`)
  for (const one of story.orders) if (one.refusal !== '') errors.push(one.refusal)
  if (story.stopped !== '' && entry) errors.push(`trading stopped: ${story.stopped}`)
  for (const order of end.unknown) errors.push(`nobody knows what became of ${order}`)
  if (entry) sayOrder(call, 'entry', entry)
  if (close) sayOrder(call, 'close', close)
  for (const error of errors) call.note(error)
  call.say(`run    ${dir}`)
  if (end.unknown.length > 0) call.say(`next: polaris reconcile ${dir}`)
  const isFilled = (entry?.filled ?? 0) > 0 && (!isClosing || (close?.filled ?? 0) > 0)
  const note = isFilled ? 'sent, and filled' : entry ? 'sent, and not filled' : 'not sent'
  const orders = { entry: entry ? jsonOf(entry) : null, close: close ? jsonOf(close) : null }
  return {
    code: isFilled && end.unknown.length === 0 ? 0 : 1,
    json: { ...of.shown, ...orders, errors, note, runDir: dir },
  }
}

function wantedOf(values: Values, market: FoundMarket, { buy, sell }: Quotes): Wanted {
  const side = textOf(values, 'side') ?? 'buy'
  if (side !== 'buy' && side !== 'sell')
    throw new Refusal('usage', `--side is '${side}'`, '--side', 'buy or sell')
  const best = side === 'buy' ? sell : buy
  const limit = priceOf(values, 'price') ?? best ?? 0
  if (limit < market.tick || limit > 10_000 - market.tick)
    throw new Refusal(
      'no-price',
      `nobody ${side === 'buy' ? 'offers' : 'bids for'} it now`,
      '--price',
      'the worst price that is taken',
    )
  if (limit % market.tick !== 0)
    throw new Refusal(
      'usage',
      `--price ${priceText(limit)} is not on the market’s grid`,
      '--price',
      `a multiple of ${priceText(market.tick)}`,
    )
  const least = leastOf(market, side, limit)
  const size = sizeOf(values, 'size') ?? least
  if (size < least)
    throw new Refusal(
      'usage',
      `${sharesText(size)} shares are less than the venue takes`,
      '--size',
      `at least ${sharesText(least)} at ${priceText(limit)}`,
    )
  const isClosing = values['close'] === true
  const [closeLimit, closeSize] = [priceOf(values, 'close-price'), sizeOf(values, 'close-size')]
  if (!isClosing && (closeLimit ?? closeSize) !== undefined)
    throw new Refusal('usage', 'there is no --close', '--close-price, --close-size', '--close')
  return {
    side,
    limit,
    size,
    closeLimit: closeLimit ?? 0,
    closeSize: isClosing ? (closeSize ?? EVERYTHING) : 0,
  }
}

/** The least size at a price, 1e-6 share: the market's own, and for a buy what a dollar buys. */
function leastOf({ minSize }: FoundMarket, side: 'buy' | 'sell', limit: number): number {
  if (side === 'sell') return minSize
  const ofDollar = Math.ceil((BUY_MIN_MICRO * 10_000) / limit / STEP) * STEP
  return Math.max(minSize, ofDollar)
}

function priceOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const price = priceFrom(text)
  if (typeof price === 'number' && price > 0 && price < 10_000) return price
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, 'dollars between 0 and 1: 0.35')
}

function sizeOf(values: Values, name: string): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const size = sizeFrom(text)
  if (typeof size === 'number' && size > 0 && size % STEP === 0 && size <= SHARE * 1e8) return size
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, 'shares, at most 2 decimals: 5')
}

const marketJson = (market: FoundMarket): object => ({
  ...{ market: market.market, question: market.question, slug: market.slug },
  ...{ token: tokenOf(market), outcome: market.tokens[market.outcome]?.outcome ?? '' },
  ...{ tickE4: market.tick, minSizeMicro: market.minSize },
})

function sayMarket(call: Call, market: FoundMarket, prices: Quotes): void {
  const text = (price: number | null): string => (price === null ? '?' : priceText(price))
  call.say(`${market.question} · ${market.tokens[market.outcome]?.outcome ?? ''}`)
  call.say(
    `buy ${text(prices.buy)} (best bid)  sell ${text(prices.sell)} (best ask)  midpoint ${text(prices.midpoint)}  spread ${text(prices.spread)}`,
  )
}

function sayOrder(call: Call, name: string, told: OrderTold): void {
  const { side, filled, size, cash, fee, result, settlements } = told
  const settled = [...new Set(settlements.values())].join(', ')
  call.say(
    `${name.padEnd(6)} ${side} ${sharesText(filled)} of ${sharesText(size)}: ${result ?? 'open'}, cash ${dollars(cash)}, fee ${dollars(fee)}${settled === '' ? '' : `, ${settled}`}`,
  )
}
