import { decisionPart, defaults, type DecisionConfig } from '#schemas/config.js'
import { CommandGiven, ConfigChanged } from '#schemas/events/run.js'
import { FAULTS, type Fault } from '#schemas/reasons.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { opening } from '#engine/feeds/testing/drain.js'

/** A second market maker on the same markets, with a purse of its own. */
export const TWIN = {
  id: 'twin',
  strategy: 'quoting',
  scope: 'twin',
  params: { half_spread_bps: 80 },
}

/** What a seed chooses: limits, latencies, rejects, lost answers, faults. */
export function chosen(seed: number): { config: DecisionConfig; faults: readonly Fault[] } {
  const rng = prng(seed, 'simulation test')
  const one = <T>(of: readonly T[]): T => of[rng.below(of.length)]!
  const base = decisionPart(defaults())
  const config: DecisionConfig = {
    ...base,
    strategy: {
      ...base.strategy,
      ...one([
        { names: ['parity', 'basket'], instances: [] },
        { names: ['parity', 'basket', 'quoting'], instances: [] },
        { names: ['parity', 'quoting'], instances: [TWIN] },
      ]),
    },
    quoting: {
      half_spread_bps: one([0, 50, 300]),
      size_micro: one([5_000_000, 20_000_000]),
      inventory_max_micro: one([10_000_000, 60_000_000]),
      lean_bps: one([0, 200]),
      refresh_ms: one([300, 5_000]),
    },
    parity: { ...base.parity, min_edge_bps: one([20, 60, 120]) },
    dedup: { ...base.dedup, ttl_ms: one([0, 200, 30_000]) },
    risk: {
      ...base.risk,
      bankroll_micro: one([20_000_000, 300_000_000, 1_000_000_000]),
      exposure_max_micro: one([50_000_000, 800_000_000]),
      rejects_max: one([2, 5, 50]),
      daily_loss_max_micro: one([0, 2_000_000]),
      fails_max: one([0, 1, 3]),
      rest_ms: one([100, 3_000]),
      health_signals_min: one([0, 2]),
      error_rate_max_bps: one([0, 5_000]),
      error_window: one([3, 20]),
      scope: one(['shared', 'instance'] as const),
      global_exposure_max_micro: one([0, 60_000_000]),
      reconcile_every_ms: one([0, 500, 60_000]),
    },
    oms: {
      ...base.oms,
      signals_max: one([1, 3]),
      queue_max: one([0, 1, 64]),
      cooldown_ms: one([0, 1_000]),
      answer_timeout_ms: one([100, 10_000]),
      query_deadline_ms: one([0, 3_000, 20_000]),
      requote_min_ms: one([0, 250]),
    },
    sim: {
      ...base.sim,
      fill_model: one(['share', 'walk'] as const),
      fill_share_liquid_bps: one([3_000, 10_000]),
      fill_share_thin_bps: one([500, 3_000, 10_000]),
      latency_ms: one([0, 120, 900]),
      jitter_ms: one([0, 40, 400]),
      reject_bps: one([0, 500, 5_000]),
      lost_bps: one([0, 0, 300]),
      answer_lost_bps: one([0, 0, 500]),
      spike_ms: one([0, 2_500]),
      spike_every: one([0, 7]),
      drop_book_bps: one([0, 1_000]),
      queue_model: one(['pessimistic', 'proportional', 'optimistic'] as const),
    },
  }
  const faults = FAULTS.filter(() => rng.below(5) === 0)
  const { merge, sim } = conversions(seed, config)
  if (seed % CONVERTING !== 0) return { config: { ...config, merge, sim }, faults }
  return { config: converting({ ...config, merge, sim }), faults: [] }
}

/** One seed in so many converts NO into YES, at a loss and all the time, in calm markets; else few would. */
const CONVERTING = 8

/** How sets are merged; of a stream of its own, so that it changes nothing of what else a seed chooses. */
function conversions(seed: number, { sim }: DecisionConfig): Pick<DecisionConfig, 'merge' | 'sim'> {
  const rng = prng(seed, 'conversions')
  const one = <T>(of: readonly T[]): T => of[rng.below(of.length)]!
  return {
    merge: { sets_min_micro: one([0, 5_000_000, 20_000_000]) },
    sim: { ...sim, conversion_ms: one([0, 500, 4_000]), conversion_fail_bps: one([0, 2_000]) },
  }
}

function converting(config: DecisionConfig): DecisionConfig {
  const { risk, sim } = decisionPart(defaults())
  const { conversion_ms, conversion_fail_bps } = config.sim
  return {
    ...config,
    strategy: { ...config.strategy, names: ['conversion', 'parity'], instances: [] },
    conversion: {
      ...config.conversion,
      ...{ min_edge_bps: -400, size_max_micro: 6_000_000, candidates_max: 3 },
    },
    dedup: { ...config.dedup, ttl_ms: 0 },
    oms: { ...config.oms, cooldown_ms: 0 },
    risk: { ...risk, daily_loss_max_micro: 0, fails_max: 0, health_signals_min: 0 },
    sim: { ...sim, conversion_ms, conversion_fail_bps, fill_model: 'walk', reject_bps: 0 },
  }
}

/** What a simulated market says under a seed. */
export async function marketInputs(seed: number, events: number): Promise<FeedInput[]> {
  const feed = simulatorFeed({
    scenario: seed % 2 === 0 ? 'mixed' : 'parity-busy',
    ...{ seed, events },
    mispricingsPerMillion: 40_000,
  })
  const inputs: FeedInput[] = []
  for await (const batch of feed.open(opening())) inputs.push(...batch)
  return inputs
}

/** An operator who says something now and then, and reloads the configuration. */
export function withOperator(
  seed: number,
  inputs: readonly FeedInput[],
  config: DecisionConfig,
): FeedInput[] {
  const rng = prng(seed, 'operator')
  const said: FeedInput[] = []
  let { parity, risk } = config
  for (const input of inputs) {
    said.push(input)
    const dice = rng.below(2_000)
    const { tUs } = input
    const command = COMMANDS[dice]
    if (command) said.push({ tUs, event: CommandGiven.make({ command, by: 'test' }) })
    if (dice !== COMMANDS.length) continue
    parity = { ...parity, min_edge_bps: 20 + rng.below(100) }
    risk = { ...risk, bankroll_micro: risk.bankroll_micro + rng.below(5) * 1_000_000 }
    const next = { ...config, parity, risk }
    said.push({ tUs, event: ConfigChanged.make({ config: next, digest: '' }) })
  }
  return said
}

const COMMANDS = [
  ...(['pause', 'resume', 'resume', 'note', 'cancel-all', 'flatten'] as const),
  ...(['hard-stop', 'clear-hard-stop', 'clear-hard-stop'] as const),
]
