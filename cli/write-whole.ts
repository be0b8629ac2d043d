import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Refusal } from './command.js'

/** Writes a file whole or not at all, and durable: beside itself first, then at once in the place of what was there. */
export function writeWhole(file: string, text: string): void {
  const partial = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    mkdirSync(dirname(file), { recursive: true })
    const at = openSync(partial, 'wx')
    try {
      const bytes = Buffer.from(text)
      for (let from = 0; from < bytes.length;) from += writeSync(at, bytes, from)
      fsyncSync(at)
    } finally {
      closeSync(at)
    }
    renameSync(partial, file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal('unwritable', `it cannot be written: ${why}`, file, 'a file in a folder')
  } finally {
    try {
      rmSync(partial, { force: true })
    } catch {
      // Where it could not even be begun there is nothing to take away.
    }
  }
}
