import type { DecisionConfig } from '#schemas/config.js'
import { basket } from './basket.js'
import { parity } from './parity.js'
import type { Strategy } from './strategy.js'

/** Makes a rule from the configuration of its run. */
export type StrategyMaker = (config: DecisionConfig) => Strategy
export type Strategies = Readonly<Record<string, StrategyMaker>>

/** All rules by name. */
export const STRATEGIES: Strategies = { parity, basket }
