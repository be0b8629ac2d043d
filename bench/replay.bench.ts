import assert from 'node:assert'
import { tsFold } from '#engine/book/ts-fold.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { booksAt } from '#cli/books.js'
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
    'Natively the digits of the lines, then their sums; the engine itself sees one line in a thousand. In TypeScript BLAKE3, digits and sums in about equal parts.',
  run: async ({ events, samples }, call) => {
    const dir = await tape(events, call)
    const { result } = await replayRun(dir)
    assert(result.identical, `the tape diverges at ${result.firstDivergence?.seq}: remove ${dir}`)
    const ops = result.lastSeq
    const whole = 'whole engine, every line compared'
    const folding = 'fold only, heads proven'
    const books = await booksOf(dir, tsFold())
    const found = loadAddon()
    const addon = typeof found === 'string' ? undefined : found
    if (addon) {
      const { result: native } = await replayRun(dir, nativeParts(addon))
      assert.deepEqual(factsOf(native), factsOf(result), 'both engines find the same')
      assert.equal(await booksOf(dir, new NativeFold(addon)), books, 'both folds find the same')
    }
    const native: (Contender & { readonly group: string })[] = addon
      ? [
          {
            name: 'native',
            group: whole,
            ops,
            run: async () => replayRun(dir, nativeParts(addon)),
          },
          {
            name: 'native, proven on the other core',
            group: folding,
            ops,
            run: async () => booksOf(dir, new NativeFold(addon)),
          },
        ]
      : []
    const contenders = [
      ...native,
      { name: 'TypeScript', group: whole, ops, run: async () => replayRun(dir) },
      { name: 'TypeScript', group: folding, ops, run: async () => booksOf(dir, tsFold()) },
      { name: 'TypeScript', group: 'walk only: read and chain', ops, run: async () => walk(dir) },
    ].sort((a, b) => b.group.localeCompare(a.group))
    return {
      contenders: await race(contenders, { samples, progress: call.progress }),
      facts: { lastSeq: ops, inputs: result.inputs, decisions: result.decisions },
    }
  },
}

const nativeParts = (addon: Addon) => ({ parts: { fold: new NativeFold(addon) }, api: addon })

function factsOf({
  identical,
  inputs,
  decisions,
  lastSeq,
  stateHash,
}: Awaited<ReturnType<typeof replayRun>>['result']) {
  return { identical, inputs, decisions, lastSeq, stateHash }
}

/** What `polaris book DIR` folds; how many level changes that were. */
async function booksOf(dir: string, fold: ReturnType<typeof tsFold>): Promise<number> {
  await booksAt(dir, Number.MAX_SAFE_INTEGER, { fold })
  return fold.stats.changes
}

async function walk(dir: string): Promise<number> {
  let bytes = 0
  for await (const commit of commitsOf(dir)) bytes += commit.bytes.length
  return bytes
}
