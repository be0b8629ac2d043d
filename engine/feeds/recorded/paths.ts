import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FeedFault } from '../feed.js'
import type { Tally } from './import-feed.js'

/**
 * The files under `paths` (files, or folders whose files are taken in the order of their names) that `isWanted` by
 * name. A file inside a folder that is not wanted is counted as skipped; one that was named itself, or nothing wanted
 * at all, is a `FeedFault`.
 */
export async function filesOf(
  paths: readonly string[],
  wanted: { readonly isWanted: (name: string) => boolean; readonly expected: string },
  tally: Tally,
): Promise<readonly string[]> {
  const files: string[] = []
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined)
    if (!info) throw new FeedFault('there is no such file or folder', path, wanted.expected)
    if (!info.isDirectory()) {
      files.push(path)
      continue
    }
    for (const name of (await readdir(path)).sort()) {
      if (wanted.isWanted(name)) files.push(join(path, name))
      else tally.skip('file of another kind', join(basename(path), name))
    }
  }
  if (files.length === 0)
    throw new FeedFault('nothing to import', paths.join(', ') || '(no path)', wanted.expected)
  return files
}
