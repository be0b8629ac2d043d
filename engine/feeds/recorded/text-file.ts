import { createReadStream, type ReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ZstdFrames } from '#engine/log/compress/zstd-frames.js'
import { FeedFault } from '../feed.js'

/** Bytes of one piece. */
const PIECE = 1 << 18

/** The text of a file in pieces: plain, `.gz` or `.zst`, told by the name. Throws a `FeedFault`. */
export async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  for await (const bytes of piecesOf(path)) yield decoder.decode(bytes, { stream: true })
  yield decoder.decode()
}

/** As `textOf`, in bytes. */
export async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* bytesOf(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

function unreadable(path: string, cause: unknown): FeedFault {
  const why = cause instanceof Error ? cause.message : String(cause)
  const expected = /\.(gz|zst)$/.test(path) ? 'a whole compressed file' : 'a readable file'
  return new FeedFault(`cannot be read: ${why}`, path, expected)
}

/** Bytes of a file where they lie in a buffer; what lies before `start` is free for who takes them. */
export interface Piece {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

/** Bytes of a piece that is read while the one before it is worked on, and those left free before it. */
const [AHEAD, FREE] = [1 << 20, 1 << 16]

/** As `piecesOf`, in buffers that are used again: a piece is valid until the next one is asked for. */
export async function* piecesInTurn(path: string): AsyncGenerator<Piece> {
  if (/\.(gz|zst)$/.test(path)) {
    for await (const { buffer, byteOffset, length } of piecesOf(path))
      yield { buffer: Buffer.from(buffer, byteOffset, length), start: 0, end: length }
    return
  }
  const read = async (file: FileHandle, buffer: Buffer): Promise<Piece> => {
    const { bytesRead } = await file.read(buffer, FREE, AHEAD, null)
    return { buffer, start: FREE, end: FREE + bytesRead }
  }
  let file: FileHandle | undefined
  let next: Promise<Piece> | undefined
  try {
    file = await open(path)
    let [now, spare] = [Buffer.alloc(FREE + AHEAD), Buffer.alloc(FREE + AHEAD)]
    next = read(file, now)
    for (;;) {
      const piece = await next
      if (piece.end === piece.start) return
      next = read(file, spare)
      yield piece
      ;[now, spare] = [spare, now]
    }
  } catch (cause) {
    throw unreadable(path, cause)
  } finally {
    await next?.catch(() => undefined) // its buffer is written until then
    await file?.close()
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: PIECE })
  if (path.endsWith('.zst')) {
    yield* unpacked(source)
    return
  }
  if (path.endsWith('.gz')) {
    yield* gunzipped(source)
    return
  }
  for await (const bytes of source as AsyncIterable<Uint8Array>) yield bytes
}

/** Checksums and lengths are zlib's to check; what stands behind the last member it would pass over. */
async function* gunzipped(source: ReadStream): AsyncGenerator<Uint8Array> {
  const nothing = (): void => undefined // the error reaches the reader of the last stream
  const unzip = createGunzip()
  for await (const bytes of pipeline(source, unzip, nothing) as AsyncIterable<Uint8Array>)
    yield bytes
  if (source.bytesRead === 0) throw new Error('no member of gzip')
  if (unzip.bytesWritten < source.bytesRead)
    throw new Error(
      `${source.bytesRead - unzip.bytesWritten} bytes behind the last member are none`,
    )
}

async function* unpacked(source: Readable): AsyncGenerator<Uint8Array> {
  const unpack = await ZstdFrames.open()
  for await (const bytes of source as AsyncIterable<Uint8Array>) yield* unpack.push(bytes)
  unpack.end()
}
