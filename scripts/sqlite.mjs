// Builds SQLite's addon, better-sqlite3, where it is not built: it compiles for a minute or two where no ready-made one can be
// fetched, so the first command does not wait for it, and whoever first asks for a database does. As a program it exits 0 once it is
// there, 2 where it cannot be built. One process builds; another that asks meanwhile waits for it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** This program. */
export const SQLITE = fileURLToPath(import.meta.url)
const ROOT = resolve(dirname(SQLITE), '..')
const FOLDER = join(ROOT, 'node_modules', 'better-sqlite3')
/** Holds the process id of the one that builds. */
const LOCK = join(FOLDER, '.polaris-building')
const WAIT_MS = 500

/** Whether the addon is there, whole: it is loaded and asked. */
export function isSqliteBuilt() {
  try {
    const Database = createRequire(SQLITE)('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}

async function ensureSqlite() {
  while (!isSqliteBuilt()) {
    if (take()) {
      try {
        build()
      } finally {
        rmSync(LOCK, { force: true })
      }
    } else await new Promise(done => setTimeout(done, WAIT_MS))
  }
}

/** Whether this process may build: nobody else does, or who did is gone. */
function take() {
  try {
    writeFileSync(LOCK, `${process.pid}`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isAlive(Number(existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : 0)))
      rmSync(LOCK, { force: true })
    return false
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return true // made, and its number is about to be written
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function build() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const env = { ...process.env }
  // Where Node's headers lie beside it they need not be fetched.
  const home = join(dirname(process.execPath), '..')
  if (existsSync(join(home, 'include', 'node', 'node_api.h'))) env.npm_config_nodedir ??= home
  const done = spawnSync(npm, ['rebuild', 'better-sqlite3', '--loglevel=error'], {
    cwd: ROOT,
    encoding: 'utf8',
    env,
  })
  if (done.status !== 0 || !isSqliteBuilt()) {
    const said = `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`
    throw new Error(`'npm rebuild better-sqlite3' failed\n${said}`)
  }
}

if (process.argv[1] && resolve(process.argv[1]) === SQLITE) {
  try {
    await ensureSqlite()
  } catch (error) {
    process.stderr.write(`polaris: ${error.message}\n`)
    process.exit(2)
  }
}
