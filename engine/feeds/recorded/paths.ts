import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FeedFault } from '../feed.js'
import type { Tally } from './import-feed.js'
import { jsonObjects } from './json-objects.js'
import { FileTimes } from './times.js'
import type { Wire } from './wire.js'

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
    for (const name of (await readdir(path)).sort(byNumbers)) {
      if (wanted.isWanted(name)) files.push(join(path, name))
      else tally.skip('file of another kind', join(basename(path), name))
    }
  }
  if (files.length === 0)
    throw new FeedFault('nothing to import', paths.join(', ') || '(no path)', wanted.expected)
  return files
}

/**
 * The pieces of one recording in the order of their times: names say little (`part-10` stands before `part-2`). One that
 * tells no time stays behind the one that it stood behind. A piece that begins before one that stood before it is told.
 */
export async function inOrder(
  files: readonly string[],
  firstOf: (file: string) => Promise<number | undefined>,
  tally: Tally,
): Promise<readonly string[]> {
  if (files.length < 2) return files
  const timed: { file: string; at: number }[] = []
  for (const file of files) {
    const before = timed.at(-1)?.at ?? Number.NEGATIVE_INFINITY
    const at = (await firstOf(file)) ?? before
    if (at < before) tally.skip('file that begins before the one before it (put in order)', file)
    timed.push({ file, at })
  }
  return timed.sort((a, b) => a.at - b.at).map(({ file }) => file)
}

/** The first time in a file of JSON objects, µs; undefined where none tells it. */
export async function firstIn(
  file: string,
  timeOf: (wire: Wire, times: FileTimes) => number | undefined,
): Promise<number | undefined> {
  const times = new FileTimes()
  for await (const wires of jsonObjects(file))
    for (const wire of wires) {
      const at = timeOf(wire, times)
      if (at !== undefined) return at
    }
  return undefined
}

/** Names in the order of the numbers in them: `a2` before `a10`, on every machine alike. */
function byNumbers(a: string, b: string): number {
  const [as, bs] = [a.match(PARTS) ?? [], b.match(PARTS) ?? []]
  for (let k = 0; k < Math.min(as.length, bs.length); k++) {
    const [one = '', other = ''] = [as[k], bs[k]]
    const [n, m] = [Number(one), Number(other)]
    const isNumber = !Number.isNaN(n) && !Number.isNaN(m)
    if (isNumber && n !== m) return n - m
    if (one !== other) return one < other ? -1 : 1
  }
  return as.length - bs.length
}

const PARTS = /\d+|\D+/g
