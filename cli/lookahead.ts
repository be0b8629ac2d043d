import { setImmediate } from 'node:timers/promises'
import type { EventOf, TypeName } from '#schemas/registry.js'
import type { Tape } from '#engine/book/tape.js'
import { placesBehind, tapesBefore } from '#engine/book/tape-cut.js'
import { passOver, TapePass } from '#engine/run/pass.js'
import type { Parts } from '#engine/run/start.js'
import { Compared, Told, type Difference } from './told.js'

/** What is looked at, and how closely. */
export interface LookaheadCheck {
  readonly started: EventOf<'RunStarted'>
  readonly tapes: readonly Tape[]
  /** Inputs on the tapes. */
  readonly inputs: number
  /** Cuts spread evenly; as many again at most behind inputs that something was decided after. */
  readonly cuts: number
  /** Parts of an engine of its own for a pass over these tapes, and how it lets go of them. */
  readonly partsOf: (tapes: readonly Tape[]) => {
    readonly parts: Parts
    readonly close: () => void
  }
  readonly progress: (pass: number, passes: number) => void
  readonly stop: AbortSignal
}

/** A decision that is not what it was when more, or the same once more, was known. */
export interface Lookahead extends Difference {
  /** Inputs that the shorter run had. */
  readonly cut: number
}

/** What came of a check. */
export interface LookaheadVerdict {
  /** Cuts that were compared. */
  readonly cuts: number
  /** Decisions of the whole run. */
  readonly decisions: number
  /** Whether the whole run decides the same a second time. */
  readonly isRepeatable: boolean
  /** The decision with the lowest number that differs, at the earliest cut that shows it. */
  readonly first: Lookahead | null
}

/**
 * Whether any decision depends on inputs that came after it. The whole run is the measure; at each cut an engine of its own
 * takes the inputs before it, from the first on, and then lets time pass until the one behind it. What it has decided by then
 * must be, byte for byte, what the whole run has. The whole run once more comes last, and must be the first again: whatever
 * a rule has kept outside of its memory is known by then.
 */
export async function checkLookahead(check: LookaheadCheck): Promise<LookaheadVerdict> {
  const { started, tapes, inputs, partsOf, progress, stop } = check
  const told = new Told()
  const [acted, decided] = [new Set<number>(), new Set<number>()]
  const served = partsOf(tapes)
  const whole = new TapePass({ started, parts: served.parts }, turn => {
    told.add(turn)
    const behind = whole.loop.inputs - told.others
    if (turn.rows.some(({ event }) => ACTS.has(event.type))) acted.add(behind)
    else if (turn.rows.length > 1) decided.add(behind)
  })
  whole.over(tapes)
  const { decisions } = whole.end()
  served.close()
  const cuts = cutsOf({ inputs, cuts: check.cuts, acted: [...acted], decided: [...decided] })
  let first: Lookahead | null = null
  for (const [k, place] of placesBehind(tapes, cuts).entries()) {
    await setImmediate() // the process hears its signals
    if (stop.aborted) return { cuts: k, decisions, isRepeatable: true, first }
    progress(k + 1, cuts.length)
    const before = tapesBefore(tapes, place)
    const { parts, close } = partsOf(before)
    const compared = new Compared(told)
    const { loop } = passUntil({ started, parts, before, nextUs: place.nextUs }, compared)
    close()
    first = earlier(first, compared.end(loop.lastSeq + 1), place.inputs)
  }
  const { parts, close } = partsOf(tapes)
  const again = new Compared(told)
  passOver({ started, tapes, parts }, turn => {
    again.add(turn)
  })
  close()
  const difference = again.end(Number.POSITIVE_INFINITY)
  first = earlier(first, difference, inputs)
  return { cuts: cuts.length, decisions, isRepeatable: difference === undefined, first }
}

/** An engine over what there was before a cut; time then passes until the next input, which does not come. */
function passUntil(
  {
    started,
    parts,
    before,
    nextUs,
  }: Pick<LookaheadCheck, 'started'> & { parts: Parts; before: readonly Tape[]; nextUs: number },
  compared: Compared,
): TapePass {
  const pass = new TapePass({ started, parts }, turn => {
    compared.add(turn)
  })
  pass.over(before)
  pass.loop.catchUp(Math.max(nextUs, pass.loop.tUs))
  return pass
}

/** What a rule does, rather than the engine about it. */
const ACTS: ReadonlySet<TypeName> = new Set(['SignalRaised', 'QuoteTargeted', 'OrderPlaced'])

/**
 * Numbers of inputs behind which to cut, ascending: spread over all, and over those behind which something was decided, first of all by
 * a rule.
 */
function cutsOf({ inputs, cuts, acted, decided }: Cutting): number[] {
  const even = Array.from({ length: cuts }, (_, k) => Math.floor((inputs * (k + 1)) / (cuts + 1)))
  const behind = spread(acted, cuts)
  const all = [...even, ...behind, ...spread(decided, cuts - behind.length)]
  return [...new Set(all)].filter(n => n > 0 && n < inputs).sort((a, b) => a - b)
}

interface Cutting {
  readonly inputs: number
  readonly cuts: number
  readonly acted: readonly number[]
  readonly decided: readonly number[]
}

/** At most so many of them, evenly spread. */
function spread(of: readonly number[], most: number): number[] {
  const length = Math.min(most, of.length)
  return Array.from({ length }, (_, k) => of[Math.floor((of.length * k) / length)]!)
}

function earlier(
  first: Lookahead | null,
  found: Difference | undefined,
  cut: number,
): Lookahead | null {
  return found && (first === null || found.seq < first.seq) ? { cut, ...found } : first
}
