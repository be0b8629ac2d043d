import { ClockTicked } from '#schemas/events/run.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Event } from '#schemas/registry.js'
import type { TapeWalked, TurnsWalked } from '#engine/book/fold.js'
import type { Tape } from '#engine/book/tape.js'
import type { FramesWalked } from '#engine/book/frame-walk.js'
import type { RawChunk } from '#engine/feeds/feed.js'
import type { AnswerEvent, Gateway } from '#engine/gateways/gateway.js'
import type { Deadline } from '#engine/oms/deadline.js'
import { Turn } from '#engine/core/turn.js'
import type { EngineState } from './state.js'
import { step } from './step.js'

/** What happens to a turn once it is taken: kept, or compared. Anything but undefined ends the run. */
export type Keep<F> = (turn: Turn) => F | undefined

/** An engine in a checkpoint. */
export type SavedEngine = ReturnType<EngineLoop<unknown>['save']>

/**
 * Stamps inputs, steps, hands the turn to `keep`, then acts. The only place where time and sequence are given. With one due
 * time the order is: answers by (due, order id), clock, feed.
 */
export class EngineLoop<F> {
  readonly state: EngineState
  gateway: Gateway
  readonly turn = new Turn()
  lastSeq = 0
  tUs = 0
  /** When the state next wants to hear from the clock. */
  deadline: Deadline = { dueUs: Number.POSITIVE_INFINITY, cause: 0 }
  inputs = 0
  decisions = 0
  /** Asked for the whole book of a token: the feed that owns it may fetch one, a recorded one cannot. */
  onSnapshotWanted: (token: number) => void = () => undefined
  #keep: Keep<F>
  /** Effects that wait until their turn is durable: only where they leave the process. */
  readonly #waiting: (() => void)[] = []
  readonly #waitingSeqs: number[] = []

  /** Whether deadlines come by the machine's clock, and whether answers come from outside of the process. */
  readonly isWall: boolean
  readonly isVenue: boolean

  constructor(
    state: EngineState,
    gateway: Gateway,
    keep: Keep<F>,
    { isWall = false, isVenue = false }: { isWall?: boolean; isVenue?: boolean } = {},
  ) {
    this.state = state
    this.gateway = gateway
    this.#keep = keep
    this.isWall = isWall
    this.isVenue = isVenue
  }

  /** From here on requests go to this gateway: a run was replayed with its recorded answers, and now goes on. */
  connect(gateway: Gateway): void {
    this.gateway = gateway
  }

  /** From here on turns go elsewhere: a recovered run has been compared, and is now written on. */
  keepIn(keep: Keep<F>): void {
    this.#keep = keep
  }

  /** When the next answer or clock input is due, in µs; Infinity for none. */
  get dueUs(): number {
    return Math.min(this.gateway.dueUs, this.deadline.dueUs)
  }

  /** Takes one input of the feed, the operator or the run itself; `isFolded`: the one that a walk stopped at as actionable. */
  take(tUs: number, event: Event, isFolded = false): F | undefined {
    const nowUs = Math.max(tUs, this.tUs)
    this.gateway.observe(event, nowUs)
    return this.#take(nowUs, 0, event, isFolded)
  }

  /**
   * Takes feed inputs as lines of a log for as long as they give nobody anything to do; such a turn is its input alone,
   * and is neither made nor kept.
   */
  walk(bytes: Uint8Array, start: number, untilSeq: number): TurnsWalked {
    const { state, gateway, lastSeq, tUs, dueUs } = this
    state.subscribe(gateway.interest)
    const from = { start, seq: lastSeq, tUs, untilSeq, dueUs }
    const walked = state.fold.walk(bytes, from, state.touched)
    this.#walked(walked, walked.lines)
    return walked
  }

  /** As `walk`, over a tape from the entry at `at` on; `tapeUs` is the time of the one before it. */
  walkTape(tape: Tape, { at, tapeUs }: { at: number; tapeUs: number }): TapeWalked {
    const { state, gateway, tUs, dueUs } = this
    state.subscribe(gateway.interest)
    const walked = state.fold.walkTape(tape, { at, tapeUs, tUs, dueUs }, state.touched)
    const { inputs } = walked
    const lastUs = inputs > 0 ? Math.max(tUs, walked.tapeUs) : tUs
    this.#walked({ seq: this.lastSeq + inputs, tUs: lastUs }, inputs)
    return walked
  }

  /** As `walk`, over the bytes of the source itself: the lines that it answers are for the log. */
  walkChunk(chunk: RawChunk): FramesWalked {
    const { state, gateway, lastSeq, tUs, dueUs } = this
    state.subscribe(gateway.interest)
    const walked = chunk.walk({ seq: lastSeq, tUs, dueUs }, state.touched)
    this.#walked(walked, walked.messages)
    return walked
  }

  #walked({ seq, tUs }: { readonly seq: number; readonly tUs: number }, inputs: number): void {
    this.lastSeq = seq
    this.tUs = tUs
    this.inputs += inputs
    this.state.ordinal += inputs
  }

  /** Takes the answer or clock input that is due next. To be called only when `dueUs` is finite. */
  takeDue(): F | undefined {
    const { dueUs: due, cause: why } = this.deadline
    if (this.gateway.dueUs <= due) {
      const answer = this.gateway.take()
      if (!answer) return undefined
      const { dueUs, cause, event } = answer
      return this.#take(Math.max(dueUs, this.tUs), cause, event)
    }
    return this.#take(Math.max(due, this.tUs), why, ClockTicked.make({ due }))
  }

  /** Takes an answer that came from outside of the process, at the time at which it was received. */
  takeAnswer(tUs: number, cause: number, event: AnswerEvent): F | undefined {
    return this.#take(Math.max(tUs, this.tUs), cause, event)
  }

  /** Takes the clock input that is due, at the time at which the machine's clock brought it. */
  takeTick(tUs: number): F | undefined {
    const { dueUs: due, cause } = this.deadline
    return this.#take(Math.max(tUs, due, this.tUs), cause, ClockTicked.make({ due }))
  }

  /** Takes all that is due at or before `untilUs`. */
  catchUp(untilUs: number): F | undefined {
    while (this.dueUs <= untilUs && this.dueUs !== Number.POSITIVE_INFINITY) {
      const fault = this.isWall && this.isVenue ? this.takeTick(untilUs) : this.takeDue()
      if (fault !== undefined) return fault
    }
    return undefined
  }

  /** Everything up to `seq` is durable: what waited for it may leave. */
  durable(seq: number): void {
    while (this.#waitingSeqs.length > 0 && this.#waitingSeqs[0]! <= seq) {
      this.#waitingSeqs.shift()
      this.#waiting.shift()?.()
    }
  }

  /**
   * All that the engine and its exchange remember between two turns, for a checkpoint. Effects that wait for the disk
   * are not in it: they left with their process, and what became of them is asked.
   */
  save() {
    const { lastSeq, tUs, deadline, inputs, decisions } = this
    const turns = { lastSeq, tUs, deadline, inputs, decisions }
    return { turns, state: this.state.save(), gateway: this.gateway.save() }
  }

  /** Takes up a checkpoint, before the first turn. */
  load({ turns, state, gateway }: SavedEngine): void {
    Object.assign(this, turns)
    this.state.load(state)
    this.gateway.load(gateway)
  }

  #take(tUs: number, cause: number, event: Event, isFolded = false): F | undefined {
    this.tUs = tUs
    const input: Recorded = { seq: this.lastSeq + 1, tUs, cause, event }
    this.deadline = step(this.state, input, this.turn, isFolded)
    this.lastSeq += this.turn.rows.length
    this.inputs++
    this.decisions += this.turn.rows.length - 1
    const fault = this.#keep(this.turn)
    if (fault === undefined) this.#act(tUs)
    return fault
  }

  #act(tUs: number): void {
    for (const effect of this.turn.effects) {
      if (effect.tag === 'RequestSnapshot') {
        this.onSnapshotWanted(effect.token)
        continue
      }
      if (effect.tag === 'CancelEverything') this.gateway.withhold?.()
      const isSigned = effect.tag === 'SendOrder' && this.gateway.isSigning === true
      if (!this.gateway.leavesProcess || isSigned) this.gateway.send(effect, tUs)
      else {
        this.#waiting.push(() => {
          this.gateway.send(effect, tUs)
        })
        this.#waitingSeqs.push(this.lastSeq)
      }
    }
  }
}
