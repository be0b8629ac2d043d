import * as t from 'io-ts'
import { Count, Names } from './config-codecs.js'

/** What a score can be made of. */
export const METRICS = [
  'edge',
  'liquidity',
  'spread',
  'time_to_end',
  'velocity',
  'vol_surge',
  'gap',
  'imbalance',
] as const
/** Names by which a signal of a rule carries its level (1 for P1), its score (hundredths of a point) and its version, among what it saw. */
export const USED = { level: 'level', score: 'score-1e2', version: 'rule-version' } as const

/** How urgent a hit is. */
export const Level = t.keyof({ P1: null, P2: null, P3: null }, '"P1", "P2" or "P3"')
export type Level = t.TypeOf<typeof Level>
/** Whether a hit is acted on by itself, or waits for the operator. */
export const Mode = t.keyof({ manual: null, auto: null }, '"manual" or "auto"')
export type Mode = t.TypeOf<typeof Mode>
/** What a rule makes of a move: that it goes on, or that it goes back. */
export const Direction = t.keyof({ fade: null, follow: null }, '"fade" or "follow"')
/** Weights of metrics, in hundredths. */
export const Weights = t.readonly(
  t.exact(t.partial(Object.fromEntries(METRICS.map(name => [name, Count])))),
  `{ ${METRICS.map(name => `${name}?`).join(', ')} } in hundredths`,
)
/** Markets that mean the same, or that depend on one another. */
export const Related = t.readonlyArray(
  t.readonly(
    t.exact(
      t.intersection([t.type({ name: t.string }), t.partial({ markets: Names, keywords: Names })]),
    ),
  ),
  'list of { name, markets?, keywords? }',
)
export type Related = t.TypeOf<typeof Related>

/** Points of a score to begin with. */
export const BasePoints = t.refinement(Count, n => n <= 100, 'whole number 0 … 100')
