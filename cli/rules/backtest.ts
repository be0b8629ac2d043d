import { USED } from '#schemas/rule-codecs.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Turn } from '#engine/core/turn.js'
import { ruleTypeOf } from '#engine/strategies/rules/registry.js'
import type { RuleInstance } from './dsl.js'

/** A hit of a rule, at the time of the input that it is about. */
export interface RuleHit {
  readonly tUs: number
  readonly rule: string
  readonly type: string
  /** The run's number of the market. */
  readonly market: number
  readonly level: number
  /** Hundredths of a point. */
  readonly score: number
  /** bps of the payout, after fees. */
  readonly edge: number
  /** What it saw, by name. */
  readonly saw: readonly (readonly [name: string, value: number])[]
}

/** Hits of a day (UTC) and rule. Means are those of all hits, rounded down. */
export interface RuleKpi {
  readonly day: string
  readonly rule: string
  readonly type: string
  readonly signals: number
  readonly p1: number
  readonly edgeMeanBps: number
  readonly edgeMostBps: number
  readonly scoreMean1e2: number
}

/** Names that a signal of a rule carries besides what its type saw. */
const OWN: ReadonlySet<string> = new Set(Object.values(USED))

/** The decisions of rules alone; where they are to trade, each on its own account. */
export function rulesAlone(
  config: DecisionConfig,
  rules: readonly RuleInstance[],
  trades: boolean,
): DecisionConfig {
  const instances = rules.map(({ params, ...of }) => ({
    ...of,
    params: trades ? { ...params, mode: 'auto' } : params,
  }))
  const strategy = { ...config.strategy, names: [], instances }
  return { ...config, strategy: trades ? { ...strategy, safe_only: false } : strategy }
}

/** Collects hits turn by turn, those in a span of event time. */
export class RuleHits {
  readonly all: RuleHit[] = []
  readonly #span: { readonly fromUs: number; readonly untilUs: number }

  constructor(span: { readonly fromUs: number; readonly untilUs: number }) {
    this.#span = span
  }

  take({ rows, tUs }: Pick<Turn, 'tUs'> & { readonly rows: readonly Recorded[] }): void {
    const raised = new Map<string, EventOf<'SignalRaised'>['data']>()
    for (const { event } of rows) {
      if (event.type === 'SignalRaised') raised.set(event.data.signal, event.data)
      // A standing offer that is said again is no second hit.
      if (event.type === 'DedupSignal') raised.delete(event.data.signal)
    }
    const { fromUs, untilUs } = this.#span
    if (tUs < fromUs || tUs >= untilUs) return
    for (const data of raised.values()) {
      const type = ruleTypeOf(data.strategy)
      if (type === undefined) continue
      const used = new Map(data.used ?? [])
      this.all.push({
        ...{ tUs, rule: data.instance ?? data.strategy, type, edge: data.edge },
        market: data.market,
        level: used.get(USED.level) ?? 0,
        score: used.get(USED.score) ?? 0,
        saw: (data.used ?? []).filter(([name]) => !OWN.has(name)),
      })
    }
  }
}

/** Hits by day and rule, in this order. */
export function kpisOf(
  hits: readonly RuleHit[],
  dayOf: (tUs: number) => string,
): readonly RuleKpi[] {
  const groups = new Map<string, RuleHit[]>()
  for (const hit of hits) {
    const key = `${dayOf(hit.tUs)} ${hit.rule}`
    groups.set(key, [...(groups.get(key) ?? []), hit])
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, of]) => {
      const [first] = of
      if (!first) return []
      const sum = (by: (hit: RuleHit) => number): number =>
        of.reduce((all, hit) => all + by(hit), 0)
      return {
        day: key.split(' ')[0] ?? '',
        ...{ rule: first.rule, type: first.type, signals: of.length },
        p1: of.filter(({ level }) => level === 1).length,
        edgeMeanBps: Math.floor(sum(({ edge }) => edge) / of.length),
        edgeMostBps: of.reduce((most, { edge }) => Math.max(most, edge), -10_000),
        scoreMean1e2: Math.floor(sum(({ score }) => score) / of.length),
      }
    })
}

/** A hit in one line, with the question of its market. */
export const messageOf = ({ type, rule, edge, level, saw }: RuleHit, question: string): string =>
  `P${level} ${type} (${rule}) ${edge} bps: ${question} [${saw.map(([name, value]) => `${name} ${value}`).join(', ')}]`
