import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { commits } from '#engine/log/read/jsonl-reader.js'
import { nodeDisk } from '#engine/log/disk/node-disk.js'
import { packSegment } from '#engine/log/compress/pack.js'
import { segmentsOf } from '#engine/log/disk/segments.js'
import { verifyRun } from '#engine/log/prove/verify.js'
import { zstdAt } from '#engine/log/compress/zstd.js'
import { polaris } from './helpers/cli.js'
import { seeds } from './helpers/seeds.js'
import { damage, segmented, segmentsIn, story } from './helpers/damaged-runs.js'

const dir = mkdtempSync(join(tmpdir(), 'polaris-threads-'))
const honest = join(dir, 'honest')
const small = join(dir, 'packed')
/** Without threads. */
const ALONE = { ahead: { startBytes: Infinity } }
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

t.before(async () => {
  polaris(...['run', '--source', 'sim:parity-busy/3000', '--out', join(dir, 'whole')])
  await segmented(join(dir, 'whole'), honest)
  cpSync(honest, small, { recursive: true })
  const compress = await zstdAt(3)
  for (const segment of (await segmentsOf(nodeDisk, small)).slice(0, -1))
    await packSegment(nodeDisk, small, { segment, compress })
})

t.test('a thread that takes over anywhere gives the same commits', async t => {
  for (const run of [honest, small]) {
    const alone = await story(run, ALONE)
    for (const startBytes of [0, 1, 59_000, 60_000, 130_000, 300_000, 1e9])
      t.ok((await story(run, taking(startBytes))) === alone, `from ${startBytes} bytes on`)
  }
  t.ok(segmentsIn(honest).length > 5)
})

t.test('damage is what one thread says it is', async t => {
  const kinds = new Set<string>()
  for (const [run, count] of [
    [honest, 40],
    [small, 20],
  ] as const)
    for (const seed of seeds(count, 1 / 10)) {
      if (!t.passing()) return
      const random = prng(seed, 'threads')
      const { copy, what } = damaged(run, random)
      const [one, two] = [
        await story(copy, ALONE),
        await story(copy, taking(random.below(400_000))),
      ]
      if (one !== two) t.equal(two, one, `seed ${seed}: ${what}, read`)
      const [plain, threaded] = [await verdict(copy, Infinity), await verdict(copy, 0)]
      if (plain !== threaded) t.equal(threaded, plain, `seed ${seed}: ${what}, verified`)
      const { status, firstBad } = JSON.parse(plain) as {
        status: string
        firstBad?: { kind: string }
      }
      kinds.add(firstBad?.kind ?? status)
    }
  t.ok(kinds.size > 5, JSON.stringify([...kinds]))
})

t.test('a segment that the disk does not give is told in the same words', async t => {
  const copy = join(dir, 'unreadable')
  cpSync(honest, copy, { recursive: true })
  const last = join(copy, segmentsIn(copy).at(-1)!)
  rmSync(last)
  mkdirSync(last)
  const alone = await story(copy, ALONE)
  t.match(alone, 'EISDIR')
  t.equal(await story(copy, taking(0)), alone)
  t.equal(await verdict(copy, 0), await verdict(copy, Infinity))
})

t.test('who stops reading leaves no thread behind', async t => {
  for (const most of [1, 2, 20]) {
    let count = 0
    for await (const read of commits(honest, 1, taking(0))) {
      t.ok(E.isRight(read))
      if (++count === most) break
    }
    t.notOk(process.getActiveResourcesInfo().includes('MessagePort'), `behind ${most} commits`)
  }
})

/** Where a thread takes over. */
const taking = (startBytes: number) => ({ ahead: { startBytes, waits: true } })

const verdict = async (run: string, threadsFrom: number): Promise<string> =>
  JSON.stringify(await verifyRun(run, { threadsFrom }))

function damaged(run: string, random: Prng): { copy: string; what: string } {
  const copy = join(dir, 'copy')
  rmSync(copy, { recursive: true, force: true })
  cpSync(run, copy, { recursive: true })
  return { copy, what: damage(copy, random) }
}
