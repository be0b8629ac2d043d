import assert from 'node:assert'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadAddon } from '#engine/native/addon.js'
import { hashedFrames } from './hashed-frames.js'
import { marketFrames } from './market-frames.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'

const MARKETS = 100
const SEED = 7
/** Of so many frames one is in the recording whose hashes are checked: each costs the hash of a whole book. */
const HASHED = 10
const MAIN = resolve(import.meta.dirname, '..', 'cli', 'main.js')

/** A recording on the disk, and the level changes that its import reads. */
interface Recording {
  readonly group: string
  readonly path: string
  readonly changes: number
}

/** How long from a raw recording to a verified run? Whole commands: processes of their own, up to the last word. */
export const bench: Bench = {
  name: 'import',
  question:
    'How many level changes a second does `import polymarket-frames` take, from raw frames to a sealed run?',
  events: 300_000,
  samples: 5,
  dominates:
    'Natively copying 600 bytes a frame from the system and writing the log back to it, then the walk; 0.2 s are start-up. With hashes, putting together and hashing a whole book for each change. In TypeScript an object, a turn and an encoded line a frame.',
  run: async ({ events, samples }, call) => {
    const dir = mkdtempSync(join(tmpdir(), 'polaris-import-'))
    try {
      call.progress('making the recordings')
      const recordings = recordingsIn(dir, events)
      const backends = typeof loadAddon() === 'string' ? ['ts'] : ['native', 'ts']
      for (const { path, changes, group } of recordings) {
        const found = backends.map(backend => imported(path, join(dir, 'run'), backend))
        for (const one of found) assert.deepEqual(one, found[0], `both find the same: ${group}`)
        assert.equal(found[0]!.changes, changes, group)
      }
      const contenders = recordings.flatMap(({ group, path, changes }) =>
        backends.map((backend): Contender => {
          const name = backend === 'ts' ? 'TypeScript' : 'native'
          return { name, group, ops: changes, run: () => imported(path, join(dir, 'run'), backend) }
        }),
      )
      const [none] = recordings
      const started = performance.now()
      imported(join(dir, 'none.jsonl'), join(dir, 'run'), backends[0]!)
      const idleMs = Math.round(performance.now() - started)
      return {
        contenders: await race(contenders, { samples, progress: call.progress }),
        facts: {
          'ms of a recording of one frame': idleMs,
          'level changes without hashes': none?.changes ?? 0,
          'log.compress': 'none: compressing what is over takes longer than all else together',
        },
      }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  },
}

function recordingsIn(dir: string, events: number): Recording[] {
  const { opening, live } = marketFrames(MARKETS, events, SEED)
  const few = live.slice(0, Math.ceil(events / HASHED))
  const plain = join(dir, 'plain.jsonl')
  const checked = join(dir, 'checked.jsonl')
  write(plain, [...opening, ...live])
  write(checked, hashedFrames({ opening, live: few }))
  write(join(dir, 'none.jsonl'), opening.slice(0, 1))
  const changes = 2 * (opening.length + live.length)
  return [
    { group: 'tokens without a snapshot', path: plain, changes },
    { group: 'every venue hash checked', path: checked, changes: 2 * few.length },
  ]
}

function write(path: string, frames: readonly Buffer[]): void {
  const file = openSync(path, 'w')
  const newline = Buffer.from('\n')
  for (let from = 0; from < frames.length; from += 10_000) {
    const some = frames.slice(from, from + 10_000)
    writeSync(file, Buffer.concat(some.flatMap(one => [one, newline])))
  }
  closeSync(file)
}

/** What one command says of its run. */
function imported(path: string, out: string, backend: string) {
  rmSync(out, { recursive: true, force: true })
  const words = ['--set', `run.backend=${backend}`, '--set', 'log.compress=none', '--json']
  const command = [MAIN, 'import', 'polymarket-frames', path, '--out', out, ...words]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  // What the command prints with `--json`.
  const said = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Said
  const { head, skipped, book } = said
  const unchecked = skipped.reduce((sum, { count }) => sum + count, 0)
  return { head, skipped, book, changes: book.hashChecked - books(said) + unchecked }
}

interface Said {
  readonly head: string
  readonly read: number
  readonly tokens: number
  readonly skipped: readonly { readonly reason: string; readonly count: number }[]
  readonly book: Readonly<Record<string, number>> & { readonly hashChecked: number }
}

/** Hashes of snapshots among those that were checked: one a token, where any were. */
const books = ({ tokens, book }: Said): number => (book.hashChecked > 0 ? tokens : 0)
