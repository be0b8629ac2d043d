import t from 'tap'
import { importsOf, sourcesIn, type Import } from './helpers/imports.js'

/** What is open to everybody: the ports of the log, the stores of runs, and the containers of Zstandard. */
const OPEN = [
  'engine/log/event-log.ts',
  'engine/log/store',
  'engine/log/write/memory-log.ts',
  'engine/log/prove/scan.ts', // the ports to what is native
  'engine/log/write/journal.ts',
  'engine/log/compress/zstd.ts',
  'engine/log/compress/zstd-frames.ts',
  'engine/log/testing',
]

/** Who else may know how a log lies in files, and what for. */
const KNOWS: ReadonlyArray<readonly [file: string, mayImport: readonly string[]]> = [
  ['engine/log', ['engine/log']],
  ['cli/native-pack-worker.ts', ['engine/log/compress/packing.ts']], // the thread that a store is handed
  ['cli/live-account.ts', ['engine/log/disk/lock.ts']], // one engine for one account
  ['cli/matrix/matrix.ts', ['engine/log/disk/lock.ts']], // one supervisor for one portfolio
  ['cli/doctor/place.ts', ['engine/log/disk/lock.ts']], // tries whether this place can lock
  // Tests and benches of the log itself.
  ['bench/long-access.ts', ['engine/log']],
  ['test/helpers/grounds.ts', ['engine/log/disk/memory-disk.ts']], // a disk that takes its time
  ['test/helpers/damaged-runs.ts', ['engine/log']],
  ['test/native-faults.test.ts', ['engine/log']],
  ['test/native-log.test.ts', ['engine/log']],
  ['test/native-verify.test.ts', ['engine/log']],
  ['test/prune.test.ts', ['engine/log/disk/node-disk.ts']],
  ['test/threads.test.ts', ['engine/log']],
]

t.test('runs are read and written through their store', async t => {
  const folders = ['schemas', 'engine', 'projections', 'api', 'cli', 'bench', 'test']
  const imports = folders.flatMap(sourcesIn).flatMap(importsOf)
  t.ok(imports.length > 1_000, 'the sources are there')
  t.same(
    imports.filter(one => !isAllowed(one)),
    [],
  )
  const idle = KNOWS.filter(
    ([file]) => !imports.some(one => isIn(one.file, file) && isLog(one) && !isOpen(one)),
  )
  t.same(idle, [], 'nobody is excused who needs no excuse')
})

t.test('the table bites', async t => {
  t.notOk(isAllowed({ file: 'cli/books.ts', target: 'engine/log/disk/segments.ts' }))
  t.notOk(isAllowed({ file: 'cli/start-run.ts', target: 'engine/log/write/run-dir.ts' }))
  t.notOk(isAllowed({ file: 'engine/run/live.ts', target: 'engine/log/disk/mark.ts' }))
  t.ok(isAllowed({ file: 'cli/books.ts', target: 'engine/log/store/run-store.ts' }))
})

function isIn(file: string, place: string): boolean {
  return file === place || file.startsWith(`${place}/`)
}

function isLog({ target }: Import): boolean {
  return isIn(target, 'engine/log')
}

function isOpen({ target }: Import): boolean {
  return OPEN.some(place => isIn(target, place))
}

function isAllowed(one: Import): boolean {
  if (!isLog(one)) return true
  const known = KNOWS.filter(([file]) => isIn(one.file, file)).flatMap(([, targets]) => targets)
  return isOpen(one) || known.some(place => isIn(one.target, place))
}
