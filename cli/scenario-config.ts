import type { Config } from '#schemas/config.js'
import { SCENARIOS } from '#engine/feeds/simulator/scenario.js'
import type { Loaded } from './config.js'

/** The configuration for a scenario: where nobody names strategies, those that the scenario is made for, and they trade. */
export function forScenario({ config, sources }: Loaded, source: string): Config {
  const [name = ''] = source.slice('sim:'.length).split('/')
  const names = SCENARIOS.find(scenario => scenario.name === name)?.strategies
  if (!names || sources['strategy.names'] !== 'default') return config
  const isSafe = sources['strategy.safe_only'] === 'default' ? false : config.strategy.safe_only
  return { ...config, strategy: { ...config.strategy, names, safe_only: isSafe } }
}
