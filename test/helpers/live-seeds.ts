// Lives of runs over the loopback venue, a seed each, in a process of their own: a test runner that watches every promise makes them
// take twice as long. Prints what came of them as JSON; `failed` names the first seed that breaks a law.
//
//   node dist/test/helpers/live-seeds.js FIRST COUNT
import { prng } from '#engine/feeds/simulator/prng.js'
import { replayRun } from '#cli/replay-run.js'
import { memoryGround, type Ground } from './grounds.js'
import { faultsOf, holds, livesOf, obey, type Lived } from './lives.js'

/** What came of some lives. */
export interface Lives {
  readonly seeds: number
  readonly events: number
  readonly orders: number
  readonly fills: number
  /** Recoveries that were brought to their end. */
  readonly recovered: number
  /** Lives that were taken up from a checkpoint. */
  readonly taken: number
  /** Checkpoints that a replay of the whole log proved. */
  readonly proven: number
  readonly failed?: { readonly seed: number; readonly why: string }
}

/**
 * What a run over the venue left: it is whole and replays, its checkpoints are what the log gives, and both ways come to one
 * state. Answers how many checkpoints were proven.
 */
export async function proven({ store, run }: Ground): Promise<number> {
  const { status, sealed, cause, firstBad } = await store.verify(run)
  holds(status === 'intact' && sealed, `${status}: ${cause ?? JSON.stringify(firstBad)}`)
  const { result: whole } = await replayRun(run, { store })
  holds(whole.identical, `it replays: ${JSON.stringify(whole.firstDivergence)}`)
  const { proven: kept, wrong } = whole.checkpoints
  holds(wrong.length === 0, `checkpoints are what the log gives, but not at ${wrong.join()}`)
  const { result: short } = await replayRun(run, { store, fromCheckpoint: true })
  holds(kept === 0 || short.fromSeq > 0, 'there is a checkpoint that fits')
  holds(short.stateHash === whole.stateHash, 'from a checkpoint on or from the start: one state')
  return kept
}

/** One seed: some have no checkpoint, some a few, some one behind each life. */
export async function lived(
  seed: number,
  ground: Ground,
  // One seed in four lives long: most of what goes wrong does so in the first seconds.
  ms = seed % 4 === 0 ? 12_000 : 5_000,
): Promise<Lived & { proven: number }> {
  const faults = faultsOf(prng(seed, 'faults'))
  const everyEvents = [0, 200, 1_000][seed % 3]!
  const one = await livesOf(seed, ground, { ms, kills: seed % 4, faults, everyEvents })
  obey(one)
  return { ...one, proven: await proven(ground) }
}

async function livesFrom(first: number, count: number): Promise<Lives> {
  const sum = { seeds: 0, events: 0, orders: 0, fills: 0, recovered: 0, taken: 0, proven: 0 }
  for (let seed = first; seed < first + count; seed++)
    try {
      const one = await lived(seed, memoryGround())
      sum.seeds++
      sum.events += one.rows.length
      sum.taken += one.taken
      sum.proven += one.proven
      for (const { event } of one.rows) {
        if (event.type === 'OrderPlaced') sum.orders++
        if (event.type === 'OrderFilled') sum.fills++
        if (event.type === 'RunReconciled') sum.recovered++
      }
    } catch (error) {
      return { ...sum, failed: { seed, why: String(error) } }
    }
  return sum
}

const isMain = process.argv[1]?.endsWith('live-seeds.js') === true
const [first, count] = process.argv.slice(2).map(Number)
if (first !== undefined && count !== undefined && isMain)
  process.stdout.write(`${JSON.stringify(await livesFrom(first, count))}\n`)
