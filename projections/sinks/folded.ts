import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ViewResult } from './files.js'

/** Beside the views: what they were folded from. A convenience that is never trusted where bytes matter. */
const FOLDED = 'folded.json'

/** What a folder of views says of itself. */
export interface Folded {
  /** Last event of the log that the views hold, and the head there. */
  readonly lastSeq: number
  readonly head: string
  readonly views: readonly Pick<ViewResult, 'name' | 'version' | 'file' | 'bytes' | 'blake3'>[]
}

/** What a folder of views says of itself; undefined where it says nothing that can be read. */
export async function readFolded(dir: string): Promise<Folded | undefined> {
  try {
    const folded = JSON.parse(await readFile(join(dir, FOLDED), 'utf8')) as Partial<Folded>
    const { lastSeq, head, views } = folded
    if (typeof lastSeq !== 'number' || typeof head !== 'string' || !Array.isArray(views))
      return undefined
    return { lastSeq, head, views: views as Folded['views'] }
  } catch {
    return undefined
  }
}

/** Says what views were folded from; those that were folded from the same events before stay in the list. */
export async function writeFolded(dir: string, now: Folded): Promise<void> {
  const before = await readFolded(dir)
  const isSame = before?.head === now.head && before.lastSeq === now.lastSeq
  const kept = isSame
    ? before.views.filter(({ name }) => now.views.every(view => view.name !== name))
    : []
  const views = [...kept, ...now.views].map(({ name, version, file, bytes, blake3 }) => ({
    ...{ name, version, file, bytes, blake3 },
  }))
  const path = join(dir, FOLDED)
  const temporary = await open(`${path}.tmp`, 'w')
  try {
    const text = JSON.stringify({ lastSeq: now.lastSeq, head: now.head, views }, null, 2)
    await temporary.writeFile(`${text}\n`)
    await temporary.sync()
  } finally {
    await temporary.close()
  }
  await rename(`${path}.tmp`, path)
}
