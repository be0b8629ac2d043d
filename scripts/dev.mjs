// The developer's loop: compiles what is saved and runs the tests that import it, the nearest first. `npm run dev` watches;
// `npm run dev -- FILE…` does it once, as if these files had just been saved, and exits with 1 where a test fails.
import { join, relative, resolve } from 'node:path'
import { startTest } from './run-test.mjs'
import { ensureReady } from './setup.mjs'

const ROOT = resolve(import.meta.dirname, '..')
/** Tests that run at once. */
const JOBS = 2

await ensureReady({ tests: true })
const { affectedTests, graphOf } = await import('../dist/test/affected.js')
/** Compiles again with each save and judges what it concerns. A newer save ends the round before it. */
async function watch() {
  const { default: ts } = await import('typescript')
  let round
  let versions
  const host = ts.createWatchCompilerHost(
    join(ROOT, 'tsconfig.json'),
    {},
    ts.sys,
    ts.createEmitAndSemanticDiagnosticsBuilderProgram,
    diagnostic => {
      process.stdout.write(ts.formatDiagnostic(diagnostic, formatHost(ts)))
    },
    ({ code, messageText }) => {
      if (code === FILE_CHANGED) round?.stop(performance.now())
      if (versions === undefined) process.stdout.write(`${messageText}\n`)
    },
  )
  const compiled = host.afterProgramCreate
  host.afterProgramCreate = program => {
    const started = round?.stoppedMs ?? performance.now()
    compiled(program)
    const now = versionsOf(program)
    const changed = versions === undefined ? [] : [...now.keys()].filter(differs(now, versions))
    versions = now
    if (changed.length === 0) return
    round = new Round(changed, started)
    void round.run()
  }
  ts.createWatchProgram(host)
}

/** What TypeScript says with "File change detected. Starting incremental compilation". */
const FILE_CHANGED = 6032

function formatHost(ts) {
  return {
    getCanonicalFileName: name => name,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => ts.sys.newLine,
  }
}

const differs = (now, before) => file => now.get(file) !== before.get(file)

function versionsOf(program) {
  const versions = new Map()
  for (const { fileName, version } of program.getSourceFiles()) {
    const file = relative(ROOT, fileName).replaceAll('\\', '/')
    if (!file.startsWith('..') && !file.startsWith('node_modules')) versions.set(file, version)
  }
  return versions
}

/** The tests of one save. */
class Round {
  #changed
  #started
  #running = new Set()
  #failed = 0
  #passed = 0
  /** When a newer save ended it, or a save came behind its end. */
  stoppedMs

  constructor(changed, started = performance.now()) {
    this.#changed = changed
    this.#started = started
  }

  stop(atMs) {
    this.stoppedMs ??= atMs
    for (const child of this.#running) child.kill()
  }

  /** Whether all passed. */
  async run() {
    const tests = affectedTests(graphOf(ROOT), this.#changed)
    process.stdout.write(`\n${this.#changed.join(', ')}: ${tests.length} tests import it\n`)
    // Its own test and those of its folder, or where there are none the ones that import it first.
    const near = Math.max(1, tests[0]?.distance ?? 0)
    const nearest = tests.filter(({ distance }) => distance <= near)
    await this.#all(nearest)
    if (this.stoppedMs !== undefined) return false
    if (nearest.length > 0) this.#say('the nearest')
    await this.#all(tests.slice(nearest.length))
    if (this.stoppedMs !== undefined) return false
    this.#say('all')
    return this.#failed === 0
  }

  async #all(tests) {
    const queue = [...tests]
    const worker = async () => {
      for (let next = queue.shift(); next && this.stoppedMs === undefined; next = queue.shift())
        await this.#test(next.test)
    }
    await Promise.all(Array.from({ length: JOBS }, worker))
  }

  async #test(file) {
    const { child, result } = startTest(join(ROOT, 'dist', file.replace(/\.ts$/, '.js')))
    this.#running.add(child)
    const { isOk, faults } = await result
    this.#running.delete(child)
    if (this.stoppedMs !== undefined) return
    if (isOk) return void this.#passed++
    this.#failed++
    process.stdout.write(`FAIL ${file}\n${faults}\n`)
  }

  #say(which) {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(1)
    const verdict = this.#failed === 0 ? 'pass' : `${this.#failed} FAILED`
    process.stdout.write(
      `${which}: ${verdict}, ${this.#passed} passed, ${seconds} s after saving\n`,
    )
  }
}

const named = process.argv.slice(2)
if (named.length === 0) await watch()
else {
  const round = new Round(named.map(file => relative(ROOT, resolve(file)).replaceAll('\\', '/')))
  process.exit((await round.run()) ? 0 : 1)
}
