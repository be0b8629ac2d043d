import { Count, Edge, key, Names, Positive, type Key } from '#schemas/config-codecs.js'
import { BasePoints, Level, Mode, Weights, type METRICS } from '#schemas/rule-codecs.js'
import { EXIT_KEYS } from '#schemas/strategy-keys.js'
import type { ExitRules } from '../exits.js'
import type { ParamTable } from '../strategy.js'

/** What every rule has. Money in 1e-6 dollar, sizes in 1e-6 share, times in ms. */
export interface Common extends ExitRules {
  readonly level: Level
  readonly base: number
  readonly weights: Readonly<Partial<Record<(typeof METRICS)[number], number>>>
  readonly mode: Mode
  readonly version: number
  readonly min_edge_bps: number
  readonly liquidity_min_micro: number
  readonly spread_max_bps: number
  readonly hold_for_ms: number
  readonly cooldown_ms: number
  readonly size_max_micro: number
  readonly positions_max: number
  readonly ttl_ms: number
  readonly markets: readonly string[]
  readonly keywords: readonly string[]
  readonly exclude: readonly string[]
}

/** Defaults of a rule type that differ from one type to the next. */
interface Own {
  readonly level: 'P1' | 'P2' | 'P3'
  readonly base: number
  readonly weights: Common['weights']
  readonly minEdge: number
  readonly liquidity: number
  readonly cooldownMs: number
}

/** The parameters that every rule has, with the defaults of its type, and those of its own. */
export function ruleParams(own: Own, extra: Readonly<Record<string, Key>> = {}): ParamTable {
  const { level, base, weights, minEdge, liquidity, cooldownMs } = own
  return {
    level: key(Level, level, '—', 'how urgent a hit is'),
    base: key(BasePoints, base, 'points', 'score of a hit whose metrics are all 0'),
    weights: key(
      Weights,
      weights,
      '1/100',
      'what each metric adds of the points that are left to 100',
    ),
    mode: key(
      Mode,
      'manual',
      '—',
      'whether a hit waits for the operator, or goes to risk and is traded by itself',
    ),
    version: key(Positive, 1, '—', 'of the rule, for whoever keeps several'),
    min_edge_bps: key(
      Edge,
      minEdge,
      'bps of payout',
      'least edge, by the prices that can be had, after fees',
    ),
    liquidity_min_micro: key(
      Count,
      liquidity,
      '1e-6 $',
      'what the first three asks of the thinnest leg hold, at least',
    ),
    spread_max_bps: key(Count, 10_000, 'bps of mid', 'widest spread of a leg; more is noise'),
    hold_for_ms: key(Count, 0, 'ms', 'how long a hit has to last before it counts; less is noise'),
    cooldown_ms: key(
      Count,
      cooldownMs,
      'ms',
      'the rule says nothing of the same market again for so long',
    ),
    size_max_micro: key(Positive, 50_000_000, '1e-6 share', 'most shares of every leg'),
    positions_max: key(Positive, 20, 'count', 'outcomes held at once'),
    ttl_ms: key(Positive, 60_000, 'ms', 'a signal is not acted on after this'),
    markets: key(Names, [], '—', "only these markets, by the venue's ids; empty: all"),
    keywords: key(Names, [], '—', 'only markets whose question has one of these words; empty: all'),
    exclude: key(Names, [], '—', 'no market whose question has one of these words'),
    ...extra,
    ...EXIT_KEYS,
  }
}
