import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createDeflateRaw } from 'node:zlib'

/** Bytes of an array that fit without the extensions of ZIP for large files: 67 million rows of 64 bytes. */
export const NPZ_BYTES_MAX = 2 ** 32 - 2 ** 20

const NAME = Buffer.from('data.npy')

/**
 * Writes one structured array as `np.load(file)['data']` reads it: an `.npy` inside of a compressed ZIP, whole or not at all. `chunks` together are
 * `rows` rows of the type `descr` (a list of field and little-endian type), without padding.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html and PKWARE's APPNOTE 6.3.10 (2026-11-29).
 */
export async function writeNpz(
  file: string,
  rows: number,
  descr: readonly (readonly [field: string, type: string])[],
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const partial = `${file}.partial`
  const out = createWriteStream(partial, { flags: 'wx' })
  try {
    await once(out, 'open')
    const { packed, plain, crc } = await packInto(out, header(rows, descr), chunks)
    const sizes = Buffer.alloc(12)
    sizes.writeUInt32LE(crc, 0)
    sizes.writeUInt32LE(packed, 4)
    sizes.writeUInt32LE(plain, 8)
    out.write(Buffer.concat([Buffer.from('PK\x07\x08', 'latin1'), sizes]))
    const at = LOCAL.length + packed + 16
    out.write(directory(sizes, at))
    out.end()
    await once(out, 'close')
    renameSync(partial, file)
  } finally {
    out.destroy()
    rmSync(partial, { force: true })
  }
}

async function packInto(
  out: NodeJS.WritableStream,
  first: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ packed: number; plain: number; crc: number }> {
  out.write(LOCAL)
  const deflate = createDeflateRaw()
  let [packed, plain, crc] = [0, 0, 0xffffffff]
  deflate.on('data', (part: Buffer) => {
    packed += part.length
    if (!out.write(part)) {
      deflate.pause()
      out.once('drain', () => deflate.resume())
    }
  })
  const done = once(deflate, 'end')
  const take = async (bytes: Uint8Array): Promise<void> => {
    plain += bytes.length
    crc = crcOf(bytes, crc)
    if (!deflate.write(bytes)) await once(deflate, 'drain')
  }
  await take(first)
  for await (const bytes of chunks) await take(bytes)
  deflate.end()
  await done
  return { packed, plain, crc: ~crc >>> 0 }
}

/** The head of an `.npy` file of version 1.0, padded to 64 bytes. */
function header(rows: number, descr: readonly (readonly [string, string])[]): Buffer {
  const fields = descr.map(([field, type]) => `('${field}', '${type}')`).join(', ')
  const text = `{'descr': [${fields}], 'fortran_order': False, 'shape': (${rows},), }`
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10
  const size = Buffer.alloc(2)
  size.writeUInt16LE(length)
  const magic = Buffer.from('\x93NUMPY\x01\x00', 'latin1')
  return Buffer.concat([magic, size, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')])
}

/** Version 2.0, sizes behind the data (bit 3), deflated, 1980-01-01, and no sizes yet. */
const COMMON = [0x14, 0, 0x08, 0, 0x08, 0, 0, 0, 0x21, 0]
const LENGTHS = [NAME.length, 0, 0, 0]
const LOCAL = Buffer.concat([
  Buffer.from('PK\x03\x04', 'latin1'),
  Buffer.from([...COMMON, ...Array<number>(12).fill(0), ...LENGTHS]),
  NAME,
])

/** The central directory with its one entry, and its end. */
function directory(sizes: Buffer, at: number): Buffer {
  const entry = Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    Buffer.from([0x14, 0, ...COMMON]),
    sizes,
    Buffer.from([...LENGTHS, ...Array<number>(14).fill(0)]),
    NAME,
  ])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(entry.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([entry, end])
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c
})

function crcOf(bytes: Uint8Array, from: number): number {
  let crc = from
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8)
  return crc
}
