import { randomUUID } from 'node:crypto'
import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { LogFault } from '../event-log.js'
import { isMissing } from '../disk/disk.js'
import { LOCK_NAME } from '../disk/lock.js'
import { nodeDisk } from '../disk/node-disk.js'
import { damagedAt } from '../read/tail.js'
import { verifyRun } from '../prove/verify.js'
import type { Footprint } from './run-store.js'

/** Folders that are being removed begin so; lists of runs do not show them. */
const GOING = '.pruned-'

/** Takes a run's folder away, archived before where `archive` says so: first its name, at once, then its files. See `RunStore.remove`. */
export async function removeRun(dir: string, archive?: string): Promise<E.Either<LogFault, void>> {
  const path = resolve(dir)
  const name = basename(path)
  let release: (() => Promise<void>) | undefined
  try {
    release = await nodeDisk.lock(join(path, LOCK_NAME))
    if (!release) return E.left({ tag: 'Held', dir })
    if (archive !== undefined) {
      const archived = await archiveRun(path, { name, into: archive })
      if (E.isLeft(archived)) return archived
    }
    const going = join(dirname(path), `${GOING}${name}-${randomUUID().slice(0, 8)}`)
    await rename(path, going)
    await nodeDisk.syncDir(dirname(path))
    await rm(going, { recursive: true })
    return E.right(undefined)
  } catch (error) {
    return E.left({ tag: 'Unreadable', dir, cause: String(error) })
  } finally {
    await release?.()
  }
}

/** Finishes what earlier removals began in a folder of runs. */
export async function tidyRuns(runsDir: string): Promise<void> {
  const names = await readdir(runsDir).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  for (const name of names)
    if (name.startsWith(GOING)) await rm(join(runsDir, name), { recursive: true })
}

/** What a run's folder takes up. A link, or a folder that holds one, never goes: what it names lies elsewhere. */
export function footprintOf(dir: string): Footprint {
  if (lstatSync(dir).isSymbolicLink()) return { bytes: 0, bar: 'a link' }
  return sizeOf(dir)
}

function sizeOf(dir: string): Footprint {
  let [bytes, bar] = [0, '']
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isSymbolicLink()) bar = 'holds a link'
    if (entry.isFile()) bytes += lstatSync(path).size
    if (!entry.isDirectory()) continue
    const below = sizeOf(path)
    bytes += below.bytes
    bar = below.bar || bar
  }
  return { bytes, bar }
}

/**
 * Copies a run into an archive and proves the copy: every file is synced, and the log verifies up to the same head. The
 * copy has its name only when it is whole.
 */
async function archiveRun(
  dir: string,
  { name, into }: { name: string; into: string },
): Promise<E.Either<LogFault, void>> {
  const target = join(into, name)
  if (existsSync(target)) return E.left({ tag: 'Exists', dir: target })
  const draft = join(into, `.archiving-${name}-${randomUUID().slice(0, 8)}`)
  try {
    await copyDir(dir, draft)
    const [was, is] = [await verifyRun(dir), await verifyRun(draft)]
    for (const { firstBad } of [was, is]) if (firstBad) return E.left(damagedAt(firstBad))
    if (was.status !== 'intact' || is.status !== 'intact' || was.head !== is.head) {
      const cause = `the run is ${was.status}, its copy ${is.status}`
      return E.left({ tag: 'Unreadable', dir, cause })
    }
    await rename(draft, target)
    await nodeDisk.syncDir(into)
    return E.right(undefined)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function copyDir(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyDir(source, target)
    else if (entry.isFile()) {
      await copyFile(source, target)
      const file = await open(target, 'r')
      await file.sync().finally(() => file.close())
    } else throw new Error(`${source} is neither a file nor a folder`)
  }
  await nodeDisk.syncDir(to)
}
