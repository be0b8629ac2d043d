import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { looksUnborn } from './birth.js'
import { recoverRun } from './recover.js'
import { createRun, type RunOptions } from './run-dir.js'
import { appendAll, dice, right, startOf, turns } from '../testing/builders.js'
import { FaultyDisk, type Survival } from '../testing/faulty-disk.js'
import { verifyRun } from '../prove/verify.js'

const DIR = 'runs/born'

const optionsOn = (disk: FaultyDisk): RunOptions => ({
  dir: DIR,
  disk,
  commitEvents: 3,
  commitMs: Infinity,
  durability: 'commit',
})

/** Begins a run and lives until the power fails at an operation; says what was acknowledged. */
async function begin(disk: FaultyDisk): Promise<number> {
  const made = await createRun(startOf('born'), optionsOn(disk))
  if (E.isLeft(made)) return 0
  let acked = 0
  made.right.onDurable(seq => (acked = seq))
  await appendAll(made.right, turns(1, 6)).catch(() => undefined)
  await made.right.flush()
  await made.right.close()
  return acked
}

/** The same command again: it begins the run, or finds it begun and goes on with it. */
async function again(disk: FaultyDisk): Promise<'restarted' | 'resumed' | 'stuck'> {
  const made = await createRun(startOf('born'), optionsOn(disk))
  if (E.isRight(made)) {
    await appendAll(made.right, turns(1, 12))
    right(await made.right.close())
    return 'restarted'
  }
  const recovered = await recoverRun(optionsOn(disk))
  if (E.isLeft(recovered)) return 'stuck'
  const { log, lastSeq } = recovered.right
  await appendAll(log, turns(lastSeq + 1, 12))
  right(await log.close())
  return 'resumed'
}

void t.test('a run that is killed at any moment of its birth begins again or goes on', async t => {
  const whole = new FaultyDisk()
  t.equal(await begin(whole), 6)
  const outcomes = { restarted: 0, resumed: 0, stuck: 0 }
  for (let op = 1; op <= whole.ops + 1; op++) {
    const survivals: Survival[] = [0, 1, 40, 300, Infinity].map(bytes => ({ tag: 'prefix', bytes }))
    for (let seed = 1; seed <= 6; seed++) survivals.push({ tag: 'dice', roll: dice(seed * op) })
    for (const survival of survivals) {
      const disk = new FaultyDisk({ op, how: 'crash' })
      const acked = await begin(disk)
      const after = disk.survivor(survival)
      const outcome = await again(after)
      outcomes[outcome]++
      if (outcome === 'restarted' && acked > 0) t.fail(`op ${op}: ${acked} acknowledged are gone`)
      const verdict = await verifyRun(DIR, { disk: after })
      if (verdict.status !== 'intact' || verdict.lastSeq !== 12)
        t.fail(`op ${op}, ${JSON.stringify(survival)}: ${outcome}, ${JSON.stringify(verdict)}`)
    }
  }
  t.equal(outcomes.stuck, 0)
  t.ok(outcomes.restarted > 20 && outcomes.resumed > 20, JSON.stringify(outcomes))
})

void t.test('nothing that was there before is taken for a birth', async t => {
  const files: (readonly [string, Uint8Array])[] = [
    [`${DIR}/notes.txt`, Buffer.from('mine')],
    [`${DIR}/events-000002.jsonl`, Buffer.from('')],
    [`${DIR}/events-000001.jsonl`, Buffer.from('{"not":"a log"}\nand more\n')],
  ]
  for (const file of files.slice(0, 2)) {
    const disk = FaultyDisk.of([file])
    t.equal(await looksUnborn(disk, DIR), false)
    t.match(await createRun(startOf('born'), optionsOn(disk)), E.left({ tag: 'Exists' }))
  }
  const disk = FaultyDisk.of(files.slice(2))
  const made = await createRun(startOf('born'), optionsOn(disk))
  if (E.isRight(made)) await made.right.close()
  // Bytes that a tear explains are set aside, not lost.
  const kept = [...disk.contents].map(([, bytes]) => bytes.toString())
  t.ok(kept.some(text => text.includes('{"not":"a log"}')))
})
