import assert from 'node:assert'
import type { BookFold } from '#engine/book/fold.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { untouched, clearTouched } from '#engine/book/touched.js'
import { loadAddon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { replayRun } from '#cli/replay-run.js'
import { commitsOf } from '#cli/runs.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'
import { tape } from './tape.js'

/** What does proving a run cost per event, and how much of it is reading, chaining and folding alone? */
export const bench: Bench = {
  name: 'replay',
  question: 'How many events a second does `replay --verify` of the whole engine prove?',
  events: 1_000_000,
  samples: 7,
  dominates:
    'BLAKE3 and reading are 15 %, parsing, checksums and the fold 31 %; the rest is the engine around the fold and writing each line again to compare it.',
  run: async ({ events, samples }, call) => {
    const dir = await tape(events, call)
    const { result } = await replayRun(dir)
    assert(result.identical, `the tape diverges at ${result.firstDivergence?.seq}: remove ${dir}`)
    const changes = await foldOnly(dir)
    assert(changes > result.inputs, 'the fold saw the level changes of the tape')
    const ops = result.lastSeq
    const native = await nativeWalk(dir, { ops, changes })
    const contenders = [
      { name: 'whole engine, every line compared', ops, run: async () => replayRun(dir) },
      { name: 'fold only: read, chain, check sums, fold', ops, run: async () => foldOnly(dir) },
      { name: 'walk only: read and chain', ops, run: async () => walkOnly(dir) },
      ...native,
    ]
    return {
      contenders: await race(contenders, { samples, progress: call.progress }),
      facts: { lastSeq: ops, inputs: result.inputs, decisions: result.decisions },
    }
  },
}

/** The fold alone by the other backend, where there is one. */
async function nativeWalk(
  dir: string,
  { ops, changes }: { ops: number; changes: number },
): Promise<Contender[]> {
  const addon = loadAddon()
  if (typeof addon === 'string') return []
  const run = async (): Promise<number> => foldOnly(dir, new NativeFold(addon))
  assert.equal(await run(), changes, 'the backends fold the same')
  return [{ name: 'fold only, native', ops, run }]
}

async function foldOnly(dir: string, fold: BookFold = tsFold()): Promise<number> {
  const touched = untouched()
  let changes = 0
  for await (const { bytes } of commitsOf(dir)) {
    changes += fold.lines(bytes, touched)
    clearTouched(touched)
  }
  return changes
}

async function walkOnly(dir: string): Promise<number> {
  let bytes = 0
  for await (const commit of commitsOf(dir)) bytes += commit.bytes.length
  return bytes
}
