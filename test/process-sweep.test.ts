import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { defaults } from '#schemas/config.js'
import { MemoryLog } from '#engine/log/write/memory-log.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { sweepBook, type BookSweep, type Offer } from '#engine/gateways/sim/sweep.js'
import { hasBookSim } from '#compat/book-sim-program.js'
import { LineProcess } from '#compat/line-process.js'
import { run } from '#engine/run/run.js'
import { configWith, startedWith } from '#engine/run/testing/story.js'
import { askedOf, daemon, processSweep, subprocess, type Asked } from '#compat/process-sweep.js'
import { polaris, ROOT } from './helpers/cli.js'

const FAKE = join(ROOT, 'dist/test/helpers/fake-book-sim.js')
const fake = (mode: string, after: number) => {
  const args = [FAKE, mode, `${after}`]
  // Only what never answers is given up on: a busy machine makes any other wait.
  const timeoutMs = mode === 'hangs' || mode === 'halves' ? 200 : 30_000
  return { command: process.execPath, args, timeoutMs }
}

/** Head of a whole run of a busy market whose fills this sweep decides, in either fill model. */
async function headOf(sweep: BookSweep, fill_model: 'share' | 'walk'): Promise<string> {
  const log = await MemoryLog.open({ runId: 'walk', commitEvents: 1_000 })
  const ended = await run({
    started: startedWith(configWith({ sim: { ...defaults().sim, fill_model } }), { seed: 3 }),
    feed: simulatorFeed({ scenario: 'parity-busy', seed: 3, events: 4_000 }),
    log,
    stop: new AbortController().signal,
    parts: { sweep },
  })
  return E.isRight(ended) ? ended.right.head : 'halted'
}

/** What a run says of the process that it asks, beside its head. */
async function toldBy(asked: Asked | string, model: 'share' | 'walk', each?: () => void) {
  const said: string[] = []
  const served = processSweep(asked, line => said.push(line))
  let orders = 0
  const sweep: BookSweep = offer => {
    orders++
    each?.()
    return served.sweep(offer)
  }
  const head = await headOf(sweep, model)
  served.close()
  return { head, said, orders, fallback: served.fallback() }
}

for (const model of ['share', 'walk'] as const)
  t.test(`${model}: one head, whatever the process does`, async t => {
    const wanted = await headOf(sweepBook, model)
    const honest = await toldBy(daemon(fake('honest', 0)), model)
    t.match(honest, { head: wanted, said: [], fallback: undefined })
    t.ok(honest.orders > 7, `${honest.orders} orders were asked`)
    const ways = {
      dies: /it ended/,
      hangs: /said nothing for 200 ms/,
      garbles: /it answered .*\{\{\{/,
      halves: /said nothing for 200 ms/,
      lies: /answers order .* otherwise/,
      lags: /it answered \{"id":"0"/,
      refuses: /it answered .*"ok":false/,
    }
    for (const [mode, why] of Object.entries(ways)) {
      const { head, said, fallback } = await toldBy(
        daemon(fake(mode, Math.floor(honest.orders / 3))),
        model,
      )
      t.equal(head, wanted, mode)
      t.equal(said.length, 1, `${mode} is said once`)
      t.match(said[0], why)
      t.match(fallback, /^ts for [0-9]+ orders: /)
    }
    const absent = await toldBy('there is none', model)
    t.match(absent, { head: wanted, fallback: `ts for ${absent.orders} orders: there is none` })
    const unstartable = daemon({ ...fake('honest', 0), command: join(ROOT, 'no-such-program') })
    t.match(await toldBy(unstartable, model), { head: wanted, said: [/it does not start/] })
  })

t.test('a process killed in the middle is started again, and serves on', async t => {
  const wanted = await headOf(sweepBook, 'share')
  const lines = new LineProcess(fake('honest', 0))
  let [id, orders] = [0, 0]
  const pids = new Set<number>()
  const ask = (request: string): string => {
    const answer = lines.ask(`{"id":"${++id}","payload":${request}}`)
    pids.add(lines.pid ?? 0)
    return answer.slice(answer.indexOf('{"fills"'), -',"error":null}'.length)
  }
  const kill = (): void => {
    if (++orders % 9 === 0 && lines.pid !== undefined) process.kill(lines.pid, 'SIGKILL')
  }
  const { head, said, fallback } = await toldBy({ ask, close: () => lines.close() }, 'share', kill)
  t.equal(head, wanted)
  t.equal(said.length, 1)
  t.ok(pids.size > 2, `${pids.size} processes`)
  t.notOk(fallback?.startsWith(`ts for ${orders} `), 'most orders it answered')
})

t.test('a process per order', async t => {
  const wanted = await headOf(sweepBook, 'share')
  const skip = hasBookSim() ? false : 'the book-sim process is not built'
  t.test('the real one', { skip }, async t => {
    const asked = askedOf('subprocess')
    t.match(await toldBy(asked, 'share'), { head: wanted, said: [], fallback: undefined })
  })
  const broken = subprocess(process.execPath, ['-e', 'process.exit(2)'])
  t.match(await toldBy(broken, 'share'), { head: wanted, said: [/it ended with 2/] })
})

t.test('an offer that a decimal cannot tell exactly is not asked about', async t => {
  const offer: Offer = {
    order: 'o',
    token: 1,
    side: 0,
    limit: 5_000,
    size: 2 ** 52 + 1,
    tick: 100,
    levels: [{ price: 4_000, size: 2 ** 53 - 1 }],
  }
  const asked = { ask: () => t.fail('asked') as never, close: () => undefined }
  const { sweep, fallback } = processSweep(asked, () => undefined)
  t.same(sweep(offer), [{ price: 4_000, size: 2 ** 52 + 1 }])
  t.equal(fallback(), undefined)
})

t.test('lines longer than a pipe go through, both ways', async t => {
  const echo = `require('readline').createInterface(process.stdin).on('line', l => console.log(l))`
  const lines = new LineProcess({
    command: process.execPath,
    args: ['-e', echo],
    timeoutMs: 5_000,
  })
  for (const length of [1, 65_536, 300_000]) t.equal(lines.ask('é'.repeat(length)).length, length)
  lines.close()
  t.throws(() => new LineProcess(fake('dies', 0)).ask('{}'), /it ended/)
})

t.test('on the command line: head, stderr and manifest', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'polaris-sweep-'))
  t.teardown(() => {
    rmSync(dir, { recursive: true, force: true })
  })
  const source = ['--source', 'sim:parity-busy', '--events', '3000', '--json', '--quiet']
  const heads = ['ts', 'daemon', 'subprocess'].map(backend => {
    const out = join(dir, backend)
    const done = polaris('run', ...source, '--backend', backend, '--out', out)
    t.equal(done.code, 0)
    const manifest: unknown = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
    const isAlone = backend !== 'ts' && !hasBookSim()
    t.match(manifest, { backend, ...(isAlone && { fallback: /^ts for / }) })
    t.equal(polaris('verify', out).code, 0)
    return done.json['head']
  })
  t.equal(new Set(heads).size, 1, 'one head')
  for (const words of [
    ['replay', '--verify'],
    ['what-if', '--set', 'sim.latency_ms=0'],
  ]) {
    const [verb = '', ...rest] = words
    const where = verb === 'what-if' ? ['--runs-dir', dir] : []
    const done = polaris(verb, join(dir, 'ts'), ...rest, '--backend', 'daemon', ...where)
    t.ok(done.code === 0 || verb === 'what-if', done.err)
    t.notMatch(done.err, hasBookSim() ? /book-sim/ : /nothing/)
  }
})
