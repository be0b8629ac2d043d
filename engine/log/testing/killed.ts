import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { jsonlReader } from '../read/jsonl-reader.js'
import { recoverRun } from '../write/recover.js'
import { isHeld, readRunInfo } from '../write/run-dir.js'
import { verifyRun } from '../prove/verify.js'
import { dice, readAll, right } from './builders.js'

const APPENDER = fileURLToPath(new URL('./appender.js', import.meta.url))
const SEED = 7

/** How long a slow machine may take to compress a segment. */
const PATIENCE_MS = 20_000

const packedIn = (dir: string): number =>
  readdirSync(dir).filter(name => name.endsWith('.zst')).length

/** Waits until one more segment is compressed. */
async function onceMorePacked(dir: string): Promise<void> {
  const before = packedIn(dir)
  const until = Date.now() + PATIENCE_MS
  while (packedIn(dir) <= before && Date.now() < until)
    await new Promise(resolve => setTimeout(resolve, 10))
}

/** Lets a process append to the run, kills it some while after its first acknowledgement; the last one it told. */
async function killedAfter(
  dir: string,
  { delayMs, packs, writer }: { delayMs: number; packs: boolean; writer: Writer },
): Promise<number> {
  const child = spawn(process.execPath, [APPENDER, dir, writer], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    if (told === '')
      void (packs ? onceMorePacked(dir) : Promise.resolve()).then(() =>
        setTimeout(() => child.kill('SIGKILL'), delayMs),
      )
    told += text
  })
  await once(child, 'close')
  const acks = told.split('\n').slice(0, -1)
  return (JSON.parse(acks.at(-1) ?? '{"acked":0}') as { acked: number }).acked
}

/** Who writes the log. */
type Writer = 'ts' | 'native'

/** Kills the writers of one run, so many times, each some while after its first acknowledgement. */
export async function killedWriters(
  t: Test,
  { kills, writers }: { kills: number; writers: readonly Writer[] },
): Promise<void> {
  const dir = `${t.testdir()}/killed`
  const roll = dice(SEED)
  for (let kill = 1; kill <= kills; kill++) {
    // Some live until the thread that compresses has come into it.
    const writer = writers[kill % writers.length]!
    const acked = await killedAfter(dir, { delayMs: roll(60), packs: kill % 5 === 0, writer })
    const name = `kill ${kill} of seed ${SEED}, ${acked} acknowledged`
    if (await isHeld(dir)) t.fail(`${name}: the lock is held`)
    t.equal((await readRunInfo(dir)).status, 'crashed')
    const verdict = await verifyRun(dir)
    t.match(verdict, { status: 'intact', sealed: false }, name)
    t.ok(acked > 0 && verdict.lastSeq >= acked, `${name}, ${verdict.lastSeq} there`)
    const { rows, fault } = await readAll(jsonlReader(dir), Math.max(1, acked - 500))
    t.equal(fault, undefined)
    t.equal(rows.at(-1)?.seq, verdict.lastSeq)
  }
  const { log, lastSeq } = right(
    await recoverRun({ dir, commitEvents: 8, commitMs: 5, durability: 'commit' }),
  )
  t.ok(await isHeld(dir))
  const names = readdirSync(dir)
  t.ok(
    names.some(name => name.endsWith('.zst')),
    'segments were compressed meanwhile',
  )
  t.equal(right(await log.close()).lastSeq, lastSeq)
  t.notOk(await isHeld(dir))
}
