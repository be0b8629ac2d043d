import { digestOf } from '../prove/blake3.js'
import { readSmall, replaceFile, type Disk } from './disk.js'
import type { LogEnd } from '../event-log.js'

/** Name of the file that witnesses how far a run had come. */
export const HEAD_NAME = 'head.json'

/** What `head.json` says was durable when it was written. */
export interface HeadFile extends LogEnd {
  readonly segment: number
}

/** A small checked file: not there, what it says, or the first byte that is not as it was written. */
export type Checked<T> =
  | Readonly<{ tag: 'missing' }>
  | Readonly<{ tag: 'read'; value: T }>
  | Readonly<{ tag: 'damaged'; byte: number; line: number; message: string }>

/** Replaces `head.json`. What it says must be durable already. */
export async function writeHeadFile(disk: Disk, dir: string, value: HeadFile): Promise<void> {
  await replaceFile(disk, { dir, name: HEAD_NAME, bytes: await render(value) })
}

/** Reads `head.json` and checks that every byte is as it was written. */
export async function readHeadFile(disk: Disk, dir: string): Promise<Checked<HeadFile>> {
  const bytes = await readSmall(disk, `${dir}/${HEAD_NAME}`)
  if (!bytes) return { tag: 'missing' }
  let row: Partial<HeadFile> | null
  try {
    row = JSON.parse(Buffer.from(bytes).toString()) as typeof row
  } catch (error) {
    return { tag: 'damaged', byte: 0, line: 1, message: String(error) }
  }
  const { lastSeq, commits, segment, head } = row ?? {}
  if (!isCount(lastSeq) || !isCount(commits) || !isCount(segment) || typeof head !== 'string')
    return { tag: 'damaged', byte: 0, line: 1, message: 'not what head.json says' }
  const value = { lastSeq, commits, segment, head }
  return compared(bytes, await render(value)) ?? { tag: 'read', value }
}

/** The first difference of a file to the only rendering of what it says, if there is one. */
export function compared(
  bytes: Uint8Array,
  rendered: Uint8Array,
): Extract<Checked<never>, { tag: 'damaged' }> | undefined {
  if (Buffer.compare(bytes, rendered) === 0) return undefined
  let byte = 0
  while (bytes[byte] === rendered[byte]) byte++
  const line = Buffer.from(bytes.subarray(0, byte)).toString('latin1').split('\n').length
  return { tag: 'damaged', byte, line, message: 'not the bytes that its content and sum give' }
}

async function render({ lastSeq, commits, segment, head }: HeadFile): Promise<Uint8Array> {
  const body = { lastSeq, commits, segment, head }
  const sum = await digestOf(JSON.stringify(body))
  return Buffer.from(`${JSON.stringify({ ...body, sum })}\n`)
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 0
