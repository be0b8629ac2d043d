import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Refusal } from './command.js'

/**
 * Writes a file that its owner alone can read (0600), whole or not at all, and durable. One that is there is replaced only with
 * `isReplacing`; otherwise a Refusal, even where it came to be meanwhile.
 */
export function writePrivate(file: string, text: string, isReplacing: boolean): void {
  const partial = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const at = openSync(partial, 'wx', 0o600)
    try {
      writeSync(at, text)
      fsyncSync(at)
    } finally {
      closeSync(at)
    }
    // A link fails where the name is taken; a rename would take it.
    if (isReplacing) renameSync(partial, file)
    else linkSync(partial, file)
  } catch (error) {
    throw refusalOf(error, file)
  } finally {
    rmSync(partial, { force: true })
  }
  syncFolder(dirname(file))
}

/** The text of a file that its owner alone can read. A Refusal where others can too, or where it is not there. */
export function readPrivate(file: string, what: string): string {
  const text = readText(file, what)
  const mode = statSync(file).mode & 0o777
  // Windows has no such modes.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new Refusal(
      'open-file',
      `${what} can be read by others (mode ${mode.toString(8)})`,
      file,
      'mode 600',
    )
  return text
}

/** The text of a file, or a Refusal that says what was expected there. */
export function readText(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Refusal('unreadable', `${what} cannot be read: ${wordsOf(error)}`, file, what)
  }
}

function refusalOf(error: unknown, file: string): Refusal {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EEXIST')
    return new Refusal('exists', 'there is a file already', file, 'another name, or --force')
  return new Refusal(
    'unwritable',
    `it cannot be written: ${wordsOf(error)}`,
    file,
    'a folder of yours',
  )
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Makes a new name in a folder durable, where the system can. */
function syncFolder(folder: string): void {
  try {
    const at = openSync(folder, 'r')
    try {
      fsyncSync(at)
    } finally {
      closeSync(at)
    }
  } catch {
    // Windows cannot open a folder. The file itself is synced.
  }
}
