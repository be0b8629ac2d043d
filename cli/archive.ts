import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCK_NAME } from '#engine/log/lock.js'
import { nodeDisk } from '#engine/log/node-disk.js'
import { verifyRun } from '#engine/log/verify.js'
import { Refusal } from './command.js'

/** Folders that are being removed begin so; `listRuns` does not see them. */
const GOING = '.pruned-'

/**
 * Copies a run into an archive and proves the copy: every file is synced, and the log verifies up to the same head. The
 * copy has its name only when it is whole. Refuses where that name is taken or the run is damaged.
 */
async function archiveRun(dir: string, of: { name: string; into: string }): Promise<void> {
  const target = join(of.into, of.name)
  if (existsSync(target))
    throw new Refusal('exists', `the archive has a '${of.name}'`, target, 'a name that is free')
  const draft = join(of.into, `.archiving-${of.name}-${randomUUID().slice(0, 8)}`)
  try {
    await copyDir(dir, draft)
    const [was, is] = [await verifyRun(dir), await verifyRun(draft)]
    if (was.status !== 'intact' || is.status !== 'intact' || was.head !== is.head)
      throw new Refusal('damaged', `'${of.name}' is ${was.status}, its copy ${is.status}`, dir)
    await rename(draft, target)
    await nodeDisk.syncDir(of.into)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Takes a run away, archived before where `into` says so: first its name, at once, then its files. Refuses while a process writes it. */
export async function removeRun(runsDir: string, name: string, into?: string): Promise<void> {
  const dir = join(runsDir, name)
  const release = await nodeDisk.lock(join(dir, LOCK_NAME))
  if (!release) throw new Refusal('held', `another process writes '${name}'`, dir)
  try {
    if (into !== undefined) await archiveRun(dir, { name, into })
    const going = join(runsDir, `${GOING}${name}-${randomUUID().slice(0, 8)}`)
    await rename(dir, going)
    await nodeDisk.syncDir(runsDir)
    await rm(going, { recursive: true })
  } finally {
    await release()
  }
}

/** Takes the views of a run away. The log gives them again. */
export async function removeViews(runsDir: string, name: string): Promise<void> {
  await rm(join(runsDir, name, 'views'), { recursive: true, force: true })
}

/** Finishes what an earlier removal began. */
export async function removeLeftovers(runsDir: string): Promise<void> {
  for (const name of await readdir(runsDir))
    if (name.startsWith(GOING)) await rm(join(runsDir, name), { recursive: true })
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
    } else throw new Refusal('link', 'not a plain file', source, 'files and folders only')
  }
  await nodeDisk.syncDir(to)
}
