import type { Recorded } from '#schemas/recorded.js'
import { RAZOR_FLAT, type Account, type ShadowProfile } from '../shadow.js'
import {
  accountOf,
  notesOf,
  ShadowDesk,
  under,
  type Shadow,
  type ShadowNote,
} from '../shadow-desk.js'
import type { World } from '../world.js'

/** A signal of a run in its window. */
export interface Entry {
  readonly shadow: Shadow
  /** Whether its legs together pay a dollar: every outcome of a market, or one YES of every outcome of an event. */
  readonly isSet: boolean
}

/** The shadow ledger of a run, from which any profile's accounts can be made. Owned by whoever folds it. */
export class Ledger {
  readonly entries: Entry[] = []
  readonly #desk = new ShadowDesk(RAZOR_FLAT)

  take(row: Recorded, world: World): void {
    const shadow = this.#desk.take(row, world)
    if (shadow) this.entries.push({ shadow, isSet: isSet(shadow, world) })
  }
}

/** One run as reports over several see it. Times in µs of event time. */
export interface RunLedger {
  readonly runId: string
  /** Head of the log as far as it was read: runs with one head are one run. */
  readonly head: string
  readonly schema: number
  readonly mode: string
  readonly source: string
  readonly firstUs: number
  readonly lastUs: number
  readonly entries: readonly Entry[]
}

/** A row of the ledger under a profile. */
export interface Scored {
  readonly runId: string
  readonly shadow: Shadow
  readonly account: Account
  readonly notes: readonly ShadowNote[]
  /** Whether the accounts mean something: prices and sizes are possible, and the legs are a complete set. */
  readonly isOk: boolean
}

/** Rows of several runs, and how many of them count. */
export interface Scores {
  readonly ok: readonly Scored[]
  readonly total: number
  /** Accounts that mean nothing. */
  readonly bad: number
  /** Rows of a copy of a run: it has the head of another one. */
  readonly otherRun: number
  /** Rows of a run that was decided by the rules of an older schema than the newest here. */
  readonly schemaMismatch: number
}

/** By the time of their first event, then by name: the order in which they are named does not matter. */
export const inOrder = <R extends RunLedger>(runs: readonly R[]): readonly R[] =>
  [...runs].sort(
    (a, b) => a.firstUs - b.firstUs || compare(a.runId, b.runId) || compare(a.head, b.head),
  )

/** Each run once, by its head; the first in their order. */
export function distinctOf<R extends RunLedger>(runs: readonly R[]): readonly R[] {
  const sorted = inOrder(runs)
  return sorted.filter((run, k) => sorted.findIndex(({ head }) => head === run.head) === k)
}

/** Text in one order on every machine. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Scores the ledgers of runs, each head once, all of one schema. */
export function scoresOf(runs: readonly RunLedger[], profile: ShadowProfile): Scores {
  const schema = Math.max(0, ...runs.map(run => run.schema))
  const heads = new Set<string>()
  const ok: Scored[] = []
  const count = { total: 0, bad: 0, otherRun: 0, schemaMismatch: 0 }
  for (const run of inOrder(runs)) {
    const rows = run.entries.length
    count.total += rows
    if (heads.has(run.head)) count.otherRun += rows
    else if (run.schema !== schema) count.schemaMismatch += rows
    else {
      const scored = run.entries.map(entry => scoreOf(run.runId, entry, profile))
      ok.push(...scored.filter(({ isOk }) => isOk))
      count.bad += scored.filter(({ isOk }) => !isOk).length
    }
    heads.add(run.head)
  }
  return { ok, ...count }
}

/** One entry under a profile. */
export function scoreOf(runId: string, entry: Entry, profile: ShadowProfile): Scored {
  const shadow = under(entry.shadow, profile)
  const notes = notesOf(shadow)
  const isOk = entry.isSet && !notes.some(note => BAD.has(note))
  return { runId, shadow, account: accountOf(shadow, profile), notes, isOk }
}

const BAD: ReadonlySet<ShadowNote> = new Set(['INVALID_PRICE', 'INVALID_QTY', 'INTERNAL_ERROR'])

/** A note that the legs are no market says nothing of a basket, whose legs are an event. */
function isSet({ legs, notes }: Shadow, world: World): boolean {
  if (!notes.has('LEGS_MISMATCH')) return true
  const tokens = legs.map(({ token }) => token)
  return world
    .setsAmong(tokens)
    .some(set => set.length === tokens.length && set.every(token => tokens.includes(token)))
}
