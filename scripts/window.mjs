// Builds the page that `polaris serve` shows: everything that tests and the page need is installed, the types are checked, and the page
// goes to dist/window. Never committed; the API works without it.
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { ensureReady } from './setup.mjs'

const ROOT = resolve(import.meta.dirname, '..')
await ensureReady({ tests: true })
step(
  'checking the types of the window',
  ['typescript', 'bin', 'tsc'],
  ['-p', 'window/tsconfig.json'],
)
step(
  'building the window',
  ['vite', 'bin', 'vite.js'],
  ['build', '--config', 'window/vite.config.ts', '--logLevel', 'warn'],
)

function step(what, program, words) {
  const started = performance.now()
  process.stderr.write(`polaris: ${what} …\n`)
  const path = join(ROOT, 'node_modules', ...program)
  const { status } = spawnSync(process.execPath, [path, ...words], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(2)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stderr.write(`polaris: ${what}: done, ${seconds} s\n`)
}
