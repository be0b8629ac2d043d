import { costOf } from '#schemas/units.js'
import type { Call, Command, Values } from '../command.js'
import { loadConfig } from '../config.js'
import {
  anyMarket,
  findMarket,
  MARKET_HELP,
  MARKET_OPTIONS,
  MARKET_USAGE,
  type FoundMarket,
} from '../find-market.js'
import { dollars, priceText, sharesText } from '../format/money.js'
import { VENUE_HELP, venueUrls } from '../venue-options.js'
import type { OrderTold } from '../order-story.js'
import { smallRun } from '../small-run.js'
import { UserProbe, type Heard } from '../user-probe.js'

/** How long the order rests before it is cancelled, ms; and until it must have left. */
const [REST_MS, WAIT_MS] = [1_000, 30_000]
/** What the user channel says may come after the answer to a request, ms. */
const HEAR_MS = 3_000

/** One step, and what was seen of it. */
interface Step {
  readonly step: string
  readonly ok: boolean
  readonly detail: string
  /** null: it did not come to that. */
  readonly ms: number | null
}

/** `polaris livetest`: whether an order can be placed and taken back, before any that shall match. */
export const livetestCommand: Command = {
  name: 'livetest',
  summary: 'place a post-only order that nobody meets, see it everywhere, and cancel it',
  usage: `livetest [${MARKET_USAGE}] --confirm-live`,
  example: 'livetest --confirm-live',
  options: {
    ...MARKET_OPTIONS,
    'confirm-live': { type: 'boolean' },
    venue: { type: 'string' },
    out: { type: 'string' },
  },
  help: {
    ...MARKET_HELP,
    '(no market)': 'the first market of the venue’s list',
    '--confirm-live':
      'it is a real order, of the least size at the lowest price; besides it RAZOR_MODE=live in the environment and live.enabled = true in the configuration are needed',
    '--venue URL': VENUE_HELP['--venue URL'],
    '--out DIR':
      'directory of the run that sends the order; like every live run it cancels orders of the account that its log does not know',
  },
  run: async call => {
    const { config } = loadConfig(call.values)
    const urls = venueUrls(call.values, config)
    const market = await marketOf(call.values, urls.gamma)
    const [limit, size] = [market.tick, market.minSize]
    const costMicro = costOf(limit, size)
    call.say(`${market.question}: buy ${sharesText(size)} at ${priceText(limit)}, post-only`)
    call.say(`should it be met all the same it costs ${dollars(costMicro)}`)
    let probe: UserProbe | undefined
    const ran = await smallRun(call, {
      ...{ name: 'livetest', outcome: market.outcome, costMicro, waitMs: WAIT_MS },
      tokens: market.tokens.map(({ token }) => token),
      params: { side: 0, limit, size_micro: size, tif: 'GTC', rest_ms: REST_MS },
      isDone: ({ orders: [order] }) => order?.result !== undefined,
      isSettled: ({ orders: [order] }) => order !== undefined && hasHeard(probe, order),
      settleMs: HEAR_MS,
      beside: async ({ credentials }) => {
        const own = new UserProbe(urls.user, credentials, () => Date.now() * 1_000)
        probe = own
        await own.open()
        return () => {
          own.close()
        }
      },
    })
    const [order] = ran.story.orders
    const heard = order ? (probe?.heard.get(order.hash) ?? []) : []
    const isOther = ran.story.met.has('order-id-differs')
    const steps = order ? stepsOf(order, heard, isOther) : []
    sayAll(call, steps, ran.why)
    const isOk = steps.length > 0 && steps.every(({ ok }) => ok) && ran.end.unknown.length === 0
    call.say(isOk ? 'all of it works' : 'not all of it works')
    call.say(`run ${ran.dir}`)
    const json = {
      ...{ ok: isOk, market: market.market, token: market.tokens[market.outcome]?.token ?? '' },
      ...{ hash: order?.hash ?? null, venueOrder: order?.venueOrder ?? null, steps },
      ...{ unknown: ran.end.unknown, why: ran.why, runDir: ran.dir },
    }
    return { code: isOk ? 0 : 1, json }
  },
}

async function marketOf(values: Values, gamma: string): Promise<FoundMarket> {
  const isNamed = ['url', 'query', 'slug', 'token'].some(name => values[name] !== undefined)
  return isNamed ? await findMarket(values, gamma) : await anyMarket(gamma)
}

/** Whether the user channel has said that the order is over, or there is nothing to wait for. */
function hasHeard(probe: UserProbe | undefined, { hash, result }: OrderTold): boolean {
  if (result === 'rejected') return true
  return probe?.heard.get(hash)?.some(({ type }) => type === 'cancellation') === true
}

/** What was seen of the order, step by step. */
function stepsOf(told: OrderTold, heard: readonly Heard[], isOther: boolean): readonly Step[] {
  const { hash, venueOrder, result, filled } = told
  const placed = heard.find(({ type }) => type === 'placement')
  const gone = heard.find(({ type }) => type === 'cancellation')
  const isSame = !isOther && hash !== '' && venueOrder.toLowerCase() === hash.toLowerCase()
  return [
    step('signed', told.signedUs, told.placedUs, `hash ${hash}`),
    step('acknowledged', told.ackedUs, told.signedUs, told.refusal || 'the venue took the order'),
    {
      ...{ step: 'order id', ok: isSame, ms: null },
      detail: isSame
        ? 'the venue’s is the hash that we signed'
        : isOther
          ? 'the venue names another order'
          : `the venue says '${venueOrder}'`,
    },
    step('user channel: placed', placed?.atUs, told.signedUs, placed?.status ?? 'not heard'),
    step('cancelled', told.cancelledUs, told.cancelUs, result ?? 'open'),
    step('user channel: cancelled', gone?.atUs, told.cancelUs, gone?.status ?? 'not heard'),
    {
      ...{ step: 'nothing filled', ok: filled === 0 && result === 'cancelled', ms: null },
      detail: filled === 0 ? `ended as ${result ?? 'open'}` : `${sharesText(filled)} filled`,
    },
  ]
}

const step = (
  name: string,
  atUs: number | undefined,
  sinceUs: number | undefined,
  detail: string,
): Step => ({
  ...{ step: name, ok: atUs !== undefined, detail },
  ms: atUs === undefined || sinceUs === undefined ? null : Math.max(0, (atUs - sinceUs) / 1_000),
})

function sayAll(call: Call, steps: readonly Step[], why: string): void {
  if (why !== '') call.say(`no order left: ${why}`)
  for (const { step: name, ok, detail, ms } of steps) {
    const took = ms === null ? '' : `${ms.toFixed(1)} ms`
    call.say(`${ok ? 'ok    ' : 'failed'}  ${name.padEnd(24)}${took.padStart(10)}  ${detail}`)
  }
}
