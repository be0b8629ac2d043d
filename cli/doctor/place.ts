import { existsSync } from 'node:fs'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LOCK_NAME, lockFile } from '#engine/log/disk/lock.js'
import { fail, ok, warn, type Look } from './finding.js'
import { medianOf } from './parts.js'

const MIB = 1024 * 1024
/** Below this a run of a day may not fit; below the second a segment does not. */
const [SPACE_WARN, SPACE_FAIL] = [1_024 * MIB, 128 * MIB]
const WRITES = 15
const WRITE_BYTES = 4_096
/** A disk slower than this holds every acknowledgement back. */
const SYNC_WARN_US = 20_000
const CLOCK_READINGS = 20_000

/** The place where runs are kept, and the clock: what is written for it is removed again. */
export function placeLooks(runsDir: string): readonly Look[] {
  const wanted = resolve(runsDir)
  const dir = nearest(wanted)
  return [
    {
      name: 'runs-dir',
      look: () =>
        inScratch(dir, scratch => {
          const said = dir === wanted ? wanted : `${wanted} is made by the first run, in ${dir}`
          return Promise.resolve(existsSync(scratch) ? ok(`${said}: writable`) : fail(said))
        }),
    },
    {
      name: 'space',
      look: async () => {
        const { bavail, bsize, type } = await statfs(dir)
        const free = bavail * bsize
        const said = `${Math.floor(free / MIB).toLocaleString('en')} MiB free, file system 0x${type.toString(16)}`
        if (free < SPACE_FAIL) return fail(`${said}; a segment may not fit`)
        return free < SPACE_WARN ? warn(said) : ok(said)
      },
    },
    { name: 'lock', look: () => inScratch(dir, locks) },
    { name: 'fdatasync', look: () => inScratch(dir, syncs) },
    { name: 'clock', look: clock },
  ]
}

/** The folder itself, or the nearest one above it that is there. */
function nearest(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : nearest(dirname(dir))
}

async function inScratch<T>(dir: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(dir, '.polaris-doctor-'))
  try {
    return await work(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function locks(scratch: string): Promise<ReturnType<typeof ok>> {
  const path = join(scratch, LOCK_NAME)
  const first = await lockFile(path)
  if (!first) return fail('the lock of a new file cannot be taken')
  const second = await lockFile(path)
  await second?.()
  await first()
  if (second) return fail('two writers can hold one lock: runs are not safe here')
  const again = await lockFile(path)
  await again?.()
  return again ? ok('held by one, free when let go') : fail('it stays held when let go')
}

async function syncs(scratch: string): Promise<ReturnType<typeof ok>> {
  const file = await open(join(scratch, 'sync'), 'w')
  const us: number[] = []
  try {
    for (let k = 0; k < WRITES; k++) {
      await file.write(new Uint8Array(WRITE_BYTES).fill(k), 0, WRITE_BYTES, k * WRITE_BYTES)
      const started = performance.now()
      await file.datasync()
      us.push((performance.now() - started) * 1_000)
    }
  } finally {
    await file.close()
  }
  const said = `p50 ${medianOf(us).toFixed(0)} µs of ${WRITES} writes, slowest ${Math.max(...us).toFixed(0)} µs`
  return medianOf(us) > SYNC_WARN_US ? warn(`${said}: acknowledgements wait for it`) : ok(said)
}

function clock(): ReturnType<typeof ok> {
  let last = process.hrtime.bigint()
  let step = 0n
  for (let k = 0; k < CLOCK_READINGS; k++) {
    const now = process.hrtime.bigint()
    if (now < last) return fail('the monotonic clock went backwards')
    if (now > last && (step === 0n || now - last < step)) step = now - last
    last = now
  }
  if (step === 0n) return fail('the monotonic clock stands still')
  return ok(`monotonic, smallest step ${step} ns, wall ${new Date().toISOString()}`)
}
