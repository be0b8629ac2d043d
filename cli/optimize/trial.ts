import { CommandGiven } from '#schemas/events/run.js'
import type { Drop, Refusal } from '#schemas/reasons.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { CompleteSets } from '#projections/complete-sets.js'
import { PurseHoldings } from '#projections/purse-holdings.js'
import { signalOf } from '#projections/owners.js'
import { tapesBefore, type TapePlace } from '#engine/book/tape-cut.js'
import type { Tape } from '#engine/book/tape.js'
import { TapePass } from '#engine/run/pass.js'
import type { Parts } from '#engine/run/start.js'

/** The part of a run that a configuration is tried on. */
export interface TrialWindow {
  /** From here on it may trade, µs. */
  readonly fromUs: number
  /** The first input at or behind that time. */
  readonly from: TapePlace
  /** The first input that is no longer in it. */
  readonly until: TapePlace
}

/** What was earned on the way, 1e-6 dollar, measured at every fill, payout and at the end; it begins with nothing. */
export interface Path {
  readonly net: number
  readonly peak: number
  readonly trough: number
  /** The most that was lost from any peak. */
  readonly drawdown: number
}

/** What one signal earned; or one market, by what is no signal: quotes and single orders. */
export interface Outcome {
  /** Id of the signal, or `m` and the market. */
  readonly key: string
  /** Cash of its fills, and what they left: complete sets at a dollar, the rest at its best bid. 1e-6 dollar. */
  readonly profit: number
  /** Whether its rule wanted it, and a stop or a gate that earlier signals closed kept it from being traded. */
  readonly isHeldBack: boolean
}

/** How a configuration traded in one window. */
export interface Trial {
  readonly path: Path
  /** Signals raised; without those that repeat another. */
  readonly signals: number
  readonly refused: number
  /** Signals of which at least one order filled. */
  readonly executed: number
  /** Signals that bought something and ended, and those of them that did not end in complete sets alone. */
  readonly legged: number
  readonly broken: number
  readonly outcomes: readonly Outcome[]
}

/**
 * Trades a window as an engine would that was started earlier and paused until then: the inputs before it build its books, trust and
 * what its rules remember, and every signal of that time is refused. Cash is whole and nothing is held when it begins. What it
 * still holds when the window is over is valued then.
 */
export function trialOver(
  started: EventOf<'RunStarted'>,
  tapes: readonly Tape[],
  { from, until, fromUs }: TrialWindow,
  parts: Parts,
): Trial {
  const within = tapesBefore(tapes, until)
  const fold = new TrialFold(token => pass.loop.state.fold.view(token)?.bestBid ?? 0)
  const pass = new TapePass({ started, parts }, ({ rows }) => {
    for (const row of rows) fold.take(row)
    fold.measure()
  })
  pass.begin(within)
  if (from.inputs > 0) {
    pass.take(pass.loop.tUs, said('pause'))
    pass.over(tapesBefore(tapes, from))
    pass.take(fromUs, said('resume'))
  }
  fold.isOpen = true
  pass.over(within, from)
  pass.end()
  return fold.trial()
}

const said = (command: 'pause' | 'resume'): EventOf<'CommandGiven'> =>
  CommandGiven.make({ command, by: 'arb-optimize' })

/** Why a signal is not traded because of what became of others before it, for as long as that lasts. */
const LATCHES: ReadonlySet<Refusal | Drop> = new Set([
  'hard-stop',
  'daily-loss',
  'consecutive-failures',
  'strategy-health',
])

interface Unit {
  readonly isSignal: boolean
  isHeldBack: boolean
  isFilled: boolean
  readonly holdings: PurseHoldings
}

/** Folds the turns of a pass into a trial. */
class TrialFold {
  /** Whether the window has begun: what was decided before counts for nothing. */
  isOpen = false
  readonly #bidOf: (token: number) => number
  readonly #whole = new PurseHoldings()
  readonly #units = new Map<string, Unit>()
  /** Signals that end sold, and not in sets. */
  readonly #converting = new Set<string>()
  readonly #sets = new CompleteSets()
  readonly #marketOf = new Map<number, number>()
  #counts = { refused: 0, legged: 0, broken: 0 }
  #path: Path = { net: 0, peak: 0, trough: 0, drawdown: 0 }
  #isMoved = false

  constructor(bidOf: (token: number) => number) {
    this.#bidOf = token => (this.#sets.isUnknown(token) ? 0 : bidOf(token))
  }

  take({ event }: Recorded): void {
    this.#sets.take(event)
    if (event.type === 'TokenListed') this.#marketOf.set(event.data.token, event.data.market)
    if (this.isOpen) this.#count(event)
  }

  /** Behind a turn: what all of it is worth, where something of ours changed hands. */
  measure(): void {
    if (!this.#isMoved) return
    this.#isMoved = false
    const net = this.#worth(this.#whole)
    const { peak, trough, drawdown } = this.#path
    this.#path = {
      net,
      peak: Math.max(peak, net),
      trough: Math.min(trough, net),
      drawdown: Math.max(drawdown, peak - net),
    }
  }

  trial(): Trial {
    this.#isMoved = true
    this.measure()
    const units = [...this.#units]
    const signals = units.filter(([, { isSignal }]) => isSignal)
    return {
      path: this.#path,
      signals: signals.length,
      executed: signals.filter(([, { isFilled }]) => isFilled).length,
      ...this.#counts,
      outcomes: units.map(([key, { holdings, isHeldBack }]) => {
        return { key, profit: this.#worth(holdings), isHeldBack }
      }),
    }
  }

  #count(event: Event): void {
    if (this.#whole.take(event)) this.#isMoved = true
    switch (event.type) {
      case 'SignalRaised':
        this.#units.set(event.data.signal, unit(true))
        if (event.data.converts === true) this.#converting.add(event.data.signal)
        return
      case 'DedupSignal':
        this.#units.delete(event.data.signal)
        return
      case 'IntentRefused':
        this.#counts.refused++
        if (event.data.reasons.some(reason => LATCHES.has(reason))) this.#hold(event.data.signal)
        return
      case 'SignalDropped':
        if (LATCHES.has(event.data.reason)) this.#hold(event.data.signal)
        return
      case 'OrderFilled':
        this.#of(event.data).holdings.take(event)
        this.#of(event.data).isFilled = true
        return
      case 'FillVoided':
        this.#of(event.data).holdings.take(event)
        return
      case 'PositionsConverted': {
        // Merged sets are those of several signals: each keeps its own at the dollar that they became, and the last pays the gas.
        const { kind, signal, gas, scope } = event.data
        const holdings = this.#units.get(signal)?.holdings
        if (kind === 'merge') holdings?.of(scope).pay(gas)
        else holdings?.take(event)
        return
      }
      case 'ConversionFailed':
        this.#units.get(event.data.signal)?.holdings.take(event)
        return
      case 'LegsSettled': {
        const { signal, result } = event.data
        if (result === 'none') return
        this.#counts.legged++
        const isWhole =
          result === 'matched' || (this.#converting.has(signal) && result === 'flattened')
        if (!isWhole) this.#counts.broken++
        return
      }
      case 'MarketResolved':
        for (const { holdings } of this.#units.values()) holdings.take(event)
        return
      default:
    }
  }

  #hold(signal: string): void {
    const held = this.#units.get(signal)
    if (held) held.isHeldBack = true
  }

  /** The signal of an order, or the market of one that no signal stands behind. */
  #of({ order, token }: { readonly order: string; readonly token: number }): Unit {
    const signal = this.#units.get(signalOf(order))
    if (signal) return signal
    const key = `m${this.#marketOf.get(token) ?? 0}`
    const known = this.#units.get(key) ?? unit(false)
    this.#units.set(key, known)
    return known
  }

  #worth(holdings: PurseHoldings): number {
    const { realised, open } = holdings.pnl(this.#bidOf, tokens => this.#sets.among(tokens))
    return realised + open
  }
}

const unit = (isSignal: boolean): Unit => {
  return { isSignal, isHeldBack: false, isFilled: false, holdings: new PurseHoldings() }
}
