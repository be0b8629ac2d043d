import { spawnSync } from 'node:child_process'
import { arch, cpus, platform, totalmem } from 'node:os'
import { requestOf } from './request.js'
import { blake3 } from 'hash-wasm'
import { answerTo } from '#compat/book-sim/book-sim.js'
import { zstdAt } from '#engine/log/compress/zstd.js'
import { loadAddon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { hasBookSim, NO_BOOK_SIM } from '#compat/book-sim-program.js'
import { Unanswered } from '#compat/line-process.js'
import { sqlite } from '#projections/sinks/sqlite-addon.js'
import { daemon } from '../../compat/process-sweep.js'
import { fail, ok, warn, type Look } from './finding.js'

/** BLAKE3 of nothing. Source: the test vectors of the BLAKE3 repository, seen 2026-11-21. */
const NOTHING = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'
const BOOK_SIM_ASKS = 25
const MIB = 1024 * 1024

/** What this installation is made of: Node, the machine, the native parts, the packages that load on demand. */
export const PARTS: readonly Look[] = [
  {
    name: 'node',
    look: () => {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
      const isEnough = major > 20 || (major === 20 && minor >= 19)
      const said = `${process.versions.node}, V8 ${process.versions.v8}`
      return isEnough ? ok(said) : fail(`${said}; 20.19 or newer is needed`)
    },
  },
  {
    name: 'platform',
    look: () => {
      const [first] = cpus()
      const memory = `${Math.round(totalmem() / MIB)} MiB`
      return ok(
        `${platform()} ${arch()}, ${cpus().length} × ${first?.model.trim() ?? '?'}, ${memory}`,
      )
    },
  },
  {
    name: 'cargo',
    look: () => {
      const { status, stdout } = spawnSync('cargo', ['--version'], { encoding: 'utf8' })
      if (status === 0) return ok(stdout.trim())
      return warn('not on the PATH: nothing native can be built here, TypeScript serves')
    },
  },
  {
    name: 'addon',
    look: () => {
      const addon = loadAddon()
      if (typeof addon === 'string') return warn(`${addon}; TypeScript serves`)
      new NativeFold(addon).list(1, 100)
      return ok('loaded, and folds')
    },
  },
  {
    name: 'book-sim',
    look: () => {
      if (!hasBookSim()) return warn(`${NO_BOOK_SIM}; TypeScript serves`)
      const asked = daemon()
      const wanted = answerTo(JSON.parse(requestOf()))
      const text = 'right' in wanted ? JSON.stringify(wanted.right) : ''
      const us: number[] = []
      try {
        for (let k = 0; k < BOOK_SIM_ASKS; k++) {
          const started = performance.now()
          if (asked.ask(requestOf()) !== text) return fail('its answer is not that of TypeScript')
          us.push((performance.now() - started) * 1_000)
        }
      } catch (error) {
        if (error instanceof Unanswered) return warn(`${error.message}; TypeScript serves`)
        throw error
      } finally {
        asked.close()
      }
      return ok(`answers as TypeScript does, ${medianOf(us).toFixed(0)} µs a request`)
    },
  },
  {
    name: 'better-sqlite3',
    look: async () => {
      const Database = await sqlite()
      const db = new Database(':memory:')
      const version = db.prepare('select sqlite_version()').pluck().get()
      db.close()
      return ok(`SQLite ${String(version)}`)
    },
  },
  {
    name: 'duckdb',
    look: async () => {
      const { DuckDBInstance } = await import('@duckdb/node-api')
      const instance = await DuckDBInstance.create(':memory:')
      const connection = await instance.connect()
      const read = await connection.runAndReadAll('select version()')
      connection.closeSync()
      instance.closeSync()
      return ok(`DuckDB ${String(read.getRows()[0]?.[0])}`)
    },
  },
  {
    name: 'zstd',
    look: async () => {
      const compress = await zstdAt(9)
      const size = compress(new Uint8Array(10_000)).length
      const by = 'zstdCompressSync' in (await import('node:zlib')) ? 'Node' : 'WebAssembly'
      return size < 100 ? ok(`by ${by}`) : fail(`10,000 zeros take ${size} bytes`)
    },
  },
  {
    name: 'blake3',
    look: async () =>
      (await blake3('')) === NOTHING
        ? ok('by WebAssembly')
        : fail('the digest of nothing is wrong'),
  },
]

/** The middle of some numbers. */
export const medianOf = (list: readonly number[]): number =>
  [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0
