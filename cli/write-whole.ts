import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from './command.js'

/** Writes a file whole or not at all, and durable: beside itself first, then at once in the place of what was there. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    const at = await open(partial, 'wx')
    try {
      await at.writeFile(text)
      await at.sync()
    } finally {
      await at.close()
    }
    await rename(partial, file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal('unwritable', `it cannot be written: ${why}`, file, 'a folder of yours')
  } finally {
    await rm(partial, { force: true })
  }
}
