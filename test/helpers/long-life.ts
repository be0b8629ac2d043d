// One long life of a run over the loopback venue: two feeds, kills at random moments, and one script of faults after the other. Prints what
// came of it as JSON, or fails with the law that does not hold.
//
//   node dist/test/helpers/long-life.js SEED MINUTES KILLS
import { FAULTLESS, type LoopbackFaults } from '#engine/gateways/loopback/venue.js'
import { memoryGround } from './grounds.js'
import { proven } from './live-seeds.js'
import { livesOf, obey } from './lives.js'

/** Everything that may go wrong, each by itself and then together: a life of the engine takes the next. */
const ALONE: readonly Partial<LoopbackFaults>[] = [
  {},
  { lostBps: 300 },
  { answerLostBps: 500 },
  { lateBps: 3_000, lateMs: 4_000 },
  { rejectBps: 500 },
  { twiceBps: 4_000 },
  { fillFirstBps: 6_000 },
  { crossedBps: 6_000 },
  { partialMs: 1_000 },
  { partialMs: 60_000 },
  { latencyMs: 400 },
]
const SCRIPTS = [...ALONE, Object.assign({}, ...ALONE) as Partial<LoopbackFaults>].map(script => ({
  ...FAULTLESS,
  ...script,
}))

/** What came of a long life. */
export interface LongLife {
  readonly minutes: number
  readonly kills: number
  readonly events: number
  readonly orders: number
  readonly fills: number
  readonly recovered: number
  /** Lives that were taken up from a checkpoint, and the share of the log that they did not replay, in percent. */
  readonly taken: number
  readonly spared: number
  readonly proven: number
  /** Orders of which nobody knows what became. */
  readonly unknown: number
  readonly head: string
}

async function longLife(seed: number, minutes: number, kills: number): Promise<LongLife> {
  const ground = memoryGround()
  const of = {
    ms: minutes * 60_000,
    kills,
    faults: {},
    scripts: SCRIPTS,
    everyEvents: minutes < 1 ? 200 : 1_000,
  }
  const one = await livesOf(seed, ground, of)
  obey(one)
  const count = (type: string): number => one.rows.filter(({ event }) => event.type === type).length
  return {
    ...{ minutes, kills: one.kills, events: one.rows.length },
    ...{ orders: count('OrderPlaced'), fills: count('OrderFilled'), taken: one.taken },
    recovered: count('RunReconciled'),
    spared: Math.round((100 * one.skipped) / Math.max(1, one.found)),
    proven: await proven(ground),
    ...{ unknown: one.end?.unknown.length ?? 0, head: one.end?.head ?? '' },
  }
}

const [seed = 1, minutes = 20, kills = 50] = process.argv.slice(2).map(Number)
process.stdout.write(`${JSON.stringify(await longLife(seed, minutes, kills))}\n`)
