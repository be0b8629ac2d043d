import * as E from 'fp-ts/lib/Either.js'
import { failuresOf } from '#schemas/failures.js'
import { Manifest, manifestText } from '#schemas/manifest.js'
import { digestOf } from '../prove/blake3.js'
import { readSmall, replaceFile, type Disk } from './disk.js'
import { compared, type Checked } from './head-file.js'

/** Name of the file with the facts of a run that stand in no event. */
export const MANIFEST_NAME = 'manifest.json'

/** Replaces a run's manifest, durably. */
export async function writeManifest(disk: Disk, dir: string, manifest: Manifest): Promise<void> {
  await replaceFile(disk, { dir, name: MANIFEST_NAME, bytes: await render(manifest) })
}

/** Reads a run's manifest and checks that every byte is as it was written. */
export async function readManifest(disk: Disk, dir: string): Promise<Checked<Manifest>> {
  const bytes = await readSmall(disk, `${dir}/${MANIFEST_NAME}`)
  if (!bytes) return { tag: 'missing' }
  const damaged = (message: string): Checked<never> => ({
    tag: 'damaged',
    byte: 0,
    line: 1,
    message,
  })
  let row: unknown
  try {
    row = JSON.parse(Buffer.from(bytes).toString())
  } catch (error) {
    return damaged(String(error))
  }
  const read = Manifest.decode(row)
  if (E.isLeft(read)) return damaged(failuresOf(read.left))
  return compared(bytes, await render(read.right)) ?? { tag: 'read', value: read.right }
}

async function render(manifest: Manifest): Promise<Uint8Array> {
  const sum = await digestOf(manifestText(manifest))
  return Buffer.from(manifestText({ ...manifest, sum }))
}
