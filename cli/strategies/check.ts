import { setImmediate } from 'node:timers/promises'
import { decisionPart, defaults } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import { SCHEMA, type EventOf } from '#schemas/registry.js'
import { LineWriter } from '#schemas/line/writer.js'
import { placesBehind, tapesBefore } from '#engine/book/tape-cut.js'
import { TapeWriter } from '#engine/book/tape-writer.js'
import type { Tape } from '#engine/book/tape.js'
import { Instruments } from '#engine/core/instruments.js'
import { packed, unpacked } from '#engine/core/saved.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import type { SavedEngine } from '#engine/run/engine-loop.js'
import { passOver, TapePass } from '#engine/run/pass.js'
import type { Strategy } from '#engine/strategies/strategy.js'
import { checkLookahead } from '../lookahead.js'
import { Compared, Told, type Difference } from '../told.js'
import { withOwn } from './own.js'

/** Markets that a strategy is tried on: busy books and groups, and markets that are about to be decided. */
const SCENARIOS = ['mixed', 'closing'] as const
const SEED = 9
/** Inputs of each, and places where it is cut. */
const INPUTS = 6_000
const CUTS = 8

/** What a strategy did that it must not do, in words, with the first line that shows it where there is one. */
export interface Unsound {
  readonly why: string
  readonly scenario: string
  /** Inputs before the cut that shows it; undefined where none was made. */
  readonly cut?: number
  readonly difference?: Difference
}

/** What came of trying a strategy. */
export interface Trying {
  readonly first: Unsound | null
  /** Inputs it was shown, and places where the run was cut. */
  readonly inputs: number
  readonly cuts: number
  /** Signals, quotes and orders of its own. None: nothing of it was tried but that it keeps still. */
  readonly acts: number
}

interface Ground {
  readonly scenario: string
  readonly strategy: Strategy
  readonly started: EventOf<'RunStarted'>
  readonly tape: Tape
}

/**
 * Tries whether a strategy decides by its events, its parameters and its memory alone, over short simulated markets with its
 * default parameters: the same inputs twice, the inputs before a cut alone, and from what it saved at a cut, must give the same
 * decisions, byte for byte.
 */
export async function tried(strategy: Strategy, stop: AbortSignal): Promise<Trying> {
  let [inputs, cuts, acts] = [0, 0, 0]
  for (const scenario of SCENARIOS) {
    const ground = {
      scenario,
      strategy,
      started: startedWith(strategy),
      tape: await taped(scenario),
    }
    try {
      const found = await triedOn(ground, stop)
      inputs += ground.tape.inputs
      cuts += found.cuts
      acts += found.acts
      if (found.first) return { first: found.first, inputs, cuts, acts }
    } catch (error) {
      const why = `it fails: ${error instanceof Error ? error.message : String(error)}`
      return { first: { why, scenario }, inputs, cuts, acts }
    }
  }
  return { first: null, inputs, cuts, acts }
}

async function triedOn(
  ground: Ground,
  stop: AbortSignal,
): Promise<Pick<Trying, 'first' | 'cuts' | 'acts'>> {
  const { scenario, started, tape, strategy } = ground
  const strategies = withOwn([strategy])
  const tapes = [tape]
  let acts = 0
  const told = new Told()
  passOver({ started, tapes, parts: { strategies } }, turn => {
    told.add(turn)
    acts += turn.rows.filter(({ event: { type } }) => ACTS.has(type)).length
  })
  const cuts = Array.from({ length: CUTS }, (_, k) => Math.floor((INPUTS * (k + 1)) / (CUTS + 1)))
  const saving = await unsavedAt(ground, { told, cuts })
  if (saving) return { first: saving, cuts: cuts.length, acts }
  const verdict = await checkLookahead({
    ...{ started, tapes, inputs: tape.inputs, cuts: CUTS, stop },
    partsOf: () => ({ parts: { strategies }, close: () => undefined }),
    progress: () => undefined,
  })
  const { first: found, isRepeatable } = verdict
  if (!found) return { first: null, cuts: cuts.length + verdict.cuts, acts }
  const { cut, ...difference } = found
  const why = isRepeatable
    ? 'it decides otherwise when the market ends earlier: something that it goes by came later'
    : 'it decides otherwise a second time: it remembers something outside of its memory'
  return { first: { why, scenario, cut, difference }, cuts: cuts.length + verdict.cuts, acts }
}

/** What a strategy does, rather than the engine about it. */
const ACTS: ReadonlySet<string> = new Set(['SignalRaised', 'QuoteTargeted', 'OrderPlaced'])

/** The first cut where the strategy does not go on from what it saved as it would have gone on. */
async function unsavedAt(
  { scenario, strategy, started, tape }: Ground,
  { told, cuts }: { readonly told: Told; readonly cuts: readonly number[] },
): Promise<Unsound | undefined> {
  const parts = { strategies: withOwn([strategy]) }
  const tapes = [tape]
  for (const place of placesBehind(tapes, cuts)) {
    await setImmediate() // the process hears its signals
    const before = new TapePass({ started, parts }, () => undefined)
    before.over(tapesBefore(tapes, place))
    const saved = packed(before.loop.save())
    const compared = new Compared(told, before.loop.lastSeq)
    const pass = new TapePass({ started, parts }, turn => {
      compared.add(turn)
    })
    pass.load(unpacked(saved) as SavedEngine) // what `save` gave
    pass.over(tapes, place)
    pass.end()
    const difference = compared.end(Number.POSITIVE_INFINITY)
    const why = 'it decides otherwise after its memory was saved and loaded'
    if (difference) return { why, scenario, cut: place.inputs, difference }
  }
  return undefined
}

/** A run of this strategy alone, on paper, whatever its profit depends on. */
function startedWith({ name }: Strategy): EventOf<'RunStarted'> {
  const base = decisionPart(defaults())
  const strategy = { ...base.strategy, names: [name], safe_only: false }
  return RunStarted.make({
    ...{ parent: '', mode: 'paper_live', source: 'sim', schema: SCHEMA, seed: SEED, faults: [] },
    ...{ config: { ...base, strategy }, digest: '' },
  })
}

/** A simulated market on a tape. */
async function taped(scenario: string): Promise<Tape> {
  const [writer, lines] = [new TapeWriter(), new LineWriter()]
  const opening = {
    signal: new AbortController().signal,
    instruments: new Instruments().opening(),
  }
  for await (const batch of simulatorFeed({ scenario, seed: SEED, events: INPUTS }).open(opening))
    for (const { tUs, event } of batch) {
      lines.reset()
      lines.event(1, tUs, 0, event)
      writer.line(lines.bytes, tUs)
    }
  return writer.take()
}
