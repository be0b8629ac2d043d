import assert from 'node:assert'
import { digestOf } from '../prove/blake3.js'
import { isMissing, readSmall, replaceFile, type Disk } from '../disk/disk.js'
import { markOf, placeOf, type Place } from '../disk/mark.js'
import { segmentLineOf } from '../disk/framing.js'
import { commitEndingAt, firstLineOf } from '../read/lines.js'
import { segmentsOf } from '../disk/segments.js'
import type { Checkpoint, Origin, Remark } from '../store/checkpoint.js'

/** Folder of a run's checkpoints. */
export const CHECKPOINTS = 'checkpoints'
/** Version of the file. */
const FORMAT = 1
const NAME = /^([1-9]\d{0,15})\.json$/
const SUM = /,"sum":"([0-9a-f]{64})"\}\n$/
const SUM_LENGTH = ',"sum":""}\n'.length + 64

/** Writes `checkpoints/<seq>.json`: temporary file, sync, rename. What stood there is replaced. Answers its bytes. */
export async function writeCheckpoint(
  disk: Disk,
  dir: string,
  of: { run: string; origin: Origin; checkpoint: Checkpoint },
): Promise<number> {
  const { run, origin, checkpoint } = of
  const place = placeOf(checkpoint.mark)
  assert(place, 'Invariant: a mark is of the store that keeps its checkpoint')
  const { lastSeq, commits, head, segment, byte, segmentBytes, hasher } = place
  const { code, config } = origin
  const mark = { lastSeq, commits, head, segment, byte, segmentBytes, hasher }
  const header = JSON.stringify({ format: FORMAT, run, code, config, ...mark })
  const body = `${header.slice(0, -1)},"feed":${checkpoint.feed},"engine":${checkpoint.engine}`
  const bytes = Buffer.from(`${body},"sum":"${await digestOf(body)}"}\n`)
  const folder = `${dir}/${CHECKPOINTS}`
  await disk.makeDir(folder)
  await replaceFile(disk, { dir: folder, name: `${lastSeq}.json`, bytes })
  return bytes.length
}

/** Sequence numbers of a run's checkpoints, rising; none where there is no folder. */
export async function checkpointsOf(disk: Disk, dir: string): Promise<number[]> {
  const names = await disk.list(`${dir}/${CHECKPOINTS}`).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return names
    .flatMap(name => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** The newest checkpoint at or before `atMost` that fits the log and its origin; the others are passed over aloud. */
export async function findCheckpoint(
  disk: Disk,
  dir: string,
  of: { origin: Origin; atMost: number; remark: Remark },
): Promise<Checkpoint | undefined> {
  const seqs = await checkpointsOf(disk, dir).catch(() => [])
  for (const seq of seqs.reverse()) {
    if (seq > of.atMost) continue
    const found = await readCheckpoint(disk, dir, seq, of.origin).catch(String)
    if (typeof found !== 'string') return found
    of.remark(`checkpoint ${seq} is not used: ${found}`)
  }
  return undefined
}

/** One checkpoint, or why it cannot be used. */
export async function readCheckpoint(
  disk: Disk,
  dir: string,
  seq: number,
  origin: Origin,
): Promise<Checkpoint | string> {
  const bytes = await readSmall(disk, `${dir}/${CHECKPOINTS}/${seq}.json`)
  if (!bytes) return 'it is gone'
  const text = Buffer.from(bytes).toString()
  const sum = SUM.exec(text.slice(-SUM_LENGTH))?.[1]
  const body = text.slice(0, -SUM_LENGTH)
  if (sum === undefined || sum !== (await digestOf(body))) return 'its bytes do not give its sum'
  const [feedAt, engineAt] = [body.indexOf(',"feed":'), body.indexOf(',"engine":')]
  const header = headerOf(`${body.slice(0, feedAt)}}`)
  if (!header || engineAt < feedAt) return 'it is of another format'
  const { mark, run, ...made } = header
  if (made.code !== origin.code) return 'other code made it'
  if (made.config !== origin.config) return 'it is of another configuration'
  if (mark.lastSeq !== seq) return 'it has the name of another'
  const wrong = await unlike(disk, dir, { mark, run })
  if (wrong !== undefined) return wrong
  const feed = body.slice(feedAt + ',"feed":'.length, engineAt)
  return { mark: markOf(mark), feed, engine: body.slice(engineAt + ',"engine":'.length) }
}

function headerOf(text: string): (Origin & { mark: Place; run: string }) | undefined {
  const row = JSON.parse(text) as Partial<Record<string, unknown>>
  const { format, run, code, config, head, hasher } = row
  const { lastSeq, commits, segment, byte, segmentBytes } = row
  if (format !== FORMAT || typeof run !== 'string') return undefined
  if (typeof code !== 'string' || typeof config !== 'string') return undefined
  if (typeof head !== 'string' || typeof hasher !== 'string') return undefined
  if (!isCount(lastSeq) || !isCount(commits) || !isCount(segment)) return undefined
  if (!isCount(byte) || !isCount(segmentBytes)) return undefined
  return {
    run,
    code,
    config,
    mark: { lastSeq, commits, head, segment, byte, segmentBytes, hasher },
  }
}

/** How the log is unlike what a checkpoint says of it: its run, and the commit line that ends where it stands. */
async function unlike(
  disk: Disk,
  dir: string,
  { mark, run }: { mark: Place; run: string },
): Promise<string | undefined> {
  const segment = (await segmentsOf(disk, dir)).find(({ number }) => number === mark.segment)
  if (!segment) return `there is no segment ${mark.segment}`
  const opening = await firstLineOf(disk, segment)
  if ((opening && segmentLineOf(opening)?.run) !== run) return 'it is of another run'
  const line = await commitEndingAt(disk, segment, mark.byte)
  return line?.n === mark.lastSeq && line.head === mark.head && line.commit === mark.commits
    ? undefined
    : 'the log has another head there'
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0
