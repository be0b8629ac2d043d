import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { forgotten } from '#projections/arb/forgotten.js'
import { ARB_VIEWS } from '#projections/arb/registry.js'
import type { FileView } from '#projections/view.js'
import { Refusal } from './command.js'
import { runIdOf } from './runs.js'
import { writeWhole } from './write-whole.js'

/** Beside the runs: what views of them forget. Logs stay as they are. */
const CLEANED = 'arb-cleaned.json'

const Cleaned = t.record(t.string, t.Int, 'Cleaned')

/** By run: from which time on (µs; 0: from the start) its arb tables and reports hold nothing. */
export type Cleaned = ReadonlyMap<string, number>

/** The runs directory that a run lies in. */
export const runsDirAround = (dir: string): string => dirname(resolve(dir))

/** What was cleaned of the runs in a directory; nothing where nobody ever did. */
export async function readCleaned(runsDir: string): Promise<Cleaned> {
  const file = join(runsDir, CLEANED)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map()
    throw new Refusal('unreadable', String(error), file, 'a file of yours')
  }
  const read = E.tryCatch(() => JSON.parse(text) as unknown, String)
  const decoded = E.isRight(read) ? Cleaned.decode(read.right) : read
  if (E.isRight(decoded)) return new Map(Object.entries(decoded.right))
  throw new Refusal(
    'unreadable',
    'it does not say what was cleaned',
    file,
    'run ids with the µs from which on they are forgotten',
  )
}

/** Says what is cleaned from now on, runs by name. */
export async function writeCleaned(runsDir: string, cleaned: Cleaned): Promise<void> {
  const sorted = [...cleaned].sort(([a], [b]) => (a < b ? -1 : 1))
  const text = `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`
  writeWhole(join(runsDir, CLEANED), text)
}

/** From which time on a run is forgotten, µs; Infinity where it is not. */
export async function forgottenFrom(dir: string): Promise<number> {
  const cleaned = await readCleaned(runsDirAround(dir))
  return cleaned.get(runIdOf(resolve(dir))) ?? Number.POSITIVE_INFINITY
}

/** Views as they are to be folded of a run: arb tables without what was cleaned. */
export async function remembered(
  dir: string,
  views: readonly FileView[],
): Promise<readonly FileView[]> {
  const fromUs = await forgottenFrom(dir)
  if (fromUs === Number.POSITIVE_INFINITY) return views
  const arb = new Set(ARB_VIEWS.map(({ name }) => name))
  return views.map(view => (arb.has(view.name) ? forgotten(view, fromUs) : view))
}
