import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { Refusal } from '../command.js'

/**
 * Writes a folder whole or not at all: `write` fills another beside it, which takes its name at the end. A Refusal where there is
 * something already: nothing is mixed with what was written before.
 */
export async function wholeFolder<A>(
  target: string,
  write: (partial: string) => Promise<A>,
): Promise<A> {
  requireNew(target)
  const partial = `${target}.${randomBytes(6).toString('hex')}`
  try {
    make(partial, target)
    const written = await write(partial)
    requireNew(target)
    if (existsSync(target)) rmdirSync(target) // an empty one
    renameSync(partial, target)
    return written
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

function requireNew(target: string): void {
  if (existsSync(target) && !isEmpty(target))
    throw new Refusal(
      'exists',
      'there is something already',
      target,
      'a new folder, or an empty one',
    )
}

function isEmpty(target: string): boolean {
  try {
    return readdirSync(target).length === 0
  } catch {
    return false // a file
  }
}

function make(partial: string, target: string): void {
  try {
    mkdirSync(dirname(partial), { recursive: true })
    mkdirSync(partial)
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new Refusal('unwritable', `it cannot be made: ${words}`, target, 'a folder of yours')
  }
}
