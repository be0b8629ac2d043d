import { setTimeout as pause } from 'node:timers/promises'
import type { LiveEnd } from '#engine/run/live-options.js'
import { Refusal, textsOf, type Call, type Values } from './command.js'
import { loadConfig } from './config.js'
import type { LiveAccount } from './live-account.js'
import { runLivePlan } from './live-plan.js'
import { venueFeed } from './live-venue.js'
import { machineClock } from './machine-clock.js'
import { OrderStory } from './order-story.js'
import { freshDir, stampOf } from './runs.js'
import { storeOf, type RunPlan } from './start-run.js'
import { tappedStore } from './tapped-store.js'
import { requireKeys } from './live-keys.js'
import { openTrading } from './trading.js'

/** The instance that sends the one order. */
const INSTANCE = 'order'
/** Longest that any of it may take, ms: then the run is stopped like any other, and says what it does not know. */
const RUN_MAX_MS = 180_000
/** Between two looks at how far the order is, ms. */
const LOOK_MS = 20

/** One order that a verb sends by a live run of its own; see the parameters of the strategy `single-order`. */
export interface SmallRun {
  /** What the run is named after. */
  readonly name: string
  /** Both tokens of the market, and which of them it is about. */
  readonly tokens: readonly string[]
  readonly outcome: number
  readonly params: Readonly<Record<string, number | string>>
  /** The most that it can cost, 1e-6 dollar: what may be at risk where the configuration has no limit. */
  readonly costMicro: number
  /** Until the order must have left, ms; then the run ends without it. */
  readonly waitMs: number
  /** Whether all that was wanted has happened. */
  readonly isDone: (story: OrderStory) => boolean
  /** Whatever shall be there before the order leaves; answers how it is let go of. */
  readonly beside?: (account: LiveAccount) => Promise<() => void>
  /** What else is awaited once it has, at most so long, ms: the settlement of all fills where nothing is said. */
  readonly isSettled?: (story: OrderStory) => boolean
  readonly settleMs: number
}

/** How a small run ended. */
export interface SmallRunEnd {
  readonly dir: string
  readonly story: OrderStory
  readonly end: LiveEnd
  /** What kept the order from leaving; empty where it left. */
  readonly why: string
}

/**
 * Sends one order by a live run of its own: the same gate, order management, gateway and log as of every run, whose only strategy sends that
 * order. It ends when the order has. Refused without the keys of live trading, and while another process trades the account.
 */
export async function smallRun(call: Call, of: SmallRun): Promise<SmallRunEnd> {
  const values = narrowed(call, of)
  const { config } = loadConfig(values)
  if (!config.live.enabled)
    throw new Refusal(
      'not-confirmed',
      'live.enabled is false',
      'the configuration',
      'live.enabled = true, RAZOR_MODE=live and --confirm-live',
    )
  requireKeys(call)
  const clock = machineClock()
  const ends = new AbortController()
  const own: Call = { ...call, values, stop: ends.signal }
  const dir = freshDir(values, `${stampOf(Date.now())}-${of.name}`)
  const story = new OrderStory(INSTANCE)
  const plan: RunPlan = {
    ...{ dir, config, mode: 'live', seed: 7, parent: '', durability: 'commit', acks: false },
    ...{ faults: [], backend: config.run.backend, feed: venueFeed(values, config, { clock }) },
  }
  const store = tappedStore(storeOf(plan), turn => {
    story.take(turn)
  })
  const trading = await openTrading(plan, { clock, call: own })
  const watch = new AbortController()
  let letGo = (): void => undefined
  try {
    letGo = (await of.beside?.(trading.account)) ?? letGo
    const watched = watching(story, { of, call, isOver: watch.signal }).then(why => {
      ends.abort()
      return why
    })
    const end = await runLivePlan({ ...plan, store }, { clock, venue: trading.venue }, own)
    watch.abort()
    return { dir, story, end, why: await watched }
  } finally {
    watch.abort()
    letGo()
    await trading.close()
  }
}

/** Until all is done, settled where that comes in time, or it will not come to that. Why no order left; empty where one did. */
async function watching(
  story: OrderStory,
  { of, call, isOver }: { of: SmallRun; call: Call; isOver: AbortSignal },
): Promise<string> {
  const startedMs = performance.now()
  const { isSettled = areFillsFinal } = of
  let doneMs = Number.POSITIVE_INFINITY
  while (!isOver.aborted && !call.stop.aborted) {
    const nowMs = performance.now()
    if (story.orders.length === 0 && (story.stopped !== '' || nowMs - startedMs > of.waitMs)) break
    if (nowMs - startedMs > RUN_MAX_MS) break
    if (of.isDone(story)) doneMs = Math.min(doneMs, nowMs)
    if (nowMs - doneMs > (isSettled(story) ? 0 : of.settleMs)) break
    await pause(LOOK_MS)
  }
  if (story.orders.length > 0) return ''
  if (story.stopped !== '') return `trading stopped (${story.stopped})`
  if (call.stop.aborted) return 'it was stopped'
  const { refused, conditions } = story
  if (refused.length === 0) return 'no book of the market came'
  const held = conditions.size > 0 ? ` (${[...conditions].join(', ')})` : ''
  return `risk did not let it out: ${refused.join(', ')}${held}`
}

const areFillsFinal = ({ orders }: OrderStory): boolean =>
  orders.every(({ settlements }) =>
    [...settlements.values()].every(state => state === 'confirmed' || state === 'failed'),
  )

/**
 * The values of a call with what makes its run this one, as flags: what reads the configuration again while it runs finds the same. What the
 * account holds is taken over, since it is none of this run's business to doubt it.
 */
function narrowed({ values }: Call, { tokens, outcome, params, costMicro }: SmallRun): Values {
  const all = Object.entries({ outcome, ...params })
  const table = all.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')
  const { global_exposure_max_micro: most } = loadConfig(values).config.risk
  const set = [
    ...textsOf(values, 'set'),
    'strategy.names=[]',
    `strategy.instances=[{ id = "${INSTANCE}", strategy = "single-order", params = { ${table} } }]`,
    'live.adopt_positions=true',
    // Heartbeats that end make the venue cancel everything; what rests nowhere needs none.
    ...(params['tif'] === 'FAK' ? ['account.heartbeat_ms=0'] : []),
    ...(most === 0 ? [`risk.global_exposure_max_micro=${Math.max(1, costMicro)}`] : []),
  ]
  return { ...values, set, tokens: tokens.join(',') }
}
