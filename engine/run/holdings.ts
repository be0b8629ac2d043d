import { HoldingsRequested } from '#schemas/events/risk.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import type { EventOf } from '#schemas/registry.js'
import type { SendOrder } from '#engine/core/effects.js'
import type { Turn } from '#engine/core/turn.js'
import type { Deadline } from '#engine/oms/deadline.js'
import type { Oms } from '#engine/oms/oms.js'
import { mayRest } from '#engine/oms/order.js'
import type { Purses } from '#engine/risk/purses.js'

/** Questions by time without an answer before asking rests until the next fill: an exchange that is silent stays silent. */
const TRIES_MAX = 3

/** What the exchange may say of a token without a contradiction: what we held when we asked, and what was in flight. */
export interface Range {
  held: number
  buys: number
  sells: number
}

/** An open question to the exchange what we hold. */
interface Question {
  readonly seq: number
  /** Orders placed so far: in logs of the first schemas one more since then made the answer prove nothing. */
  readonly placed: number
  readonly ranges: Map<number, Range>
  /** A market was paid out since: the answer may be from before or after. */
  isVoid: boolean
  /** After this it counts as lost, µs. */
  readonly untilUs: number
}

/** A token of which the exchange holds another size than we do, and nothing in flight explains it. 1e-6 share. */
export interface Difference extends Readonly<Range> {
  readonly token: number
  readonly there: number
  /** Whether this token was never compared before: what is there may be older than the run. */
  readonly isFirst: boolean
}

/** How long the first comparison of a token waits for others that are listed with it, µs. */
const LISTED_TOGETHER_US = 500_000

/** An order, as far as it is part of what may be. */
type InFlight = Pick<SendOrder, 'token' | 'side' | 'size' | 'limit' | 'tif'>

/** 1e-4 dollar. */
const CENT = 100

/** What the comparison is made with. */
export interface Compared {
  readonly oms: Oms
  readonly purses: Purses
  /** In logs of the first schemas nothing was compared while anything was in flight. */
  readonly isStrict: boolean
  /** Whether every token is compared before it is traded: the account may have held some of it before the run began. */
  readonly isComparedFirst: boolean
  /** How long an answer may take, ms. */
  readonly timeoutMs: () => number
  /** Positions are compared this long after a fill at the latest, ms; 0: not by time. */
  readonly everyMs: () => number
}

/**
 * Compares what we think we hold with what the exchange says, at any time. What is in flight is part of it: a token's size
 * there must lie between what we held when we asked less all sells, and plus all buys, that were open or came since.
 */
export class Holdings {
  question: Question | undefined
  /** The first fill since the last comparison: when, and its input. */
  #unproven: Deadline | undefined
  #tries = 0
  /** Tokens that were listed and never compared. */
  readonly uncompared = new Set<number>()
  #listed: Deadline | undefined
  readonly #seen = new Set<number>()
  readonly #of: Compared

  constructor(of: Compared) {
    this.#of = of
  }

  /** Asks, unless a question is open already. Answers whether it did. */
  ask(turn: Turn, cause: number, signal: string): boolean {
    const { oms, isStrict, timeoutMs } = this.#of
    if (!isStrict && this.question && turn.tUs < this.question.untilUs) return false
    const seq = turn.decide(cause, HoldingsRequested.make({ signal }))
    const untilUs = turn.tUs + timeoutMs() * 1_000
    const ranges = isStrict ? new Map<number, Range>() : this.ranges()
    this.question = { seq, placed: oms.placed, ranges, isVoid: false, untilUs }
    const tokens = [...ranges].flatMap(([token, { held, buys, sells }]) =>
      held !== 0 || buys + sells > 0 ? token : [],
    )
    turn.ask({ tag: 'RequestHoldings', signal, tokens, seq })
    return true
  }

  /** A token is listed: before it is traded it is compared. */
  listed(turn: Turn, token: number): void {
    if (!this.#of.isComparedFirst || this.#seen.has(token)) return
    this.#seen.add(token)
    this.uncompared.add(token)
    this.#listed ??= { dueUs: turn.tUs + LISTED_TOGETHER_US, cause: turn.input.seq }
  }

  /** What the exchange may say now, by token: what is held, in flight or not compared yet. */
  ranges(): Map<number, Range> {
    const { oms, purses } = this.#of
    const ranges = new Map<number, Range>()
    for (const token of purses.tokens)
      ranges.set(token, { held: purses.held(token), buys: 0, sells: 0 })
    for (const order of oms.orders.values()) {
      const { token, side, filled, result } = order
      // Of an order that is over in order all fills are booked; of an unknown one nobody knows.
      if (result !== undefined && result !== 'unknown') continue
      add(rangeIn(ranges, token, purses), side, Math.max(0, this.#most(order) - filled))
    }
    // What is not settled may not be there yet, or come back.
    for (const { token, side, size } of oms.book.settlements.open.values())
      add(rangeIn(ranges, token, purses), side === BID ? ASK : BID, size)
    for (const token of this.uncompared) rangeIn(ranges, token, purses)
    return ranges
  }

  /** An order was placed: while a question is open it is part of what may be. */
  placed(order: InFlight): void {
    if (!this.question) return
    const range = rangeIn(this.question.ranges, order.token, this.#of.purses)
    add(range, order.side, this.#most(order))
  }

  /** A fill was booked: it has to be compared some time. */
  filled(turn: Turn): void {
    this.#unproven ??= { dueUs: turn.tUs, cause: turn.input.seq }
  }

  /** A market was paid out: an answer that is on its way proves nothing. */
  paid(): void {
    if (this.question) this.question.isVoid = true
  }

  /** When positions are to be compared because time has passed. */
  deadline(soonest: Deadline): Deadline {
    if (this.#listed) {
      const { dueUs, cause } = this.#listed
      const at = Math.max(dueUs, this.question?.untilUs ?? 0)
      if (at < soonest.dueUs) soonest = { dueUs: at, cause }
    }
    return this.#unprovenDeadline(soonest)
  }

  #unprovenDeadline(soonest: Deadline): Deadline {
    const every = this.#of.everyMs()
    if (!this.#unproven || every === 0) return soonest
    const { dueUs, cause } = this.#unproven
    const at = Math.max(dueUs + every * 1_000, this.question?.untilUs ?? 0)
    return at < soonest.dueUs ? { dueUs: at, cause } : soonest
  }

  /** A deadline has come: asks where it is time. */
  ticked(turn: Turn): void {
    const never = { dueUs: turn.tUs + 1, cause: 0 }
    if (this.deadline(never).dueUs > turn.tUs) return
    // What was never compared is asked for until there is an answer: it is not traded meanwhile.
    if (this.uncompared.size > 0) {
      if (this.ask(turn, turn.input.seq, ''))
        this.#listed = { dueUs: turn.tUs + this.#of.timeoutMs() * 1_000, cause: turn.input.seq }
      return
    }
    this.#listed = undefined
    if (this.#unprovenDeadline(never).dueUs > turn.tUs) return
    if (++this.#tries > TRIES_MAX) {
      this.#tries = 0
      this.#unproven = undefined
    } else this.ask(turn, turn.input.seq, '')
  }

  /** What an answer contradicts, by token; nothing where it fits, undefined where it proves nothing. */
  compare(
    turn: Turn,
    { data: { positions } }: EventOf<'HoldingsReported'>,
  ): readonly Difference[] | undefined {
    const { question } = this
    if (question?.seq !== turn.input.cause) return undefined
    this.question = undefined
    const { isStrict, oms, purses } = this.#of
    if (isStrict ? oms.placed !== question.placed : question.isVoid) return undefined
    this.#unproven = undefined
    this.#tries = 0
    const theirs = new Map<number, number>(positions)
    const tokens = new Set([...purses.tokens, ...theirs.keys(), ...question.ranges.keys()])
    const differences: Difference[] = []
    for (const token of [...tokens].sort((a, b) => a - b)) {
      const isFirst = this.uncompared.has(token)
      const there = theirs.get(token) ?? 0
      const range = question.ranges.get(token) ?? { held: 0, buys: 0, sells: 0 }
      const { held, buys, sells } = isStrict
        ? { held: purses.held(token), buys: 0, sells: 0 }
        : range
      if (there >= held - sells && there <= held + buys) continue
      differences.push({ token, held, there, buys, sells, isFirst })
    }
    for (const token of question.ranges.keys()) this.uncompared.delete(token)
    if (this.uncompared.size === 0) this.#listed = undefined
    return differences
  }

  /** All that it remembers, for a checkpoint. */
  save() {
    const { question, uncompared } = this
    const [unproven, tries, listed, seen] = [this.#unproven, this.#tries, this.#listed, this.#seen]
    return { question, uncompared, unproven, tries, listed, seen }
  }

  load(saved: ReturnType<Holdings['save']>): void {
    const { question, unproven, tries } = saved
    this.#tries = tries
    this.#listed = saved.listed
    for (const token of saved.uncompared) this.uncompared.add(token)
    for (const token of saved.seen) this.#seen.add(token)
    this.question = question
    this.#unproven = unproven
  }

  /** The most shares that an order may bring or take: an immediate buy is signed over money, which at a cent buys more than at its limit. */
  #most({ side, size, limit, tif }: InFlight): number {
    const isOfMoney = this.#of.isComparedFirst && side === BID && !mayRest({ tif })
    return isOfMoney ? Math.ceil((size * limit) / CENT) : size
  }
}

function rangeIn(ranges: Map<number, Range>, token: number, purses: Purses): Range {
  const known = ranges.get(token)
  if (known) return known
  const fresh = { held: purses.held(token), buys: 0, sells: 0 }
  ranges.set(token, fresh)
  return fresh
}

function add(range: Range, side: Side, size: number): void {
  if (side === BID) range.buys += size
  else range.sells += size
}
