import assert from 'node:assert'
import { loadAddon } from '#engine/native/addon.js'
import { commitsOf, FOLDERS } from '#cli/runs.js'
import type { Bench } from './question.js'
import { race } from './stopwatch.js'
import { tape } from './tape.js'

/** What does verifying a log cost per event: the chain and every number, without running anything? */
export const bench: Bench = {
  name: 'verify',
  question: 'How many events a second does `verify` check?',
  events: 5_000_000,
  samples: 7,
  dominates:
    'Natively reading the pages and finding the ends of lines, BLAKE3 after them; in TypeScript BLAKE3 in WebAssembly.',
  run: async ({ events, samples }, call) => {
    const dir = await tape(events, call)
    const verdict = await FOLDERS.verify(dir)
    assert.deepEqual([verdict.status, verdict.sealed], ['intact', true], 'the tape is whole')
    assert.equal(await headOf(dir), verdict.head, 'both come to the same head')
    const ops = verdict.lastSeq
    const addon = loadAddon()
    const api = typeof addon === 'string' ? undefined : addon
    if (api) assert.deepEqual(await FOLDERS.verify(dir, { api }), verdict, 'one verdict')
    const native = { name: 'verify, native', ops, run: async () => FOLDERS.verify(dir, { api }) }
    const contenders = [
      ...(api ? [native] : []),
      { name: 'verify, TypeScript', ops, run: async () => FOLDERS.verify(dir) },
      { name: 'TypeScript, walk only: read and chain', ops, run: async () => headOf(dir) },
    ]
    return {
      contenders: await race(contenders, { samples, progress: call.progress }),
      facts: {
        lastSeq: ops,
        commits: verdict.commits,
        native: typeof addon === 'string' ? addon : 'yes',
      },
    }
  },
}

async function headOf(dir: string): Promise<string> {
  let head = ''
  for await (const commit of commitsOf(dir)) head = commit.head
  return head
}
