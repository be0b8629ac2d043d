import { basket } from './basket.js'
import { bond } from './bond.js'
import { conversion } from './conversion.js'
import { parity } from './parity.js'
import { quoting } from './quoting.js'
import { singleOrder } from './single-order.js'
import { tail } from './tail.js'
import { RULE_TYPES } from './rules/registry.js'
import type { Strategy } from './strategy.js'

/** Strategies by name. */
export type Strategies = Readonly<Record<string, Strategy>>

/** All strategies that this program knows, by name. */
export const STRATEGIES: Strategies = {
  parity,
  basket,
  conversion,
  bond,
  tail,
  quoting,
  [singleOrder.name]: singleOrder,
  ...Object.fromEntries(Object.values(RULE_TYPES).map(rule => [rule.name, rule])),
}
