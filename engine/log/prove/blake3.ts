import assert from 'node:assert'
import type { IHasher } from 'hash-wasm'
import bundle from 'hash-wasm/dist/blake3.umd.min.js'

const { blake3, createBLAKE3 } = bundle

/** The head of a log without events: 32 zero bytes. */
export const ZERO_HEAD = '0'.repeat(64)

/** BLAKE3 of a text or of bytes, 64 hex digits. */
export const digestOf = (content: string | Uint8Array): Promise<string> => blake3(content)

/** What derives heads while lines go by. */
export interface Hashing {
  /** Begins a segment at the head of all before it. */
  readonly restart: (head: string) => void
  /** Takes event lines, each with its newline; the head behind them, 64 hex digits. */
  readonly after: (lines: Uint8Array) => string
}

/** Where a BLAKE3 hasher stands, whatever its make. */
export interface HashPlace {
  readonly trees: Uint8Array
  readonly leaves: number
  /** 1 to 1,024 bytes. */
  readonly tail: Uint8Array
}

const TREE_BYTES = 32
// Where a state of hash-wasm 4.13 has them, behind its mark of four bytes. Source: its blake3.c, `blake3_hasher`.
const LEAVES_AT = 4 + 64
const DEPTH_AT = 4 + 144

/**
 * The running head of a segment: BLAKE3 over (head at the start of the segment ‖ event lines so far). Owns its state;
 * one per log. WebAssembly, because its state can be saved: a digest of the lines so far ends nothing.
 */
export class Head implements Hashing {
  readonly #hasher: IHasher
  #state: Uint8Array

  private constructor(hasher: IHasher) {
    this.#hasher = hasher
    this.#state = hasher.init().save()
    this.restart(ZERO_HEAD)
  }

  static async make(): Promise<Head> {
    return new Head(await createBLAKE3())
  }

  /** Begins a segment at the head of all before it. */
  restart(head: string): void {
    assert(head.length === ZERO_HEAD.length, `Invariant: ${head} is not a head`)
    this.#state = this.#hasher.init().update(Buffer.from(head, 'hex')).save()
  }

  /** Takes event lines, each with its newline. */
  update(lines: Uint8Array): void {
    this.#hasher.update(lines)
  }

  after(lines: Uint8Array): string {
    this.update(lines)
    return this.digest()
  }

  /** The head after all lines so far, 64 hex digits. */
  digest(): string {
    this.#state = this.#hasher.save()
    const head = this.#hasher.digest('hex')
    this.#hasher.load(this.#state)
    return head
  }

  /** Goes back to a place that `mark` gave. */
  reset(mark: Uint8Array): void {
    this.#state = mark
    this.#hasher.load(mark)
  }

  /**
   * Goes to a place that a hasher of another make says: chaining values of the whole subtrees, the largest first, with the
   * leaves in them, and the bytes behind.
   */
  place({ trees, leaves, tail }: HashPlace): void {
    const state = this.#hasher.init().save()
    const view = new DataView(state.buffer, state.byteOffset)
    view.setBigUint64(LEAVES_AT, BigInt(leaves), true)
    state[DEPTH_AT] = trees.length / TREE_BYTES
    state.set(trees, DEPTH_AT + 1)
    this.#hasher.load(state)
    this.#state = this.#hasher.update(tail).save()
  }

  /** The place of the last `digest` or `restart`, for `reset`. */
  get mark(): Uint8Array {
    return this.#state
  }
}
