import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Refusal } from './command.js'

/** Writes a file whole or not at all: beside itself first, then put in its place at once. A Refusal where that cannot be done. */
export function writeWhole(file: string, text: string): void {
  const partial = `${file}.${process.pid}.tmp`
  let isThere = false
  try {
    mkdirSync(dirname(file), { recursive: true })
    isThere = true
    writeFileSync(partial, text)
    renameSync(partial, file)
  } catch (error) {
    if (isThere) rmSync(partial, { force: true })
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal('unwritable', `it cannot be written: ${why}`, file, 'a file in a folder')
  }
}
