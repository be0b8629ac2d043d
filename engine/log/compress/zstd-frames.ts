import { Decompress } from 'fzstd'
import { createXXHash64, type IHasher } from 'hash-wasm'

const MAGIC = 0xfd2fb528
/** Frames that hold none of the content: `0x184D2A50` and the fifteen behind it. */
const [SKIPPABLE, SKIPPABLE_MASK] = [0x184d2a50, 0xfffffff0]
const [RLE, RESERVED] = [1, 3]

/** What comes next in a stream of frames. */
interface Part {
  readonly tag:
    'magic' | 'descriptor' | 'header' | 'block' | 'content' | 'sum' | 'skip-size' | 'skip'
  readonly length: number
}

const START: Part = { tag: 'magic', length: 4 }

/**
 * Unpacks Zstandard and checks what its library here leaves unchecked: the checksum of each frame's content, where it has
 * one (the low half of its XXH64), and that nothing else stands between frames. Format: RFC 8878. Throws where it fails.
 */
export class ZstdFrames {
  readonly #hasher: IHasher
  #part: Part = START
  /** Bytes of the part so far, of those parts that are looked at. */
  #head: number[] = []
  /** Bytes of the part that were passed. */
  #passed = 0
  #hasSum = false
  #isLast = false
  #unpack: Decompress | undefined
  #parts: Uint8Array[] = []
  #frames = 0

  private constructor(hasher: IHasher) {
    this.#hasher = hasher
  }

  static async open(): Promise<ZstdFrames> {
    return new ZstdFrames(await createXXHash64(0, 0))
  }

  /** The bytes that these ones unpack to, as far as they are known to be right by their blocks. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    this.#parts = []
    // What is handed to the library begins here: a frame is given to it in the pieces that arrive.
    let from = this.#unpack ? 0 : -1
    for (let at = 0; at < bytes.length;) {
      const part = this.#part
      if (part.tag === 'magic' && this.#passed === 0) from = at
      const take = Math.min(part.length - this.#passed, bytes.length - at)
      if (isRead(part)) for (let k = 0; k < take; k++) this.#head.push(bytes[at + k]!)
      at += take
      this.#passed += take
      if (this.#passed < part.length) break
      const head = this.#head
      this.#head = []
      this.#passed = 0
      from = this.#behind(part, head, { bytes, at, from })
      // A part of nothing is over at once.
      while (this.#part.length === 0) from = this.#behind(this.#part, [], { bytes, at, from })
    }
    if (from >= 0 && from < bytes.length) this.#feed(bytes.subarray(from))
    return this.#parts
  }

  /** The stream is over: a frame that is not is a fault. */
  end(): void {
    if (this.#part.tag !== 'magic' || this.#passed > 0) throw new Error('the last frame is cut')
    if (this.#frames === 0) throw new Error('no frame of Zstandard')
  }

  /** A part is over; answers where the bytes begin that the library has not seen. */
  #behind(
    part: Part,
    head: readonly number[],
    { bytes, at, from }: { bytes: Uint8Array; at: number; from: number },
  ): number {
    switch (part.tag) {
      case 'magic':
        return this.#magic(wordOf(head), from < 0 ? at : from, from >= 0)
      case 'skip-size':
        this.#part = { tag: 'skip', length: wordOf(head) }
        return -1
      case 'skip':
        this.#part = START
        return -1
      case 'descriptor':
        this.#part = { tag: 'header', length: headerLength(head[0] ?? 0) }
        this.#hasSum = ((head[0] ?? 0) & 4) !== 0
        return from
      case 'header':
        this.#part = { tag: 'block', length: 3 }
        return from
      case 'block': {
        const word = wordOf(head)
        const type = (word >> 1) & 3
        if (type === RESERVED) throw new Error('a block of no known kind')
        this.#isLast = (word & 1) === 1
        this.#part = { tag: 'content', length: type === RLE ? 1 : word >>> 3 }
        return from
      }
      case 'content':
        if (!this.#isLast) {
          this.#part = { tag: 'block', length: 3 }
          return from
        }
        if (this.#hasSum) {
          this.#part = { tag: 'sum', length: 4 }
          return from
        }
        this.#finish(bytes.subarray(Math.max(from, 0), at))
        return -1
      case 'sum': {
        this.#finish(bytes.subarray(Math.max(from, 0), at))
        const ours = this.#hasher.digest('binary')
        const low = [7, 6, 5, 4].map(k => ours[k]!) // the digest begins with its highest byte
        if (low.some((byte, k) => byte !== head[k]))
          throw new Error('the checksum of a frame is wrong')
        return -1
      }
    }
  }

  #magic(word: number, from: number, isWhole: boolean): number {
    if ((word & SKIPPABLE_MASK) >>> 0 === SKIPPABLE) {
      this.#frames++
      this.#part = { tag: 'skip-size', length: 4 }
      return -1
    }
    if (word !== MAGIC) throw new Error('what stands between frames is no frame')
    this.#frames++
    this.#hasher.init()
    this.#unpack = new Decompress(chunk => {
      this.#hasher.update(chunk)
      this.#parts.push(chunk)
    })
    // The library wants the magic as well, which may have begun in an earlier piece.
    if (!isWhole) this.#feed(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd))
    this.#part = { tag: 'descriptor', length: 1 }
    return from
  }

  #feed(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#unpack?.push(bytes)
  }

  #finish(rest: Uint8Array): void {
    this.#unpack?.push(rest, true)
    this.#unpack = undefined
    this.#part = START
  }
}

/** Parts whose bytes say what follows. */
const isRead = ({ tag }: Part): boolean => tag !== 'header' && tag !== 'content' && tag !== 'skip'

/** Bytes behind the descriptor: window, dictionary id, size of the content. */
function headerLength(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0
  const ofSize = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  return (isSingle ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + ofSize
}

/** Little-endian. */
const wordOf = (bytes: readonly number[]): number =>
  bytes.reduce((word, byte, k) => word + byte * 2 ** (8 * k), 0)
