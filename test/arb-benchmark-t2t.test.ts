import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { hasBookSim, NO_BOOK_SIM } from '#compat/book-sim-program.js'
import { difference, raceBy, RACERS } from '#bench/orderbook/race.js'
import { tapeOf, WORKLOADS } from '#bench/orderbook/tape.js'
import { tsRace, type RaceFacts } from '#bench/orderbook/ts-race.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const hasAll = typeof loadAddon() !== 'string' && hasBookSim()
const skip = hasAll ? false : NO_BOOK_SIM
const PLAN = { iterations: 2, updates: 1_000, levels: 60 }
const dir = mkdtempSync(join(tmpdir(), 'polaris-t2t-'))
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

for (const workload of WORKLOADS)
  t.test(`${workload}: every backend finds the same`, { skip }, async t => {
    for (const levels of [60, 2_000]) {
      const text = JSON.stringify(tapeOf(workload, { ...PLAN, levels }))
      const ours = tsRace(text)
      for (const racer of RACERS) {
        const facts = raceBy(racer, text) as RaceFacts
        t.equal(difference(ours, facts), undefined, `${racer}, ${levels} levels`)
        t.same(Object.keys(facts), Object.keys(ours))
        t.equal(facts.total_updates, 2_000)
      }
      t.equal(ours.skipped_updates > 0, levels === 2_000 && workload === 'legacy', 'off the grid')
    }
  })

t.test('of the legacy workload a program that ignores the updates sees all there is', async t => {
  const tape = tapeOf('legacy', PLAN)
  const facts = tsRace(JSON.stringify(tape))
  const [one] = tape.updates
  const idle = tsRace(JSON.stringify({ ...tape, updates: Array(PLAN.updates).fill(one) }))
  t.equal(facts.spread_avg, 0.001)
  t.equal(difference(facts, idle), undefined)
})

t.test('the honest hash depends on every update, the touch moves and the band churns', async t => {
  const tape = { ...tapeOf('honest', { ...PLAN, iterations: 1, updates: 300 }) }
  const hashWith = (updates: typeof tape.updates): string =>
    tsRace(JSON.stringify({ ...tape, updates })).state_hash
  const whole = hashWith(tape.updates)
  t.equal(hashWith(tape.updates), whole)
  const ignored: number[] = []
  for (const [k, update] of tape.updates.entries()) {
    const other = { ...(JSON.parse(update as string) as { size: string }) }
    other.size = (Number(other.size) + 0.000001).toFixed(6)
    const changed = tape.updates.with(k, JSON.stringify(other))
    const without = tape.updates.toSpliced(k, 1)
    if (hashWith(changed) === whole || hashWith(without) === whole) ignored.push(k)
  }
  t.same(ignored, [])
  const { spread_avg: spread } = tsRace(JSON.stringify(tape))
  t.ok(spread > 0.0005 && spread < 0.02 && spread !== 0.001, `spread ${spread}`)
})

t.test('the verb: fields, report, comparison', { skip }, async t => {
  const output = join(dir, 'deep', 'report.json')
  const size = ['--iterations', '1', '--updates', '100', '--levels-per-side', '50']
  const { code, json } = polaris(
    'arb-benchmark-t2t',
    ...['--backend', 'all', ...size, '--output', output, '--json'],
  )
  t.equal(code, 0)
  t.same(JSON.parse(readFileSync(output, 'utf8')), json)
  t.match(json, {
    payload: { iterations: 1, updates: 100, levels_per_side: 50 },
    comparison: {
      legacy: { native_vs_ts_speedup: Number },
      honest: { daemon_vs_ts_speedup: Number },
    },
  })
  const { results } = json as { results: Record<string, Record<string, Record<string, unknown>>> }
  const fields =
    'iterations updates_per_iteration total_updates skipped_updates decode_ms process_ms total_ms avg_update_us p50_update_us p95_update_us p99_update_us max_update_us spread_avg bid_depth_1pct_avg ask_depth_1pct_avg state_hash'
  for (const workload of WORKLOADS) {
    t.same(Object.keys(results[workload]!), RACERS)
    for (const facts of Object.values(results[workload]!))
      t.same(Object.keys(facts), fields.split(' '))
  }
})

t.test('without a native part it runs in TypeScript, in words too', async t => {
  const { code, out } = polaris('arb-benchmark-t2t', '--backend', 'ts', '--iterations', '1')
  t.equal(code, 0)
  t.match(out, /honest: 1,000 updates a backend\nbackend +avg µs/)
})

t.test('what lies outside its range is refused, with the range', async t => {
  const wrong = [
    ['--iterations', '0', /1 to 500/],
    ['--iterations', '501', /1 to 500/],
    ['--updates', '99', /100 to 5000/],
    ['--updates', '5001', /100 to 5000/],
    ['--levels-per-side', '49', /50 to 2000/],
    ['--levels-per-side', 'x', /whole number/],
    ['--backend', 'python', /ts, native, daemon, subprocess, both or all/],
    ['--workload', 'constructor', /legacy, honest or all/],
  ] as const
  for (const [option, value, expected] of wrong) {
    const { code, json } = polaris('arb-benchmark-t2t', option, value, '--json')
    t.equal(code, 2)
    t.match(json, { error: { where: option, expected } })
  }
})
