// Makes a clone ready to run with Node alone: installs the dependencies when they are missing or older than the
// lock file, compiles when a source is newer than its output, and builds the native addon where there is cargo. Says on stderr what it does and how long it took.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureAddon } from './native.mjs'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const SOURCES = ['schemas', 'engine', 'projections', 'cli', 'bench', 'test']
const STAMP = join(ROOT, 'dist', '.built')
const INSTALLED = join(ROOT, 'node_modules', '.polaris-installed')

/** Installs and builds what is missing or stale. Throws (exit 2) with one sentence when it cannot. */
export async function ensureReady() {
  requireNode()
  const lock = join(ROOT, 'package-lock.json')
  if (!existsSync(lock)) return // an installed package: nothing to build
  const wanted = readFileSync(lock, 'utf8')
  if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== wanted) install(wanted)
  if (isStale()) build()
  ensureAddon()
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`polaris needs Node 20.19 or newer; this is Node ${process.versions.node}`)
}

function install(lock) {
  step('installing dependencies (npm ci)', () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  })
  writeFileSync(INSTALLED, lock)
}

function build() {
  step('compiling', () => {
    run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', ROOT])
  })
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, new Date().toISOString())
}

function isStale() {
  if (!existsSync(STAMP)) return true
  const built = statSync(STAMP).mtimeMs
  const files = ['tsconfig.json', 'package.json'].map(name => join(ROOT, name))
  return [...files, ...SOURCES.flatMap(name => sourcesIn(join(ROOT, name)))].some(
    file => statSync(file).mtimeMs > built,
  )
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory() || entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
}

function step(what, work) {
  const started = performance.now()
  process.stderr.write(`polaris: ${what} … `)
  work()
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`)
}

function run(command, args) {
  const headers = join(dirname(process.execPath), '..')
  const env = { ...process.env }
  if (existsSync(join(headers, 'include', 'node', 'node_api.h')) && !env.npm_config_nodedir)
    env.npm_config_nodedir = headers
  const done = spawnSync(command, args, { cwd: ROOT, env, encoding: 'utf8' })
  if (done.status === 0) return
  process.stderr.write(`\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}\n`)
  fail(`'${command} ${args[0]}' failed`)
}

function fail(message) {
  process.stderr.write(`polaris: ${message}\n`)
  process.exit(2)
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await ensureReady()
