// Runs one compiled test file in a process of its own; `npm test` and `npm run dev` do.
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
/** A file that takes longer hangs, s. */
const TIMEOUT_S = 900
/** Lines that are shown of a test that fails. */
const SHOWN_MAX = 60

/**
 * Starts a test by its compiled file. Answers the process, and what came of it: whether all of it passed, counts, seconds,
 * and what it said from its first failure on.
 */
export function startTest(file) {
  const started = performance.now()
  const child = spawn(process.execPath, ['--enable-source-maps', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TAP_TIMEOUT: `${TIMEOUT_S}` },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (said += text))
  const ended = new Promise(done => {
    child.on('error', error => done(error.message))
    child.on('close', code => done(code))
  })
  const result = ended.then(code => {
    const counted = countsIn(said)
    const isOk = code === 0 && counted.fail === 0 && counted.pass + counted.skip > 0
    const seconds = (performance.now() - started) / 1000
    return { file, isOk, ...counted, seconds, faults: isOk ? '' : faultsIn(said) }
  })
  return { child, result }
}

/** What the last summary of a TAP stream counts. */
function countsIn(said) {
  const summary = [...said.matchAll(/^# \{ (total: .*) \}$/gm)].pop()?.[1] ?? ''
  const count = name => Number(new RegExp(`${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return { pass: count('pass'), fail: count('fail'), skip: count('skip') }
}

/** What a test said from its first failure on. */
function faultsIn(said) {
  const lines = said.split('\n')
  const first = lines.findIndex(line => /^\s*not ok/.test(line))
  return lines.slice(Math.max(first, 0)).slice(0, SHOWN_MAX).join('\n')
}
