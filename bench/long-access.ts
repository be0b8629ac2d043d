import assert from 'node:assert'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Call } from '#cli/command.js'
import { readManifest, writeManifest } from '#engine/log/disk/manifest.js'
import { nodeDisk } from '#engine/log/disk/node-disk.js'
import { HEAD_NAME } from '#engine/log/disk/head-file.js'
import { RunIndex } from '#engine/log/index/run-index.js'
import { segmentsOf } from '#engine/log/disk/segments.js'

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url))
const RESUME = fileURLToPath(new URL('./long-resume.js', import.meta.url))

/** Bytes of a long run on disk, and how long it takes to come back to it: whole processes, in milliseconds. */
export async function accesses(
  dir: string,
  events: number,
  call: Call,
): Promise<Record<string, number>> {
  const index = await RunIndex.open(dir)
  const { lastSeq } = index
  const middle = Math.floor(lastSeq / 2)
  const signal = await signalBehind(index, middle)
  const segments = await segmentsOf(nodeDisk, dir)
  const packed = segments.filter(({ isPacked }) => isPacked)
  const closedEvents = index.firstOf(segments.length - 1) - 1
  const bytes = packed.reduce((sum, { path }) => sum + statSync(path).size, 0)
  call.progress('coming back to it')
  return {
    bytesPerEventCompressed: Math.round((bytes / Math.max(1, closedEvents)) * 100) / 100,
    checkpointsMb: Math.round(sizeOf(join(dir, 'checkpoints')) / 1e5) / 10,
    replayUntilMs: timed([MAIN, 'replay', dir, '--until', String(middle)]),
    bookAtMs: timed([MAIN, 'book', dir, '--at', String(middle)]),
    ...(signal !== '' && { explainSignalMs: timed([MAIN, 'explain', dir, `signal:${signal}`]) }),
    explainSeqMs: timed([MAIN, 'explain', dir, `seq:${middle}`]),
    ...(await resumed(dir, events)),
  }
}

/** The first signal behind an event, or nothing. */
async function signalBehind(index: RunIndex, seq: number): Promise<string> {
  for (const told of index.toldBehind(seq)) {
    const { event } = await index.at(told)
    if (event.type === 'SignalRaised') return event.data.signal
  }
  return ''
}

const sizeOf = (dir: string): number =>
  !existsSync(dir)
    ? 0
    : readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)

function timed(words: readonly string[]): number {
  const started = performance.now()
  const done = spawnSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  assert(done.status === 0, `${words.join(' ')} answers ${done.status}`)
  return Math.round(performance.now() - started)
}

/** Cuts the end off a copy of the run, as a crash would, and goes on with it. */
async function resumed(
  dir: string,
  events: number,
): Promise<{ resumeMs: number; resumeReplayed: number }> {
  const copy = `${dir}.crashed.${process.pid}`
  cpSync(dir, copy, { recursive: true })
  try {
    const last = (await segmentsOf(nodeDisk, copy)).at(-1)
    assert(last, 'the copy has segments')
    truncateSync(last.path, Math.floor(statSync(last.path).size * 0.9))
    rmSync(join(copy, HEAD_NAME))
    const read = await readManifest(nodeDisk, copy)
    assert(read.tag === 'read', 'the copy has its manifest')
    const { lastSeq: _n, commits: _c, head: _h, ...open } = read.value
    await writeManifest(nodeDisk, copy, { ...open, status: 'open' })
    const done = spawnSync(process.execPath, [RESUME, copy, String(events)], { encoding: 'utf8' })
    assert(done.status === 0, done.stderr)
    return JSON.parse(done.stdout) as { resumeMs: number; resumeReplayed: number }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
