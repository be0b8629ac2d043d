import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { folderGround } from './helpers/grounds.js'
import { lived, type Lives } from './helpers/live-seeds.js'

const LONG = process.env['POLARIS_LONG'] === '1'
const FIRST = Number(process.env['POLARIS_SEED'] ?? 1)
const SEEDS = process.env['POLARIS_SEED']
  ? 1
  : Number(process.env['POLARIS_SEEDS'] ?? (LONG ? 1_000 : 25))
/** Runs in folders cost as much as their disk. */
const FOLDERS = SEEDS > 1 ? 2 : 1
const MANY = join(import.meta.dirname, 'helpers', 'live-seeds.js')
const HOUR_MS = 3_600_000
/** A life that is long enough for checkpoints on a slow disk. */
const LONG_MS = 12_000

t.test(`${SEEDS} runs over a venue of another thread of time, with kills and faults`, async t => {
  t.setTimeout(5 * HOUR_MS)
  const { status, stdout, stderr } = spawnSync(process.execPath, [MANY, `${FIRST}`, `${SEEDS}`], {
    encoding: 'utf8',
  })
  t.equal(status, 0, stderr)
  const found = JSON.parse(stdout) as Lives // printed by our own code
  const { seed, why } = found.failed ?? {}
  t.notOk(seed, `seed ${seed}: ${why}; again: POLARIS_SEED=${seed} npm test -- test/live`)
  t.equal(found.seeds, SEEDS)
  if (SEEDS === 1) return
  t.ok(found.orders > 10 * SEEDS, `${found.orders} orders`)
  t.ok(found.fills > SEEDS, `${found.fills} fills`)
  t.ok(found.recovered > SEEDS / 4, `${found.recovered} recoveries`)
  t.ok(found.taken > SEEDS / 8, `${found.taken} lives were taken up from a checkpoint`)
  t.ok(found.proven > 2 * SEEDS, `${found.proven} checkpoints were proven`)
})

t.test(`${FOLDERS} of them in a folder`, async t => {
  t.setTimeout(HOUR_MS)
  for (let seed = FIRST + 1; seed <= FIRST + FOLDERS; seed++) {
    const { rows, proven } = await lived(seed, folderGround(join(t.testdir(), `${seed}`)), LONG_MS)
    t.ok(rows.length > 100)
    t.equal(rows.at(-1)?.event.type, 'RunEnded')
    t.ok(proven > 0 || seed % 3 === 0, `${proven} checkpoints were proven`)
  }
})
