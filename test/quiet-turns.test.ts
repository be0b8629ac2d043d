import t, { type Test } from 'tap'
import type { DecisionConfig } from '#schemas/config.js'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import type { BookFold } from '#engine/book/fold.js'
import type { Tape } from '#engine/book/tape.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { packed } from '#engine/core/saved.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { opening } from '#engine/feeds/testing/drain.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { loadAddon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { passOver } from '#engine/run/pass.js'
import { Replay } from '#engine/run/replay.js'
import { oneByOne, tapeOf, type OneByOne } from '#engine/run/testing/one-by-one.js'
import { configWith, startedWith } from '#engine/run/testing/story.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { seeds } from './helpers/seeds.js'
import { strategiesOf } from './helpers/resting-strategies.js'

/*
 * Inputs that give nobody anything to do are passed over by whoever replays or sweeps. Here the same run is taken input by
 * input, and what it decided is held against replays and passes that pass over what they may.
 */

const found = loadAddon()
const addon = typeof found === 'string' ? undefined : found
const FOLDS: readonly (readonly [name: string, make: () => BookFold])[] = [
  ['ts', tsFold],
  ...(addon ? [['native', () => new NativeFold(addon)] as const] : []),
]

/** A run as it was taken, one input at a time. */
interface Taken extends OneByOne {
  /** Turns that are more than their input, as text. */
  readonly decided: readonly string[]
  readonly orders: number
}

/** What is run: a scenario, its length, and of how many markets one is traded. */
const CASES = [
  { scenario: 'quoting', events: 1_500, oneIn: 1, names: ['quoting'] },
  { scenario: 'quoting', events: 2_500, oneIn: 3, names: ['quoting', 'parity', 'follower'] },
  { scenario: 'mixed', events: 2_500, oneIn: 4, names: ['sleepy', 'follower', 'basket'] },
  { scenario: 'venue', events: 6_000, oneIn: 9, names: ['sleepy', 'quoting', 'follower'] },
] as const

t.test('what rests, is quoted or follows trades misses nothing that is passed over', async t => {
  const totals = { orders: 0, inputs: 0, passed: 0 }
  for (const seed of seeds(process.env['POLARIS_LONG'] === '1' ? 8 : 5, 1 / 4))
    for (const { scenario, events, oneIn, names } of CASES) {
      const strategies = strategiesOf(oneIn)
      const inputs = await inputsOf(seed, scenario, events)
      const run = taken(startedWith(configOf(seed, names), { seed }), inputs, strategies)
      const tapes = [tapeOf(inputs)]
      totals.orders += run.orders
      for (const [name, make] of FOLDS) {
        const of = `${scenario}, seed ${seed}, ${name}`
        totals.passed += replayed(t, run, { fold: make(), strategies }, of)
        totals.passed += swept(t, { run, tapes }, { fold: make(), strategies }, of)
        totals.inputs += 2 * inputs.length
      }
      if (!t.passing()) return
    }
  const { orders, inputs, passed } = totals
  t.ok(orders > 1_000, `${orders} orders were placed`)
  t.ok(passed > inputs / 4, `${passed} of ${inputs} inputs were passed over`)
})

t.test('few quotes in many markets leave most inputs to pass over', async t => {
  const strategies = strategiesOf(40)
  const inputs = await inputsOf(1, 'venue', 10_000)
  const config = configOf(1, ['quoting', 'sleepy'])
  const run = taken(startedWith(config, { seed: 1 }), inputs, strategies)
  t.ok(run.orders > 20, `${run.orders} orders were placed`)
  for (const [name, make] of FOLDS) {
    const passed = replayed(t, run, { fold: make(), strategies }, name)
    t.ok(passed > 0.7 * inputs.length, `${passed} of ${inputs.length} were passed over: ${name}`)
  }
})

interface Parts {
  readonly fold: BookFold
  readonly strategies: Strategies
}

/** Replays the log of a run; answers how many inputs were passed over. */
function replayed(t: Test, { bytes, saved }: Taken, parts: Parts, of: string): number {
  const passed = counting(parts.fold)
  const replay = new Replay(parts)
  const divergence = replay.lines(bytes)
  if (divergence) t.fail(`${of}, a replay: ${JSON.stringify(divergence)}`)
  else if (packed(replay.loop?.save()) !== saved) t.fail(`${of}: a replay ends in another state`)
  return passed()
}

/** Takes another engine over the same inputs from tapes; answers how many were passed over. */
function swept(
  t: Test,
  { run: { started, decided, saved }, tapes }: { run: Taken; tapes: readonly Tape[] },
  parts: Parts,
  of: string,
): number {
  const passed = counting(parts.fold)
  const turns: string[] = []
  const loop = passOver({ started, tapes, parts }, ({ rows }) => {
    if (rows.length > 1) turns.push(textOf(rows))
  })
  const at = turns.findIndex((turn, k) => turn !== decided[k])
  if (at >= 0) t.equal(turns[at], decided[at], `${of}, a pass: turn ${at}`)
  t.equal(turns.length, decided.length, `${of}, a pass decides as often`)
  if (packed(loop.save()) !== saved) t.fail(`${of}: a pass ends in another state`)
  return passed()
}

/** Counts what a fold passes over from here on. */
function counting(fold: BookFold): () => number {
  const walk = fold.walk.bind(fold)
  const walkTape = fold.walkTape.bind(fold)
  let passed = 0
  const counted: Pick<BookFold, 'walk' | 'walkTape'> = {
    walk: (...of) => {
      const walked = walk(...of)
      passed += walked.lines
      return walked
    },
    walkTape: (...of) => {
      const walked = walkTape(...of)
      passed += walked.inputs
      return walked
    },
  }
  Object.assign(fold, counted)
  return () => passed
}

/** Takes every input by itself, as a run does that is fed one by one. */
function taken(
  started: EventOf<'RunStarted'>,
  inputs: readonly FeedInput[],
  strategies: Strategies,
): Taken {
  const decided: string[] = []
  let orders = 0
  const run = oneByOne(started, inputs, { strategies }, ({ rows }) => {
    for (const { event } of rows) if (event.type === 'OrderPlaced') orders++
    if (rows.length > 1) decided.push(textOf(rows))
  })
  return { ...run, decided, orders }
}

/** A turn without how late its news came: that is not on tapes. */
function textOf(rows: readonly Recorded[]): string {
  const bare = rows.map(({ event, ...row }) => {
    if (event.type === 'BookChanged') return { ...row, event: event.data.d }
    if (event.type !== 'TradePrinted') return { ...row, event }
    const { token, side, price, size, id } = event.data
    return { ...row, event: [token, side, price, size, id] }
  })
  return JSON.stringify(bare)
}

async function inputsOf(seed: number, scenario: string, events: number): Promise<FeedInput[]> {
  const feed = simulatorFeed({ scenario, seed, events, mispricingsPerMillion: 5_000 })
  const inputs: FeedInput[] = []
  for await (const batch of feed.open(opening())) inputs.push(...batch)
  return inputs
}

function configOf(seed: number, names: readonly string[]): DecisionConfig {
  const random = prng(seed, 'quiet turns')
  const one = <T>(of: readonly T[]): T => of[random.below(of.length)]!
  return configWith({
    strategy: { names: [...names], instances: [] },
    sim: {
      queue_model: one(['pessimistic', 'proportional', 'optimistic'] as const),
      fill_model: one(['share', 'walk'] as const),
      latency_ms: one([0, 120, 900]),
      reject_bps: one([0, 500]),
      lost_bps: one([0, 300]),
      spike_ms: 2_500,
      spike_every: one([0, 7]),
    },
    // A market that is silent for long has books too old to quote: its next word brings the quote back.
    risk: {
      book_age_max_ms: one([150, 800, 60_000]),
      exposure_max_micro: one([40_000_000, 800_000_000]),
      reconcile_every_ms: one([0, 2_000]),
    },
    oms: { requote_min_ms: one([0, 250]) },
  })
}
