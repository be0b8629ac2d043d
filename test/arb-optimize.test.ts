import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { DecisionConfig } from '#schemas/config.js'
import { placesFrom } from '#engine/book/tape-cut.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { opening } from '#engine/feeds/testing/drain.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { passOver } from '#engine/run/pass.js'
import { tapeOf } from '#engine/run/testing/one-by-one.js'
import { configWith, startedWith } from '#engine/run/testing/story.js'
import { summary, summaryOver, tally } from '#projections/summary.js'
import type { Event } from '#schemas/registry.js'
import { pairedTest } from '#cli/optimize/paired-test.js'
import { joined, scoreOf } from '#cli/optimize/score.js'
import { trialOver, type Outcome, type Trial } from '#cli/optimize/trial.js'
import { judged } from '#cli/optimize/walk-forward.js'
import { polarisWarm as polaris } from './helpers/cli.js'
import { CALM, keepOffers, offers, type Fleeting } from './helpers/offers.js'

const dir = t.testdir()
const calm = CALM.flatMap(value => ['--set', value])

/** Offers of less than 140 bps are traps: base 120 takes some, 132 none and all that is good, 150 leaves some of that. */
const isTrap: Fleeting = edge => edge < 140
/** Every other offer is a trap, whatever it promises: no threshold is better than another. */
const isNoise: Fleeting = (_, random) => random.oneIn(2)

/** The steps of the default around one threshold alone, and one of them. */
const STEPS = ['--vary', 'parity.min_edge_bps=96,108,132,150']
const ONE = ['--vary', 'parity.min_edge_bps=132']

interface Facts {
  readonly winner: string
  readonly isPromoted: boolean
  readonly overfitScore: number
  readonly suggest: string | null
  readonly gates: readonly { readonly name: string; readonly isPassed: boolean }[]
  readonly candidates: readonly {
    readonly version: string
    readonly status: string
    readonly params: Readonly<Record<string, string>>
    readonly scoreBreakdown: { readonly net: number }
    readonly signals: number
  }[]
  readonly steps: readonly { readonly winner: string }[]
}

async function recorded(name: string, isGone: Fleeting, seed: number, count = 240) {
  const run = join(dir, name)
  await keepOffers(run, offers(seed, count, isGone))
  return run
}

function optimise(...words: readonly string[]): Facts & { code: number | null } {
  const { code, json, err } = polaris('arb-optimize', ...words, ...calm, '--json')
  if (code === 2) throw new Error(err)
  return { code, ...(json as unknown as Facts) }
}

t.test(
  'the parameter that is known to be best is found, whatever the number of workers',
  async t => {
    const run = await recorded('trap', isTrap, 1)
    const suggest = join(dir, 'trap.toml')
    const words = [run, '--suggest', suggest]
    const found = optimise(...words, '--workers', '1')
    const best = found.candidates.find(({ version }) => version === found.winner)
    t.same(best?.params, { 'parity.min_edge_bps': '132' })
    t.match(best, { status: 'suggested', version: 'm2-20260529-3' })
    t.ok(
      found.gates.every(({ isPassed }) => isPassed),
      JSON.stringify(found.gates),
    )
    t.match(found, { code: 0, isPromoted: true, suggest })
    t.ok(found.steps.every(({ winner }) => winner === found.winner))
    const net = (k: number): number => found.candidates[k]!.scoreBreakdown.net
    t.ok(net(3) > net(0) && net(3) > net(4) && net(0) > net(2) && net(2) > net(1))
    t.same(optimise(...words, '--workers', '3'), found, 'by three threads')
    t.same(optimise(...words, '--backend', 'ts'), found, 'a second time, by another backend')

    const toml = readFileSync(suggest, 'utf8')
    t.match(toml, /^# m2-20260529-3: /)
    t.match(toml, /\n\[parity\]\nmin_edge_bps = 132\n$/)
    const read = polaris('config', '--config', suggest, '--json').json
    t.match(read, { config: { parity: { min_edge_bps: 132 } } })
  },
)

t.test('of noise nothing is recommended', async t => {
  for (let seed = 1; seed <= 6; seed++) {
    const run = await recorded(`noise-${seed}`, isNoise, seed)
    const suggest = join(dir, `noise-${seed}.toml`)
    const { code, isPromoted, candidates } = optimise(run, ...STEPS, '--suggest', suggest)
    t.match({ code, isPromoted }, { code: 1, isPromoted: false }, `seed ${seed}`)
    t.notOk(existsSync(suggest))
    const nets = new Set(candidates.map(({ scoreBreakdown }) => scoreBreakdown.net))
    t.ok(nets.size >= 4, `the candidates did trade otherwise: ${[...nets].join(' ')}`)
  }
})

t.test('runs are taken in the order of their first inputs, however they are named', async t => {
  const [one, two] = [await recorded('z', isTrap, 2, 60), await recorded('a', isTrap, 3, 60)]
  t.same(optimise(one, two, ...ONE), optimise(two, one, ...ONE))
  const { candidates } = optimise(one, two, ...ONE, '--folds', '1')
  const alone = [one, two].map(run => optimise(run, ...ONE, '--folds', '1').candidates[0]!.signals)
  t.equal(candidates[0]!.signals, alone[0]! + alone[1]!)
})

t.test('a fold is traded with the books of before, and nothing else of it', async t => {
  const run = await recorded('whole', isTrap, 4, 80)
  const signals = (folds: string): number =>
    optimise(run, ...ONE, '--folds', folds).candidates[0]!.signals
  // Each offer lies within one fold: seven parts see as many as the whole.
  t.equal(signals('7'), signals('1'))
  t.ok(signals('1') > 40)
})

t.test('with too few folds nothing passes, and of none there is no overfit score', async t => {
  const run = await recorded('few', isTrap, 1)
  const one = optimise(run, ...ONE, '--folds', '1')
  t.match(one, { code: 1, overfitScore: 1, steps: [] })
  const two = optimise(run, ...ONE, '--folds', '2')
  t.equal(two.code, 1)
  t.match(two.gates.find(({ name }) => name === 'steady')?.isPassed, false)
})

t.test('what cannot be tried is refused', async t => {
  const run = await recorded('refused', isTrap, 1, 8)
  const refused = (...words: string[]) => polaris('arb-optimize', ...words, '--json')
  t.match(refused().json, { error: { message: 'DIR is missing' } })
  t.match(refused(run, run).json, { error: { message: 'a run is named twice', where: run } })
  t.match(refused(run, '--vary', 'sim.latency_ms=0').json, {
    error: { message: 'sim.latency_ms says what the exchange is like' },
  })
  t.match(refused(run, '--vary', 'parity.min_edge_bps=120').json, {
    error: { message: 'no candidate differs from the configuration' },
  })
  t.match(refused(run, '--vary', 'parity.min_edge_bps=x').json, { error: { code: 'config' } })
  t.match(refused(run, '--folds', '0').json, { error: { where: '--folds' } })
  writeFileSync(join(dir, 'file'), '')
  const within = join(dir, 'file', 'suggestion.toml')
  const trap = await recorded('unwritable', isTrap, 1)
  const { code, json } = polaris(
    ...['arb-optimize', trap, ...ONE, ...calm, '--suggest', within, '--json'],
  )
  t.equal(code, 2)
  t.match(json, { error: { code: 'unwritable', where: within } })
})

/** The base over the market with traps, from the first input at a time on, with these limits of risk. */
function tried(fromUs: number, risk: Partial<DecisionConfig['risk']> = {}) {
  const tapes = [tapeOf(offers(5, 60, isTrap))]
  const [from, until] = placesFrom(tapes, [fromUs, Number.POSITIVE_INFINITY])
  const config = configWith({ risk: { fails_max: 0, ...risk } })
  const window = { fromUs, from: from!, until: until! }
  return { from: from!, trial: trialOver(startedWith(config), tapes, window, {}) }
}

t.test('a window earns what the whole run earns in it, signal by signal', async t => {
  const whole = tried(0).trial
  const middleUs = 1_780_000_000_000_000 + 1_830_000_000
  const { from, trial: half } = tried(middleUs)
  const isLater = ({ key }: Outcome): boolean => Number(key.slice(1).split('-')[0]) > from.inputs
  t.same(half.outcomes, whole.outcomes.filter(isLater))
  t.ok(half.outcomes.length > 10 && half.outcomes.length < whole.outcomes.length)
  const earned = half.outcomes.reduce((sum, { profit }) => sum + profit, 0)
  t.equal(half.path.net, earned)
  t.ok(half.path.drawdown > 0 && half.broken > 0 && half.broken < half.legged)
})

t.test('what is merged or converted is counted once, gas and all', async t => {
  const inputs: FeedInput[] = []
  const feed = simulatorFeed({ scenario: 'mixed', seed: 9, events: 12_000 })
  for await (const batch of feed.open(opening())) inputs.push(...batch)
  const tapes = [tapeOf(inputs)]
  const [from, until] = placesFrom(tapes, [0, Number.POSITIVE_INFINITY])
  const config = configWith({
    strategy: { names: ['parity', 'conversion'] },
    conversion: { min_edge_bps: -400, size_max_micro: 6_000_000 },
    merge: { sets_min_micro: 5_000_000 },
    sim: { fill_model: 'walk', gas_micro: 123_457 },
    risk: { daily_loss_max_micro: 0, fails_max: 0 },
  })
  const started = startedWith(config)
  const said: Event[] = []
  const state = summary.initialState()
  const { state: engine } = passOver({ started, tapes, parts: {} }, ({ rows }) => {
    for (const row of rows) {
      tally(state, row)
      if (row.event.type === 'PositionsConverted') said.push(row.event)
    }
  })
  const { pnlMicro } = summaryOver(state, token => engine.fold.view(token)?.bestBid ?? 0)
  const trial = trialOver(started, tapes, { fromUs: 0, from: from!, until: until! }, {})
  const kinds = said.flatMap(({ type, data }) => (type === 'PositionsConverted' ? data.kind : []))
  t.ok(kinds.includes('merge') && kinds.includes('no-to-yes'), `${kinds.length} conversions`)
  t.equal(trial.path.net, pnlMicro.realised + pnlMicro.open)
  const [purse] = [...engine.purses.all]
  t.equal(pnlMicro.realised, purse?.exposure.realised, 'and both are what the engine says')
})

t.test(
  'what a gate keeps back after a loss is told from what was not traded for itself',
  async t => {
    const heldIn = ({ outcomes }: Trial) => outcomes.filter(({ isHeldBack }) => isHeldBack).length
    const rested = tried(0, { fails_max: 1, rest_ms: 300_000 }).trial
    t.ok(heldIn(rested) > 5 && heldIn(rested) === rested.refused, `${heldIn(rested)} are held back`)
    const small = tried(0, { exposure_max_micro: 100_000_000 }).trial
    t.ok(small.refused > 5)
    t.equal(heldIn(small), 0, 'no room is no latch')
  },
)

const trial = (of: Partial<Trial>): Trial => ({
  ...{ path: { net: 0, peak: 0, trough: 0, drawdown: 0 }, outcomes: [] },
  ...{ signals: 10, refused: 0, executed: 10, legged: 0, broken: 0, ...of },
})
const path = (net: number, peak: number, trough: number, drawdown: number) => {
  return { path: { net, peak, trough, drawdown } }
}

t.test('a score is what was earned less three penalties', async t => {
  const bankroll = 50_000_000
  t.equal(scoreOf(trial(path(5, 5, 0, 4_000_000)), bankroll).total, 5)
  // A dollar more than 8 % of $50.
  t.match(scoreOf(trial(path(0, 0, 0, 5_000_000)), bankroll), { drawdownPenalty: 1_800_000 })
  // Seven of ten refused: 0.7 × $50 × 0.1.
  t.match(scoreOf(trial({ refused: 7 }), bankroll), { rejectPenalty: 3_500_000 })
  // One of a hundred executed: 0.8 × $50 × 0.01.
  const few = scoreOf(trial({ signals: 100, executed: 1 }), bankroll)
  t.match(few, { executionPenalty: 400_000, total: -400_000 })
  t.match(scoreOf(trial({ signals: 0, executed: 0 }), bankroll), { total: 0 })
})

t.test('a drawdown goes on from one fold to the next', async t => {
  const falls = [path(10, 30, 0, 20), path(-5, 0, -25, 25), path(40, 50, -2, 10)].map(trial)
  t.match(joined(falls), path(45, 55, -15, 45))
})

t.test(
  'the risk of a step is the part that was not earned again, and the change of legging',
  async t => {
    const folds = [
      trial({ ...path(100, 100, 0, 0), legged: 4, broken: 1 }),
      trial({ ...path(40, 40, 0, 0), legged: 2, broken: 1 }),
      trial({ ...path(60, 60, 0, 0), legged: 2, broken: 1 }),
    ]
    const { steps, overfit } = judged([{ bankroll: 1_000, folds, throughout: trial({}) }])
    t.same(
      steps.map(({ risk }) => risk),
      [850_000, 0],
    )
    t.equal(overfit, 425_000)
  },
)

const told = (profits: readonly number[], isHeldBack = false): Outcome[] =>
  profits.map((profit, k) => ({ key: `s${k}-1`, profit, isHeldBack }))

t.test('differences have to be more than chance', async t => {
  const base = [trial({ outcomes: told(Array.from({ length: 12 }, () => 0)) })]
  const better = (count: number) => [trial({ outcomes: told(Array(count).fill(5)) })]
  t.match(pairedTest(better(12), base, 1), { pairs: 12, difference: 60, withoutBestFold: 0 })
  const few = pairedTest(better(4), base, 1)
  t.ok(few.chance > 50_000, 'four of one sign come about by chance')
  const many = pairedTest(better(12), base, 1)
  t.ok(many.chance < 1_000, `twelve do not: ${many.chance}`)
  t.equal(pairedTest(better(12), base, 50).chanceMax, 1_000, 'fifty tries have one level together')
  t.equal(pairedTest(base, better(12), 1).chance, 1_000_000)
  const held = [trial({ outcomes: told(Array(12).fill(0), true) })]
  t.match(pairedTest(better(12), held, 1), { pairs: 0, difference: 0 })
  t.match(pairedTest(base, better(12), 1), { pairs: 12, difference: -60 })
})

t.test('of noise about one pair in twenty passes where there is one candidate', async t => {
  const random = prng(1, 'pairs')
  let passed = 0
  const rounds = 120
  for (let round = 0; round < rounds; round++) {
    const noise = Array.from({ length: 40 }, () => random.below(2_001) - 1_000)
    const { chance, chanceMax } = pairedTest([trial({ outcomes: told(noise) })], [trial({})], 1)
    if (chance <= chanceMax) passed++
  }
  t.ok(passed >= 1 && passed <= 14, `${passed} of ${rounds}`)
})
