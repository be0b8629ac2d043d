import type { Strategy } from '../strategy.js'
import { endgame } from './endgame.js'
import { imbalance } from './imbalance.js'
import { spike, trend } from './moves.js'
import { crossMarket, synonym, temporal } from './related.js'
import { dutchBook, sumLt1 } from './set-sum.js'

/** Types of rules as files of rules name them, each with the strategy that looks for it. */
export const RULE_TYPES = {
  SUM_LT_1: sumLt1,
  DUTCH_BOOK_DETECT: dutchBook,
  SPIKE_DETECT: spike,
  ENDGAME_SWEEP: endgame,
  SYNONYM_MISPRICE: synonym,
  CROSS_MARKET_MISPRICE: crossMarket,
  TREND_BREAKOUT: trend,
  ORDER_BOOK_IMBALANCE: imbalance,
  TEMPORAL_ARBITRAGE: temporal,
} as const satisfies Readonly<Record<string, Strategy>>
/** One of them. */
export type RuleType = keyof typeof RULE_TYPES

/** Whether a strategy is one of a rule: its signals have a level and a score. */
export const ruleTypeOf = (strategy: string): RuleType | undefined =>
  (Object.keys(RULE_TYPES) as RuleType[]).find(type => RULE_TYPES[type].name === strategy)
