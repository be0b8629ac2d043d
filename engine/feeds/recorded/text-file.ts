import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
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
    const why = cause instanceof Error ? cause.message : String(cause)
    const expected = /\.(gz|zst)$/.test(path) ? 'a whole compressed file' : 'a readable file'
    throw new FeedFault(`cannot be read: ${why}`, path, expected)
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: PIECE })
  if (path.endsWith('.zst')) {
    yield* unpacked(source)
    return
  }
  const nothing = (): void => undefined // the error reaches the reader of the last stream
  const stream: Readable = path.endsWith('.gz') ? pipeline(source, createGunzip(), nothing) : source
  for await (const bytes of stream as AsyncIterable<Uint8Array>) yield bytes
}

async function* unpacked(source: Readable): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  const unpack = new Decompress(part => parts.push(part))
  for await (const bytes of source as AsyncIterable<Uint8Array>) {
    unpack.push(bytes)
    yield* parts
    parts = []
  }
  unpack.push(new Uint8Array(), true)
  yield* parts
}
