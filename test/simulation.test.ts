import t from 'tap'
import { LineWriter } from '#schemas/line/writer.js'
import type { Turn } from '#engine/core/turn.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { loadAddon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { Replay } from '#engine/run/replay.js'
import { startEngine } from '#engine/run/start.js'
import { takeWholeRun } from '#engine/run/testing/whole-run.js'
import { startedWith } from '#engine/run/testing/story.js'
import type { EngineLoop } from '#engine/run/engine-loop.js'
import { broken, forgetting, type Written } from './helpers/checkpoints.js'
import { holds, Law } from './helpers/law.js'
import { chosen, marketInputs, withOperator } from './helpers/seeded.js'

const FIRST = Number(process.env['POLARIS_SEED'] ?? 1)
const WANTED = Number(
  process.env['POLARIS_SEEDS'] ?? (process.env['POLARIS_LONG'] === '1' ? 1_000 : 120),
)
const SEEDS = process.env['POLARIS_SEED'] ? 1 : WANTED
const INPUTS = 500
/** Places where a run is cut, saved and loaded. */
const CUTS = process.env['POLARIS_LONG'] === '1' ? 3 : 1

const found = loadAddon()
const addon = typeof found === 'string' ? undefined : found

/** One seeded run under the law, then its replay by every backend. */
async function obey(seed: number): Promise<Written & { readonly law: Law }> {
  const { config, faults } = chosen(seed)
  const law = new Law()
  const writer = new LineWriter(1 << 18)
  const ends: number[] = []
  const keep = (turn: Turn): undefined => {
    for (const { seq, tUs, cause, event } of turn.rows) writer.event(seq, tUs, cause, event)
    holds(ends.length < 50_000, 'a run ends')
    ends.push(writer.length)
    law.after(loop, turn)
  }
  const started = startedWith(config, { seed, faults })
  const loop: EngineLoop<never> = startEngine<never>(started, keep)
  const inputs = withOperator(seed, await marketInputs(seed, INPUTS), config)
  takeWholeRun(loop, started, inputs)
  law.atEnd()
  const folds = addon ? [tsFold(), new NativeFold(addon)] : [tsFold()]
  for (const fold of folds) {
    const divergence = new Replay({ fold }).lines(writer.bytes)
    holds(divergence === undefined, `it replays: ${JSON.stringify(divergence)}`)
  }
  return { started, bytes: writer.bytes, ends, law }
}

/** Saved and loaded anywhere, the engine goes on as if nothing had been. */
function outlives(seed: number, run: Written): void {
  const rng = prng(seed, 'cuts')
  for (let k = 0; k < CUTS; k++) {
    const turn = rng.below(run.ends.length)
    const how = broken(run, turn)
    holds(how === '', `a checkpoint behind turn ${turn} is the engine: ${how}`)
  }
}

t.test(`the law holds after every turn of ${SEEDS} seeded runs with faults`, async t => {
  let [approved, quoted, filled, merged, converted] = [0, 0, 0, 0, 0]
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++)
    try {
      const run = await obey(seed)
      approved += run.law.approved
      quoted += run.law.quoted
      filled += run.law.filled
      merged += run.law.merged
      converted += run.law.converted
      if (SEEDS <= 250 || seed % 10 === 0) outlives(seed, run)
    } catch (error) {
      t.fail(
        `seed ${seed}: ${String(error)}; again: POLARIS_SEED=${seed} npx tap run dist/test/simulation.test.js`,
      )
      return
    }
  t.ok(approved > SEEDS / 2 || SEEDS === 1, `${approved} signals were traded`)
  t.ok(quoted > 10 * SEEDS || SEEDS === 1, `${quoted} quotes were placed`)
  t.ok(filled > SEEDS / 2 || SEEDS === 1, `${filled} of their fills came while they rested`)
  t.ok(merged > SEEDS / 20 || SEEDS === 1, `sets were merged ${merged} times`)
  t.ok(converted > SEEDS / 20 || SEEDS === 1, `NO was converted ${converted} times`)
})

/** What only matters where orders are signed: the fault matrix resumes such runs from checkpoints. */
const OF_VENUES: ReadonlySet<string> = new Set([
  ...['state.instruments.traits', 'state.instruments.marketOf'],
  ...['state.oms.book.settlements', 'state.stopCheck.state'],
])

/** Seeds that are looked at, whatever the first of them noticed. */
const ASKED_MIN = process.env['POLARIS_LONG'] === '1' ? 70 : 20

t.test('a field that a checkpoint forgets is noticed', async t => {
  const open = new Map<string, boolean>()
  const isOver = (): boolean => [...open.values()].every(isNoticed => isNoticed)
  // Which fields there are depends on what a run came to: some more seeds are asked than the first that notice all.
  for (let seed = 1; seed <= 70 && (seed <= ASKED_MIN || !isOver()); seed++) {
    const run = await obey(seed)
    const rng = prng(seed, 'forgotten')
    for (let k = 0; k < 3; k++) {
      const turn = Math.floor(run.ends.length / 4) + rng.below(Math.floor(run.ends.length / 2))
      for (const [path, forget] of forgetting(run, turn))
        if (open.get(path) !== true && !OF_VENUES.has(path))
          open.set(path, broken(run, turn, forget) !== '')
    }
  }
  t.ok(open.size > 15, `${open.size} fields`)
  t.same(
    [...open].filter(([, isNoticed]) => !isNoticed).map(([path]) => path),
    [],
  )
})
