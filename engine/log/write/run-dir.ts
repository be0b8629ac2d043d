import assert from 'node:assert'
import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Manifest, ManifestStart } from '#schemas/manifest.js'
import { Batching, ORIGIN, type Position } from './batching.js'
import { Head } from '../prove/blake3.js'
import { clearBirth, isUnborn, looksUnborn } from './birth.js'
import { isMissing, type Disk, type Release } from '../disk/disk.js'
import type { LogEnd, LogFault, LogWriter } from '../event-log.js'
import { RUN_ID_MAX } from '../disk/framing.js'
import { JsonlLog } from './jsonl-log.js'
import type { Failing, JournalApi } from './journal.js'
import { LOCK_NAME } from '../disk/lock.js'
import { readManifest, writeManifest } from '../disk/manifest.js'
import { NativeLog } from './native-log.js'
import { nodeDisk } from '../disk/node-disk.js'
import { readHeadFile, writeHeadFile } from '../disk/head-file.js'
import { signEnd } from '../prove/seal.js'
import { segmentsOf } from '../disk/segments.js'
import type { KeepRun, ListedRun, RunInfo } from '../store/run-store.js'
import { SegmentWriter, type OpenSegment } from './segment-writer.js'

/** How a run's log is kept and where. */
export interface RunOptions extends Omit<KeepRun, 'upkeep'> {
  readonly dir: string
  readonly disk?: Disk
  /** Told each segment that is over: durable, and never written again. */
  readonly onClosed?: (segment: number) => void
  /** Writes the log in place of TypeScript, on the disk of this machine. */
  readonly journal?: JournalApi | undefined
  /** For tests only: where segments roll. */
  readonly segmentBytes?: number
  /** For tests only: a call of the journal's disk that fails. */
  readonly failing?: Failing
}

/**
 * Makes the directory of a new run and opens its log. Refuses a directory that holds anything, but for what a writer left that was
 * killed before a first commit was whole: nothing of that run was ever acknowledged, and it begins again.
 */
export async function createRun(
  start: ManifestStart,
  options: RunOptions,
): Promise<E.Either<LogFault, LogWriter>> {
  const { dir, disk = nodeDisk } = options
  if (start.runId.length > RUN_ID_MAX)
    return E.left({
      tag: 'Unreadable',
      dir,
      cause: `a run id has at most ${RUN_ID_MAX} characters`,
    })
  let release: Release | undefined
  try {
    await disk.makeDir(dir)
    if (!(await looksUnborn(disk, dir))) return E.left({ tag: 'Exists', dir })
    const wasEmpty = (await disk.list(dir)).every(name => name === LOCK_NAME)
    release = await disk.lock(`${dir}/${LOCK_NAME}`)
    if (!release) return E.left({ tag: wasEmpty ? 'Held' : 'Exists', dir })
    if (!(await isUnborn(disk, dir))) {
      await release()
      return E.left({ tag: 'Exists', dir })
    }
    await clearBirth(disk, dir)
    const manifest: Manifest = { status: 'open', ...start }
    await writeManifest(disk, dir, manifest)
    await disk.syncDir(dirname(dir))
    const head = await Head.make()
    return E.right(
      await openLog(options, { manifest, runId: start.runId, head, release, at: ORIGIN }),
    )
  } catch (error) {
    await release?.()
    return E.left({ tag: 'Halted', cause: String(error) })
  }
}

/** What a log needs to go on from a position: the run's lock, a hasher that stands there, the segment it is in. */
export interface Resumed {
  /** Undefined where it is lost: then there is none to rewrite. */
  readonly manifest: Manifest | undefined
  readonly runId: string
  readonly head: Head
  readonly release: Release
  readonly at: Position
  readonly segment?: OpenSegment
}

/** Wires a log that writes behind `at`. */
export async function openLog(options: RunOptions, from: Resumed): Promise<LogWriter> {
  const { journal } = options
  return journal ? await openNative(journal, options, from) : openJsonl(options, from)
}

function openJsonl(options: RunOptions, from: Resumed): LogWriter {
  const { dir, disk = nodeDisk, commitEvents, segmentBytes, signKey } = options
  const { manifest, runId, head, release, at, segment } = from
  const bound = segmentBytes === undefined ? {} : { segmentBytes }
  const { onClosed } = options
  const writer = new SegmentWriter(disk, dir, { open: segment, ...(onClosed && { onClosed }) })
  return new JsonlLog(options, {
    batching: new Batching({ runId, commitEvents, ...bound }, head, at),
    writer,
    onSeal: async end => {
      const fallback = options.fallback?.()
      const told = manifest && { ...manifest, ...(fallback !== undefined && { fallback }) }
      if (told) await sealManifest(disk, { dir, manifest: told, end, signKey })
    },
    onClose: async () => {
      await writer.close().finally(release)
    },
  })
}

/** The journal opens the segment itself, and derives the head from its bytes. */
async function openNative(
  api: JournalApi,
  options: RunOptions,
  { manifest, runId, head, release, at, segment }: Resumed,
): Promise<LogWriter> {
  const { dir, disk = nodeDisk, signKey } = options
  assert(disk === nodeDisk, 'Invariant: the journal writes on the disk of this machine')
  await segment?.file.close()
  return new NativeLog(options, {
    ...options,
    ...{ api, runId, head, at },
    writeHead: ({ lastSeq, commits, segment: number, head: to }) =>
      writeHeadFile(disk, dir, { lastSeq, commits, segment: number, head: to }),
    onSeal: async end => {
      if (manifest) await sealManifest(disk, { dir, manifest, end, signKey })
    },
    onClose: release,
  })
}

/** Writes into a run's manifest that it ended, and where. */
export async function sealManifest(
  disk: Disk,
  of: { dir: string; manifest: Manifest; end: LogEnd; signKey: string | undefined },
): Promise<void> {
  const { lastSeq, commits, head } = of.end
  const end = { lastSeq, commits, head }
  const signature = of.signKey === undefined ? {} : signEnd(end, of.signKey)
  await writeManifest(disk, of.dir, { ...of.manifest, status: 'sealed', ...end, ...signature })
}

/** Whether a process holds the run's lock. */
export async function isHeld(dir: string, disk: Disk = nodeDisk): Promise<boolean> {
  if (!(await disk.list(dir)).includes(LOCK_NAME)) return false
  const release = await disk.lock(`${dir}/${LOCK_NAME}`)
  await release?.()
  return release === undefined
}

/** What the small files of a run say, unverified. */
export async function readRunInfo(dir: string, disk: Disk = nodeDisk): Promise<RunInfo> {
  const [read, witness] = [await readManifest(disk, dir), await readHeadFile(disk, dir)]
  const manifest = read.tag === 'read' ? read.value : undefined
  const last = witness.tag === 'read' ? witness.value : { lastSeq: 0, head: '' }
  const { runId = '', lastSeq = last.lastSeq, head = last.head } = manifest ?? {}
  const open = async () => ((await isHeld(dir, disk)) ? 'open' : 'crashed')
  const status = !manifest ? 'unknown' : manifest.status === 'sealed' ? 'sealed' : await open()
  return { runId, status, manifest, lastSeq, head }
}

/** Pointer to the newest run: it names one that the list has under its own name. */
const LATEST = 'run_latest'

/** All runs below a directory, by name: whatever has a manifest or a segment. */
export async function listRuns(runsDir: string, disk: Disk = nodeDisk): Promise<ListedRun[]> {
  const runs: ListedRun[] = []
  const names = await disk.list(runsDir).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  for (const name of [...names].sort()) {
    if (name.startsWith('.') || name === LATEST) continue
    const run = `${runsDir}/${name}`
    const info = await readRunInfo(run, disk).catch(() => undefined)
    if (info && (info.manifest || (await hasSegments(disk, run))))
      runs.push({ ...info, run, name, runId: info.runId || name })
  }
  return runs
}

async function hasSegments(disk: Disk, dir: string): Promise<boolean> {
  return (await segmentsOf(disk, dir).catch(() => [])).length > 0
}
