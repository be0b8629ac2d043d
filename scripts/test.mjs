// Runs the compiled tests, two at a time, those first that took longest the last time. Words that are given name the tests to
// run: `npm test -- oms crash`. Exit 0 where all passed, 1 where one failed, 2 where there was none to run.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { startTest } from './run-test.mjs'

const ROOT = resolve(import.meta.dirname, '..')
/** Seconds that each file took, kept from run to run. */
const TIMES = join(ROOT, 'dist', '.test-seconds.json')
/** Files that take long on any machine: what begins late and takes long makes the end wait for it. */
const LONG =
  /(test\/(crash|live|simulation|day|market-trade|going-live|arb-optimize|paper-matrix|threads|fault-matrix|extending|secrets|quiet-turns|command|record|writing-one|own-strategies|research|native-verify|process-sweep|arb-paper-matrix|live-views|live-feed|harvest-day|harvest-service)|run\/reachable|bench\/bench|write\/(recover|kill|native-kill)|compress\/pack)\.test/
/** What a file is taken to need that never ran here, s: whole runs and processes are tested in `test/`. */
const guessed = file =>
  LONG.test(file.replaceAll('\\', '/')) ? 60 : file.startsWith(join('dist', 'test')) ? 20 : 1

const words = process.argv.slice(2)
const times = known()
const secondsOf = file => times[file] ?? guessed(file)
const queue = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.js'))
  .filter(file => words.length === 0 || words.some(word => file.includes(word)))
  .map(file => join('dist', file))
  .sort((a, b) => secondsOf(b) - secondsOf(a) || (a < b ? -1 : 1))

const total = { files: queue.length, pass: 0, fail: 0, skip: 0 }
const failed = []
const started = performance.now()
const worker = async () => {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const done = await startTest(file).result
    times[file] = Math.round(done.seconds * 10) / 10
    total.pass += done.pass
    total.fail += done.fail
    total.skip += done.skip
    if (!done.isOk) failed.push(done)
    say(done)
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
writeFileSync(TIMES, JSON.stringify(times))

for (const { file, faults } of failed) process.stdout.write(`\nFAIL ${file}\n${faults}\n`)
const minutes = ((performance.now() - started) / 60_000).toFixed(1)
process.stdout.write(
  `\n${total.files} files in ${minutes} min` +
    (failed.length === 0 ? '' : `, ${failed.length} failed`) +
    `\n${total.pass} passed, ${total.fail} failed, ${total.skip} skipped\n`,
)
process.exit(total.files === 0 ? 2 : failed.length === 0 ? 0 : 1)

function say({ file, isOk, pass, fail, skip, seconds }) {
  const counts = [`${pass} passed`, fail && `${fail} failed`, skip && `${skip} skipped`]
  const shown = `${isOk ? 'ok  ' : 'FAIL'} ${file} (${counts.filter(Boolean).join(', ')})`
  process.stdout.write(`${shown} ${seconds.toFixed(1)} s\n`)
}

function known() {
  try {
    return JSON.parse(readFileSync(TIMES, 'utf8'))
  } catch {
    mkdirSync(join(ROOT, 'dist'), { recursive: true })
    return {}
  }
}
