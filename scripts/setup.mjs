// Makes a clone ready to run with Node alone: installs the dependencies when they are missing or older than the lock file,
// compiles when a source is newer than its output, and builds the native addon where there is cargo, side by side. What only
// tests, lint and benches need is installed for `--tests`, so that the first command does not wait for it. Says on stderr
// what it does and how long it took.
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureAddon } from './native.mjs'
import { isSqliteBuilt, SQLITE } from './sqlite.mjs'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const SOURCES = [
  'schemas',
  'engine',
  'projections',
  'api',
  'compat',
  'twin',
  'cli',
  'bench',
  'test',
]
/** What is compiled: all sources, or those without which nothing runs. Each knows its own output only. */
const PROJECTS = {
  tests: { config: 'tsconfig.json', info: '.tsbuildinfo' },
  program: { config: 'tsconfig.program.json', info: '.program.tsbuildinfo' },
}
const BUILT = join(ROOT, 'dist', '.built')
const INSTALLED = join(ROOT, 'node_modules', '.polaris-installed')

/** Installs and builds what is missing or stale; with `tests` also what the tests need. Exits 2 with one sentence when it cannot. */
export async function ensureReady({ tests = false } = {}) {
  requireNode()
  const lock = join(ROOT, 'package-lock.json')
  if (!existsSync(lock)) return // an installed package: nothing to build
  const addon = ensureAddon()
  const had = stampOf(INSTALLED)
  const level = tests || had.level === 'tests' ? 'tests' : 'program'
  const wanted = readFileSync(lock, 'utf8')
  if (had.of !== wanted || had.level !== level) await install(level, wanted)
  const sqlite =
    tests && !isSqliteBuilt() ? step('building better-sqlite3', buildSqlite) : undefined
  if (isStale(level)) await build(level)
  await Promise.all([addon, sqlite])
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`polaris needs Node 20.19 or newer; this is Node ${process.versions.node}`)
}

/** What a stamp says was done, and of what. */
function stampOf(file) {
  if (!existsSync(file)) return { level: '', of: '' }
  const text = readFileSync(file, 'utf8')
  if (text.startsWith('{')) return { level: 'tests', of: text } // of a version that installed everything at once
  const end = text.indexOf('\n')
  return { level: text.slice(0, end), of: text.slice(end + 1) }
}

/** No script of a package runs here: the one that has something to compile, better-sqlite3, is built when it is needed. */
async function install(level, lock) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const omit = level === 'tests' ? [] : ['--omit=dev']
  const args = ['ci', ...omit, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await step(`installing dependencies (npm ${args.slice(0, -4).join(' ')})`, () => run(npm, args))
  writeFileSync(INSTALLED, `${level}\n${lock}`)
}

const buildSqlite = () => run(process.execPath, [SQLITE])

async function build(level) {
  const { config, info } = PROJECTS[level]
  // The other project's memory of what it wrote is void as soon as this one writes.
  for (const project of Object.values(PROJECTS))
    if (project.info !== info) rmSync(join(ROOT, 'dist', project.info), { force: true })
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  await step('compiling', () => run(process.execPath, [tsc, '-p', join(ROOT, config)]))
  dropOrphans()
  mkdirSync(dirname(BUILT), { recursive: true })
  writeFileSync(BUILT, `${level}\n`)
}

/** Drops what was compiled of a source that is gone, so that no test of it runs any more. */
function dropOrphans() {
  for (const name of SOURCES) {
    const room = join(ROOT, 'dist', name)
    if (!existsSync(room)) continue
    for (const file of readdirSync(room, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.js') && !existsSync(join(ROOT, name, file.replace(/\.js$/, '.ts'))))
        rmSync(join(room, file))
  }
}

function isStale(level) {
  if (stampOf(BUILT).level !== level) return true
  const built = statSync(BUILT).mtimeMs
  const files = ['tsconfig.json', 'tsconfig.program.json', 'package.json']
  const sources = SOURCES.flatMap(name => sourcesIn(join(ROOT, name)))
  return [...files.map(name => join(ROOT, name)), ...sources].some(
    file => statSync(file).mtimeMs > built,
  )
}

function sourcesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory() || entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
}

async function step(what, work) {
  const started = performance.now()
  process.stderr.write(`polaris: ${what} …\n`)
  await work()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stderr.write(`polaris: ${what}: done, ${seconds} s\n`)
}

async function run(command, args) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => (said += text))
  const fault = await new Promise(resolve => {
    child.on('error', error => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`))
  })
  if (fault === undefined) return
  process.stderr.write(`\n${said}\n`)
  fail(`'${command} ${args.join(' ')}' failed: ${fault}`)
}

function fail(message) {
  process.stderr.write(`polaris: ${message}\n`)
  process.exit(2)
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  await ensureReady({ tests: process.argv.includes('--tests') })
