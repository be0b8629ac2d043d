// Runs the compiled tests with tap. Words that are given name the tests to run: `npm test -- oms crash`.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const tap = join(ROOT, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs')
const words = process.argv.slice(2)
const tests = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.js'))
  .filter(file => words.length === 0 || words.some(word => file.includes(word)))
  .map(file => join('dist', file))
  .sort()

const child = spawn(process.execPath, [tap, 'run', ...tests], {
  cwd: ROOT,
  stdio: ['ignore', 'pipe', 'inherit'],
})
let tail = ''
child.stdout.setEncoding('utf8').on('data', text => {
  process.stdout.write(text)
  tail = (tail + text).slice(-20_000)
})
child.on('close', code => {
  const counted = /# \{ total: (\d+), pass: (\d+)(?:, fail: (\d+))?(?:, skip: (\d+))? \}/.exec(tail)
  if (counted) {
    const [, , pass = '0', fail = '0', skip = '0'] = counted
    process.stdout.write(`${pass} passed, ${fail} failed, ${skip} skipped\n`)
  }
  process.exit(counted ? (code ?? 2) : 2)
})
