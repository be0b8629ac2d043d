import { xxhash64 } from 'hash-wasm'
import t from 'tap'
import { zstdAt } from './zstd.js'
import { ZstdFrames } from './zstd-frames.js'

/** A frame of raw blocks of at most 100 bytes, with the checksum of its content. */
async function framed(text: string): Promise<Buffer> {
  const content = Buffer.from(text)
  const blocks: Buffer[] = []
  for (let from = 0; from < content.length; from += 100) {
    const block = content.subarray(from, from + 100)
    const isLast = from + 100 >= content.length
    const word = block.length * 8 + (isLast ? 1 : 0)
    blocks.push(Buffer.of(word & 255, (word >> 8) & 255, word >> 16), block)
  }
  const digest = Buffer.from(await xxhash64(content), 'hex')
    .reverse()
    .subarray(0, 4)
  // Magic; a window of a megabyte and a checksum, no content size.
  return Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x50), ...blocks, digest])
}

async function unpacked(bytes: Uint8Array, piece: number): Promise<string> {
  const frames = await ZstdFrames.open()
  const parts: Uint8Array[] = []
  for (let from = 0; from < bytes.length; from += piece)
    parts.push(...frames.push(bytes.slice(from, from + piece)))
  frames.end()
  return Buffer.concat(parts).toString()
}

const TEXT = '{"price":"0.40","size":"100"}\n'.repeat(20)

t.test('frames with and without a checksum, cut anywhere, one behind the other', async t => {
  const compress = await zstdAt(3)
  const skipped = Buffer.of(0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3)
  const all = Buffer.concat([
    await framed(TEXT),
    skipped,
    compress(Buffer.from(TEXT)),
    await framed('x'),
  ])
  for (const piece of [1, 2, 3, 7, 64, all.length])
    t.equal(await unpacked(all, piece), `${TEXT}${TEXT}x`)
})

t.test('no flipped bit of a frame with a checksum gives other bytes', async t => {
  const frame = await framed(TEXT)
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const flipped = Buffer.from(frame)
    flipped[bit >> 3]! ^= 1 << (bit & 7)
    const found = await unpacked(flipped, 64).catch(() => TEXT)
    if (found !== TEXT) t.fail(`bit ${bit} of byte ${bit >> 3}`)
  }
  t.pass('every bit was tried')
})

t.test('what is no frame, is cut, or is nothing at all is a fault', async t => {
  const frame = await framed(TEXT)
  await t.rejects(unpacked(Buffer.concat([frame, Buffer.from('garbage')]), 50), /no frame/)
  for (const length of [3, 5, 40, frame.length - 1])
    await t.rejects(unpacked(frame.subarray(0, length), 50), `${length} bytes`)
  await t.rejects(unpacked(Buffer.alloc(0), 50), /no frame/)
})
