import type { FramesAt, FramesWalked } from '#engine/book/frame-walk.js'
import { FeedFault } from '../feed.js'
import type { Piece } from './text-file.js'
import type { Wire } from './wire.js'

const [QUOTE, BACKSLASH, OPEN, CLOSE, LINE_FEED] = [34, 92, 123, 125, 10]
const [OPEN_LIST, CLOSE_LIST] = [91, 93]
const [SPACE, TAB, RETURN, COMMA] = [32, 9, 13, 44]
const MARK = Buffer.from('\uFEFF')

/** Where messages go. */
export interface MessageSink {
  /**
   * Takes the message whose brace stands at `at`, out of its bytes; the place behind it. −1 where it leaves it to `wire`. A
   * message that it takes has no line feeds in it.
   */
  readonly bytes: (bytes: Buffer, at: number, place: ScanPlace) => number
  /** Takes a message parsed. */
  readonly wire: (wire: Wire) => void
}

/** Where a scan stands, in words once someone asks. */
export interface ScanPlace {
  readonly toString: () => string
}

/**
 * Cuts a file of JSON into its outermost objects, as `ObjectScan` does, but out of bytes: what the sink takes so never
 * becomes a string. Keeps what is unfinished between pieces.
 */
export class MessageScan implements ScanPlace {
  readonly #file: string
  readonly #sink: MessageSink
  #line = 1
  #lists = 0
  #kept = Buffer.alloc(0)
  /** The piece, behind what was kept. */
  #bytes: Buffer = this.#kept
  #at = 0
  /** How far the object at the start of what is kept was looked through. */
  #seen = 0
  #depth = 0
  #isString = false
  #isEscaped = false

  constructor(file: string, sink: MessageSink) {
    this.#file = file
    this.#sink = sink
  }

  toString(): string {
    return `${this.#file}: line ${this.#line}`
  }

  /** Throws a `FeedFault` with the line of what is no JSON object. */
  push(piece: Uint8Array): void {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    this.begin({ buffer, start: 0, end: piece.length })
    while (this.next());
  }

  /** Goes on with a piece, which is looked at until `next` answers false. What was kept goes before it where it fits. */
  begin({ buffer, start, end }: Piece): void {
    const kept = this.#kept
    const from = start - kept.length
    if (from >= 0) kept.copy(buffer, from)
    this.#bytes =
      from >= 0 ? buffer.subarray(from, end) : Buffer.concat([kept, buffer.subarray(start, end)])
    this.#at = 0
  }

  /** Takes the next message of the piece; false where there is no whole one, which is then kept. */
  next(): boolean {
    const bytes = this.#bytes
    while (this.#at < bytes.length) {
      const isObject = bytes[this.#at] === OPEN
      const behind = isObject ? this.#object(bytes, this.#at) : this.#between(bytes, this.#at)
      if (behind < 0) break
      this.#at = behind
      if (isObject) return true
    }
    this.#kept = Buffer.from(bytes.subarray(this.#at))
    return false
  }

  /** Where it stands in the piece, for who reads messages by himself. */
  get place(): FramesAt {
    return { bytes: this.#bytes, at: this.#at, lists: this.#lists }
  }

  /** Passes messages that were read, and what stood between them. */
  passed({ at, lists, feeds }: Pick<FramesWalked, 'at' | 'lists' | 'feeds'>): void {
    // Of an object that was kept, and looked through in part.
    if (at > this.#at) this.#seen = this.#depth = 0
    if (at > this.#at) this.#isString = this.#isEscaped = false
    this.#at = at
    this.#lists = lists
    this.#line += feeds
  }

  /** The file is over: nothing may be open. */
  end(): void {
    if (this.#kept.length > 0 && this.#kept[0] !== OPEN) this.#odd(this.#kept, 0)
    const isOpen = this.#kept.length > 0
    if (!isOpen && this.#lists === 0) return
    const what = isOpen ? 'an object' : 'an array'
    throw this.#fault(`the file ends inside ${what}`, `the end of ${what}`)
  }

  /** The place behind the object at `at`; −1 where the bytes end inside it. */
  #object(bytes: Buffer, at: number): number {
    const taken = this.#seen === 0 ? this.#sink.bytes(bytes, at, this) : -1
    if (taken >= 0) return taken
    const behind = this.#extent(bytes, at)
    if (behind < 0) return -1
    const text = bytes.toString('utf8', at, behind)
    const wire = this.#parsed(text)
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) this.#line++
    this.#sink.wire(wire)
    return behind
  }

  #extent(bytes: Buffer, at: number): number {
    for (let i = at + this.#seen; i < bytes.length; i++) {
      const code = bytes[i]!
      if (this.#isString) this.#inString(code)
      else if (code === QUOTE) this.#isString = true
      else if (code === OPEN) this.#depth++
      else if (code === CLOSE && --this.#depth === 0) {
        this.#seen = 0
        return i + 1
      }
    }
    this.#seen = bytes.length - at
    return -1
  }

  #inString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false
    else if (code === BACKSLASH) this.#isEscaped = true
    else if (code === QUOTE) this.#isString = false
  }

  /** The place behind what stands between objects; −1 where the bytes end inside a character. */
  #between(bytes: Buffer, at: number): number {
    const code = bytes[at]!
    if (code === LINE_FEED) this.#line++
    else if (code === OPEN_LIST) this.#lists++
    else if (code === CLOSE_LIST && this.#lists > 0) this.#lists--
    else if (code !== SPACE && code !== TAB && code !== RETURN && code !== COMMA) {
      if (code < 128) this.#odd(bytes, at)
      if (at + MARK.length > bytes.length) return -1
      if (MARK.compare(bytes, at, at + MARK.length) !== 0) this.#odd(bytes, at)
      return at + MARK.length
    }
    return at + 1
  }

  #odd(bytes: Buffer, at: number): never {
    const char = bytes.toString('utf8', at, at + 4).charAt(0)
    throw this.#fault(`"${char}" is not JSON here`, 'an object or an array of objects')
  }

  #parsed(text: string): Wire {
    try {
      const value = JSON.parse(text) as Wire['value'] // it begins with a brace
      return { value, text, where: this.toString() }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw this.#fault(`not JSON: ${why}`, 'a JSON object')
    }
  }

  #fault(message: string, expected: string): FeedFault {
    return new FeedFault(message, this.toString(), expected)
  }
}
