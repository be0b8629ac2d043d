import assert from 'node:assert'
import { LineReader } from '#schemas/line/reader.js'
import type { BookFold } from '#engine/book/fold.js'
import { TapeReader, type Tape } from '#engine/book/tape.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { packed } from '#engine/core/saved.js'
import { loadAddon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { booksAt } from '#cli/books.js'
import { passed, startedWith } from '#cli/passes.js'
import { changedConfig } from '#cli/config.js'
import { startOf } from '#cli/runs.js'
import { tapesOf } from '#cli/tape.js'
import { completed } from '#schemas/config.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'
import { tape } from './tape.js'

/** What does one more pass over a run cost, once it is decoded? */
export const bench: Bench = {
  name: 'sweep',
  question: 'How many inputs a second does one more pass over a decoded run take?',
  events: 1_000_000,
  samples: 11,
  dominates: 'The two ladders of each input, as in `book`; in the engine the sums of its triggers.',
  run: async ({ events, samples }, call) => {
    const dir = await tape(events, call)
    const addon = loadAddon()
    const api = typeof addon === 'string' ? undefined : addon
    const { tapes, inputs, bytes } = await tapesOf(dir, { api })
    const { data } = await startOf(dir)
    const started = await startedWith(data, changedConfig({}, completed(data.config)).config)
    const folds: [string, () => BookFold][] = [['TypeScript', tsFold]]
    if (api) folds.unshift(['native', () => new NativeFold(api)])
    const { fold } = await booksAt(dir, Number.MAX_SAFE_INTEGER, { fold: tsFold() })
    const wanted = packed(fold.save())
    const summary = passed(started, tapes, { fold: tsFold() })
    for (const [name, make] of folds) {
      assert.equal(packed(foldAll(tapes, make()).save()), wanted, `${name}: the books of the log`)
      const { pnlMicro, signals } = passed(started, tapes, { fold: make() })
      assert.deepEqual([pnlMicro, signals], [summary.pnlMicro, summary.signals], name)
    }
    const contenders = folds.flatMap(([name, make]): (Contender & { group: string })[] => [
      { name, group: 'fold only', ops: inputs, run: () => foldAll(tapes, make()) },
      {
        name,
        group: 'whole engine, no log',
        ops: inputs,
        run: () => passed(started, tapes, { fold: make() }),
      },
      {
        name,
        group: 'decoding, heads proven, once',
        ops: inputs,
        run: async () => tapesOf(dir, { api: name === 'native' ? api : undefined }),
      },
    ])
    contenders.sort((a, b) => (a.group < b.group ? 1 : a.group > b.group ? -1 : 0))
    return {
      contenders: await race(contenders, { samples, progress: call.progress }),
      facts: { inputs, bytesPerInput: bytes / inputs },
    }
  },
}

/** All books behind a decoded run. */
function foldAll(tapes: readonly Tape[], fold: BookFold): BookFold {
  const touched = untouched()
  const reader = new TapeReader()
  const lines = new LineReader()
  for (const one of tapes)
    for (let [at, tapeUs] = [0, 0]; ;) {
      const from = { at, tapeUs, tUs: 0, dueUs: Number.POSITIVE_INFINITY }
      const walked = fold.walkTape(one, from, touched)
      clearTouched(touched)
      if (walked.why === 'end') break
      reader.over(one, walked.at, walked.tapeUs).next()
      ;({ at, tUs: tapeUs } = reader)
      if (walked.why !== 'unsupported') continue
      const kind = lines.over(one.lines, true).next(reader.offset)
      const row = kind === 0 ? undefined : lines.recorded(kind)
      assert(row?._tag === 'Right', 'a line of the log')
      foldEvent(fold, row.right.event, tapeUs, touched)
      clearTouched(touched)
    }
  return fold
}
