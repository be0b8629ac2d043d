import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { BACKENDS } from '#cli/backend.js'
import { loadAddon } from '#engine/native/addon.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = mkdtempSync(join(tmpdir(), 'polaris-arb-'))
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})
const SIZE = ['--rounds', '3', '--warmup', '1', '--runs-dir', dir]

interface Told {
  readonly avg: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}
const toldOf = (...words: readonly string[]): Record<string, Told> => {
  const { code, json, err } = polaris('arb-benchmark', ...SIZE, ...words, '--json')
  if (code !== 0) throw new Error(err)
  return json as unknown as Record<string, Told>
}

t.test(
  'rounds find signals, judge and execute them, and the parts add up to the whole',
  async t => {
    const told = toldOf('--source', 'sim:parity-busy')
    t.match(told, { rounds: 3, warmup: 1, events: 2_000, mode: 'paper_live', backend: 'ts' })
    for (const fact of ['signals', 'processed', 'executed']) t.ok(told[fact]!.avg > 0, fact)
    t.ok(told['executed']!.avg <= told['processed']!.avg)
    t.ok(told['processed']!.avg <= told['signals']!.avg)
    for (const fact of ['snapshot_load_ms', 'scan_ms', 'process_ms', 'total_ms']) {
      const { avg, p50, p95, max } = told[fact]!
      t.ok(0 < p50 && p50 <= p95 && p95 <= max && avg <= max, fact)
    }
    const [load, scan, work, whole] = ['snapshot_load_ms', 'scan_ms', 'process_ms', 'total_ms'].map(
      fact => told[fact]!.avg,
    )
    t.ok(Math.abs(load! + scan! + work! - whole!) < 1e-6)
    t.same(readdirSync(dir), [], 'nothing is kept')
  },
)

t.test('every backend and every run of it counts the same', async t => {
  const counts = (told: Record<string, Told>) =>
    ['signals', 'processed', 'executed'].map(fact => told[fact])
  const wanted = counts(toldOf('--source', 'sim:parity-busy'))
  const there = BACKENDS.filter(name => name !== 'native' || typeof loadAddon() !== 'string')
  for (const backend of there.filter(name => name !== 'subprocess'))
    t.same(counts(toldOf('--source', 'sim:parity-busy', '--backend', backend)), wanted, backend)
})

t.test('a shadow finds and executes nothing', async t => {
  const told = toldOf('--source', 'sim:parity-busy', '--mode', 'shadow')
  t.ok(told['signals']!.avg > 0)
  t.equal(told['executed']!.max, 0)
})

t.test('in words: a table', async t => {
  const { code, out } = polaris('arb-benchmark', ...SIZE)
  t.equal(code, 0)
  t.match(out, /3 rounds of 2,000 inputs, sim:mixed, mode paper_live, backend ts\nper round +avg/)
})

t.test('what would send real orders, and what is out of range, is refused', async t => {
  const wrong = [
    ['--mode', 'live', 'no-live'],
    ['--mode', 'import', 'usage'],
    ['--rounds', '0', 'usage'],
    ['--warmup', '101', 'usage'],
    ['--source', 'runs/demo', 'usage'],
    ['--backend', 'fast', 'backend'],
  ] as const
  for (const [option, value, code] of wrong) {
    const live = ['--set', 'live.enabled=true']
    const said = polaris('arb-benchmark', option, value, ...live, '--json')
    t.equal(said.code, 2)
    t.match(said.json, { error: { code, where: new RegExp(option) } })
  }
})
