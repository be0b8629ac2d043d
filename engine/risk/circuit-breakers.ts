import { GateClosed, GateOpened } from '#schemas/events/risk.js'
import type { DecisionConfig } from '#schemas/config.js'
import type { Gate } from '#schemas/reasons.js'
import type { Turn } from '#engine/core/turn.js'
import { Marks } from './marks.js'

/** A signal that ended after it was traded. */
export interface Ended {
  readonly signal: string
  readonly strategy: string
  /** Its profit or loss, 1e-6 dollar: cash less fees, each complete set counted as the dollar that it will pay. */
  readonly pnl: number
  /** Whether it bought anything. */
  readonly isTraded: boolean
}

const DAY_US = 86_400_000_000
/** Most signals of one strategy that its health is judged by; the oldest give way. */
const MARKS_MAX = 8_192

/**
 * Circuit breakers: gates that close and open by rule, all of it a fold of the log (`GateClosed`, `GateOpened`).
 *
 * - `daily-loss`: the signals of a UTC day lost as much as may be. Opens with the first signal of the next day.
 * - `consecutive-failures`: so many signals in a row lost money. Rests, then lets one signal through as a probe: it opens
 *   the gate when it makes money, and closes it again when it does not.
 * - `strategy-health`: the same for one strategy, by its signals of the last 24 hours.
 */
export class CircuitBreakers {
  config: DecisionConfig['risk']
  /** Closed gates and when they may open, µs. */
  readonly closed = new Map<string, number>()
  /** Half-open gates and the signal that probes them; empty while there is none. */
  readonly probes = new Map<string, string>()
  readonly marks = new Map<string, Marks>()
  day = 0
  dayPnl = 0
  fails = 0
  /** As events name its purse; absent for the shared one. */
  readonly #scope: { readonly scope?: string }

  constructor(config: DecisionConfig['risk'], scope?: string) {
    this.config = config
    this.#scope = scope === undefined ? {} : { scope }
  }

  /** The gates that refuse a signal of this strategy now; those whose time has come open first. */
  against(turn: Turn, { cause, strategy }: { cause: number; strategy: string }): Gate[] {
    const shut: Gate[] = []
    if (this.closed.size === 0 && this.probes.size === 0) return shut
    for (const [gate, of] of scopesOf(strategy)) {
      const key = keyOf(gate, of)
      const until = this.closed.get(key)
      if (until !== undefined && turn.tUs >= until) this.#open(turn, { cause, gate, of })
      else if (until !== undefined || (this.probes.get(key) ?? '') !== '') shut.push(gate)
    }
    return shut
  }

  /** A signal was let through: it probes the gates that are half open. */
  approved(signal: string, strategy: string): void {
    if (this.probes.size === 0) return
    for (const [gate, of] of scopesOf(strategy)) {
      const key = keyOf(gate, of)
      if (this.probes.has(key)) this.probes.set(key, signal)
    }
  }

  /** A signal has ended. One that bought nothing says nothing, but a probe is free again. */
  settled(turn: Turn, cause: number, ended: Ended): void {
    const { signal, strategy, pnl, isTraded } = ended
    for (const [key, probe] of this.probes) if (probe === signal) this.probes.set(key, '')
    if (!isTraded) return
    this.#judgeDay(turn, cause, pnl)
    this.#judgeFails(turn, cause, pnl)
    this.#judgeHealth(turn, cause, strategy, pnl)
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { closed, probes, day, dayPnl, fails } = this
    const marks = new Map([...this.marks].map(([strategy, of]) => [strategy, of.all()]))
    return { closed, probes, marks, days: { day, dayPnl, fails } }
  }

  load({ closed, probes, marks, days }: ReturnType<CircuitBreakers['save']>): void {
    for (const [key, until] of closed) this.closed.set(key, until)
    for (const [key, signal] of probes) this.probes.set(key, signal)
    for (const [strategy, of] of marks) this.marks.set(strategy, new Marks(of))
    Object.assign(this, days)
  }

  #judgeDay(turn: Turn, cause: number, pnl: number): void {
    const day = Math.floor(turn.tUs / DAY_US)
    if (day !== this.day) this.dayPnl = 0
    this.day = day
    this.dayPnl += pnl
    const most = this.config.daily_loss_max_micro
    if (most === 0 || this.dayPnl > -most) return
    const until = (day + 1) * DAY_US
    this.#close(turn, { cause, gate: 'daily-loss', of: '', until, detail: `${this.dayPnl} today` })
  }

  #judgeFails(turn: Turn, cause: number, pnl: number): void {
    const key = keyOf('consecutive-failures', '')
    const isProbed = this.probes.delete(key)
    this.fails = pnl < 0 ? this.fails + 1 : 0
    const most = this.config.fails_max
    if (most === 0 || this.fails === 0 || (this.fails < most && !isProbed)) return
    const detail = isProbed ? `the probe lost ${-pnl}` : `${this.fails} in a row lost money`
    this.#rest(turn, { cause, gate: 'consecutive-failures', of: '', detail })
  }

  #judgeHealth(turn: Turn, cause: number, strategy: string, pnl: number): void {
    const { health_signals_min, health_win_min_bps, health_loss_max_micro } = this.config
    const isProbed = this.probes.delete(keyOf('strategy-health', strategy))
    if (isProbed && pnl >= 0) this.marks.delete(strategy) // judged afresh from here on
    const since = turn.tUs - DAY_US
    const marks = this.marks.get(strategy) ?? new Marks()
    marks.add({ tUs: turn.tUs, pnl }, since, MARKS_MAX)
    this.marks.set(strategy, marks)
    if (health_signals_min === 0 || marks.length < health_signals_min) return
    const { net, wins } = marks
    const isPoor = wins * 10_000 < health_win_min_bps * marks.length && net <= 0
    if (net > -health_loss_max_micro && !isPoor) return
    const detail = `${marks.length} signals in 24 h, ${wins} made money, ${net} in all`
    this.#rest(turn, { cause, gate: 'strategy-health', of: strategy, detail })
  }

  #rest(turn: Turn, of: { cause: number; gate: Gate; of: string; detail: string }): void {
    this.#close(turn, { ...of, until: turn.tUs + this.config.rest_ms * 1_000 })
  }

  #close(
    turn: Turn,
    of: { cause: number; gate: Gate; of: string; until: number; detail: string },
  ): void {
    const { cause, gate, of: strategy, until, detail } = of
    const key = keyOf(gate, strategy)
    if (this.closed.has(key)) return
    this.closed.set(key, until)
    turn.decide(cause, GateClosed.make({ gate, strategy, until, detail, ...this.#scope }))
  }

  #open(turn: Turn, { cause, gate, of }: { cause: number; gate: Gate; of: string }): void {
    const key = keyOf(gate, of)
    const probe = gate !== 'daily-loss'
    this.closed.delete(key)
    if (probe) this.probes.set(key, '')
    turn.decide(cause, GateOpened.make({ gate, strategy: of, probe, ...this.#scope }))
  }
}

/** The gates that a strategy's signals pass, and whose each is. */
const scopesOf = (strategy: string): readonly (readonly [Gate, string])[] => [
  ['daily-loss', ''],
  ['consecutive-failures', ''],
  ['strategy-health', strategy],
]

const keyOf = (gate: Gate, strategy: string): string => `${gate}|${strategy}`
