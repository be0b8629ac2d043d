import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { hasBookSim } from '#compat/book-sim-program.js'
import { findings, ok } from '#cli/doctor/finding.js'
import { loadAddon } from '#engine/native/addon.js'
import { polaris, polarisWith } from './helpers/cli.js'

const dir = mkdtempSync(join(tmpdir(), 'polaris-doctor-test-'))
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

interface Check {
  readonly name: string
  readonly status: string
  readonly detail: string
}
const checksOf = (json: Record<string, unknown>): Map<string, Check> =>
  new Map((json['checks'] as Check[]).map(check => [check.name, check]))

t.test('doctor says what this installation can do, and changes nothing', async t => {
  const { code, json } = polaris('doctor', '--runs-dir', join(dir, 'not', 'yet'), '--json')
  t.equal(code, 0, 'a warning is no failure')
  const checks = checksOf(json)
  const names =
    'node platform cargo addon book-sim better-sqlite3 duckdb zstd blake3 runs-dir space lock fdatasync clock config backend trades-parity trades-basket'
  t.same([...checks.keys()], names.split(' '))
  for (const name of ['node', 'better-sqlite3', 'duckdb', 'blake3', 'lock', 'clock', 'config'])
    t.equal(checks.get(name)?.status, 'ok', name)
  t.equal(checks.get('book-sim')?.status, hasBookSim() ? 'ok' : 'warn')
  const other = typeof loadAddon() === 'string' ? 'ts' : 'native'
  const backends = checks.get('backend')?.detail ?? ''
  t.match(backends, /^engine ts \(/)
  t.ok(backends.includes(`; walks over logs ${other} (`), backends)
  t.ok(backends.includes(`; log writer ${other}`), backends)
  t.same(readdirSync(dir), [], 'what it wrote is gone')
})

t.test('a line per look: name, verdict, why', async t => {
  const { code, out } = polaris('doctor', '--runs-dir', dir)
  t.equal(code, 0)
  for (const line of out.trim().split('\n')) t.match(line, /^[a-z0-9-]+: (ok|warn) \S/)
})

t.test('what fails is named, the rest is looked at all the same, and the exit is 1', async t => {
  const file = join(dir, 'a-file')
  writeFileSync(file, '')
  const bad = polaris(
    'doctor',
    '--runs-dir',
    join(file, 'runs'),
    '--set',
    'run.backend=fast',
    '--json',
  )
  t.equal(bad.code, 1)
  t.equal(bad.json['status'], 'fail')
  const checks = checksOf(bad.json)
  t.match(checks.get('runs-dir'), { status: 'fail', detail: /ENOTDIR|ENOENT/ })
  t.match(checks.get('config'), { status: 'fail', detail: /run\.backend is "fast"/ })
  t.equal(checks.get('clock')?.status, 'ok')
})

t.test('without cargo it says who serves instead', async t => {
  const { code, json } = polarisWith({ PATH: '' }, 'doctor', '--runs-dir', dir, '--json')
  t.equal(code, 0)
  t.match(checksOf(json).get('cargo'), { status: 'warn', detail: /TypeScript serves/ })
})

t.test('a look that throws is a failure in one line', async t => {
  const looks = [
    {
      name: 'one',
      look: () => {
        throw new Error('it broke\nat length')
      },
    },
    { name: 'two', look: () => ok('fine') },
  ]
  t.same(await findings(looks), [
    { name: 'one', status: 'fail', detail: 'it broke' },
    { name: 'two', status: 'ok', detail: 'fine' },
  ])
})
