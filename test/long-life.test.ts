import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import type { LongLife } from './helpers/long-life.js'

const LONG = process.env['POLARIS_LONG'] === '1'
const MINUTES = Number(process.env['POLARIS_MINUTES'] ?? (LONG ? 4 : 0.5))
const KILLS = MINUTES < 1 ? 5 : MINUTES < 20 ? 20 : 50
const SEED = Number(process.env['POLARIS_SEED'] ?? 1)
const LIFE = join(import.meta.dirname, 'helpers', 'long-life.js')

t.test(
  `${MINUTES} minutes by the clock, two feeds, ${KILLS} kills, every script of faults`,
  async t => {
    t.setTimeout(3_600_000)
    const words = [LIFE, `${SEED}`, `${MINUTES}`, `${KILLS}`]
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    t.equal(status, 0, stderr)
    t.comment(stdout)
    const life = JSON.parse(stdout) as LongLife // printed by our own code
    t.equal(life.kills, KILLS, 'it was killed as often as it was to be')
    t.ok(life.orders > 100 * MINUTES, `${life.orders} orders`)
    t.ok(life.recovered > KILLS / 4, `${life.recovered} recoveries`)
    t.ok(life.taken > KILLS / 4, `${life.taken} lives were taken up from a checkpoint`)
    t.ok(life.spared > 50, `${life.spared} % of what a kill left was not replayed`)
  },
)
