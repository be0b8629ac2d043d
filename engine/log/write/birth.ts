import type { Disk } from '../disk/disk.js'
import { HEAD_NAME, readHeadFile } from '../disk/head-file.js'
import { LOCK_NAME } from '../disk/lock.js'
import { MANIFEST_NAME, readManifest } from '../disk/manifest.js'
import { segmentName } from '../disk/segments.js'
import { hasHole, judgeTail } from '../read/tail.js'
import { LogVerifier } from '../read/log-verifier.js'

const FIRST_SEGMENT = segmentName(1)
/** What may stand in a run's folder before its first commit is whole: all of it is written again by who begins the run. */
const AT_BIRTH: ReadonlySet<string> = new Set([
  LOCK_NAME,
  MANIFEST_NAME,
  `${MANIFEST_NAME}.tmp`,
  HEAD_NAME,
  `${HEAD_NAME}.tmp`,
  FIRST_SEGMENT,
  // Of live views and commands, which begin with the run.
  'views',
  'control.sock',
  // Code of strategies that the program does not know.
  'strategies',
])
/** What was set aside before. */
const TORN = /^torn-\d+\.bin$/

/** Whether a folder holds nothing but what a writer may leave that was killed while its run was born. By names alone. */
export async function looksUnborn(disk: Disk, dir: string): Promise<boolean> {
  return (await disk.list(dir)).every(name => AT_BIRTH.has(name) || TORN.test(name))
}

/**
 * Whether a folder holds no run yet: it is empty, or a writer was killed in it before a first commit was whole, and so before
 * anything was acknowledged. False where anything else stands there, and where bytes are not what a crash leaves.
 */
export async function isUnborn(disk: Disk, dir: string): Promise<boolean> {
  if (!(await looksUnborn(disk, dir))) return false
  const [manifest, witness] = [await readManifest(disk, dir), await readHeadFile(disk, dir)]
  if (manifest.tag === 'damaged' || witness.tag === 'damaged') return false
  if (manifest.tag === 'read' && manifest.value.status === 'sealed') return false
  if (witness.tag === 'read' && witness.value.lastSeq > 0) return false
  const verifier = (await LogVerifier.of(disk, dir)).startAt(0)
  try {
    const step = await verifier.next()
    if (step.tag === 'commit') return false
    const segment = verifier.segments[0]
    if (!segment || (await judgeTail(disk, verifier, step)).tag !== 'damaged') return true
    return await hasHole(disk, segment, step.byte)
  } finally {
    await verifier.close()
  }
}

/**
 * Sets aside what a killed writer left of a first segment, as `torn-<n>.bin`. Only where `isUnborn` holds, and under the run's
 * lock.
 */
export async function clearBirth(disk: Disk, dir: string): Promise<void> {
  const names = new Set(await disk.list(dir))
  if (!names.has(FIRST_SEGMENT)) return
  let n = 1
  while (names.has(`torn-${n}.bin`)) n++
  await disk.rename(`${dir}/${FIRST_SEGMENT}`, `${dir}/torn-${n}.bin`)
  await disk.syncDir(dir)
}
