// Builds the native addon and the book-sim process where cargo is on the PATH: once per state of native/, into native/target,
// which git ignores.
// Without cargo, or where the build fails, TypeScript serves; stderr says so once.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const NATIVE = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'native')
const TARGET = join(NATIVE, 'target')
const ADDON = join(TARGET, 'polaris.node')
const BOOK_SIM = join(TARGET, process.platform === 'win32' ? 'book-sim.exe' : 'book-sim')
const STAMP = join(TARGET, '.polaris')
const LONGEST_BUILD_MS = 15 * 60_000

/** Brings the addon up to its sources, or takes it away where it would be older than they are. Never rejects. */
export async function ensureAddon() {
  if (!existsSync(join(NATIVE, 'Cargo.lock'))) return
  const wanted = digestOfSources()
  const [digest, outcome] = existsSync(STAMP) ? readFileSync(STAMP, 'utf8').split(' ') : []
  const isThere = existsSync(ADDON) && existsSync(BOOK_SIM)
  if (digest === wanted && outcome === 'built' && isThere) return
  if (digest === wanted && outcome === 'failed') return
  const cargo = onPath(process.platform === 'win32' ? 'cargo.exe' : 'cargo')
  if (digest === wanted && outcome === 'absent' && !cargo) return
  for (const file of [ADDON, BOOK_SIM]) rmSync(file, { force: true })
  mkdirSync(TARGET, { recursive: true })
  if (!cargo) return settle(wanted, 'absent', 'no cargo on the PATH: the TypeScript backend serves')
  const started = performance.now()
  process.stderr.write('polaris: building the native addon (cargo, once) …\n')
  const fault = await build(cargo)
  if (fault !== undefined)
    return settle(wanted, 'failed', `no native addon, the TypeScript backend serves: ${fault}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  settle(wanted, 'built', `the native addon is built, ${seconds} s`)
}

function settle(digest, outcome, message) {
  writeFileSync(STAMP, `${digest} ${outcome}`)
  process.stderr.write(`polaris: ${message}\n`)
}

/** Why it did not build, in one line; undefined where it did. */
async function build(cargo) {
  const packages = ['-p', 'polaris-binding', '-p', 'polaris-book-sim']
  const args = ['build', '--release', '--locked', '--quiet', ...packages, '--target-dir', TARGET]
  const { code, signal, stderr } = await ended(cargo, args)
  if (code !== 0) {
    const lines = stderr.split('\n').filter(line => line.startsWith('error'))
    return lines[0] ?? `cargo ended with ${code ?? signal}`
  }
  return place(libraryName(), ADDON) ?? place(programName(), BOOK_SIM)
}

function ended(command, args) {
  const child = spawn(command, args, {
    cwd: NATIVE,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LONGEST_BUILD_MS,
    env: { ...process.env, CARGO_NET_RETRY: '1' },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  return new Promise(resolve => {
    child.on('error', error =>
      resolve({ code: null, signal: null, stderr: `error: ${error.message}` }),
    )
    child.on('close', (code, signal) => resolve({ code, signal, stderr }))
  })
}

/** Puts what cargo made where it is looked for, whole or not at all. */
function place(name, file) {
  const made = join(TARGET, 'release', name)
  if (!existsSync(made)) return `cargo made no ${name}`
  const partial = `${file}.${process.pid}`
  copyFileSync(made, partial)
  renameSync(partial, file)
  return undefined
}

function programName() {
  return process.platform === 'win32' ? 'polaris-book-sim.exe' : 'polaris-book-sim'
}

function libraryName() {
  if (process.platform === 'win32') return 'polaris_binding.dll'
  return process.platform === 'darwin' ? 'libpolaris_binding.dylib' : 'libpolaris_binding.so'
}

function digestOfSources() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const files = readdirSync(NATIVE, { recursive: true, encoding: 'utf8' })
    // The fuzz targets are no part of the addon.
    .filter(name => !/^(target|fuzz)\b/.test(name) && /\.(rs|toml|lock)$/.test(name))
    .sort()
  for (const name of files) hash.update(name).update(readFileSync(join(NATIVE, name)))
  return hash.digest('hex')
}

function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder || '.', name)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // not here
    }
  }
  return undefined
}
