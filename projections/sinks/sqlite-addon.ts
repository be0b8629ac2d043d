import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type Sqlite from 'better-sqlite3'

/** What builds better-sqlite3 in a clone; an installed package has it from its installer. */
const BUILDER = fileURLToPath(new URL('../../../scripts/sqlite.mjs', import.meta.url))

let loaded: Promise<typeof Sqlite> | undefined

/**
 * better-sqlite3, loaded by whoever asks first. In a fresh clone its addon is built then, which takes up to some minutes and
 * is said on stderr. Rejects where it cannot be built or loaded.
 */
export function sqlite(): Promise<typeof Sqlite> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<typeof Sqlite> {
  const { default: Database } = await import('better-sqlite3')
  try {
    new Database(':memory:').close()
  } catch (error) {
    // The package's own words where its addon was never built; any other fault is no business of a compiler.
    const isUnbuilt = error instanceof Error && error.message.includes('bindings file')
    if (!isUnbuilt || !existsSync(BUILDER)) throw error
    process.stderr.write('polaris: building better-sqlite3, once: this takes a minute or two …\n')
    const built = spawnSync(process.execPath, [BUILDER], { stdio: ['ignore', 'ignore', 'inherit'] })
    if (built.status !== 0)
      throw new Error('better-sqlite3 could not be built: see above', { cause: error })
    new Database(':memory:').close()
  }
  return Database
}
