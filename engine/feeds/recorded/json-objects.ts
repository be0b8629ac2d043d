import { basename } from 'node:path'
import { FeedFault } from '../feed.js'
import { textOf } from './text-file.js'
import type { Wire } from './wire.js'

const [QUOTE, BACKSLASH, OPEN, CLOSE, LINE_FEED] = [34, 92, 123, 125, 10]
const [OPEN_LIST, CLOSE_LIST] = [91, 93]
const BETWEEN = ' \t\r,\uFEFF'

/**
 * The outermost objects of a JSON file in order, a piece of the file at a time: one array of objects, an object per
 * line, or arrays of objects per line alike. Throws a `FeedFault` with the line of what is no JSON object.
 */
export async function* jsonObjects(path: string): AsyncGenerator<readonly Wire[]> {
  const scan = new ObjectScan(basename(path))
  for await (const piece of textOf(path)) yield scan.push(piece)
  scan.end()
}

/** Cuts text into its outermost objects; keeps what is unfinished between pieces. */
export class ObjectScan {
  private readonly file: string
  private line = 1
  private startLine = 1
  private lists = 0
  private depth = 0
  private isString = false
  private isEscaped = false
  private kept = ''

  constructor(file: string) {
    this.file = file
  }

  push(piece: string): readonly Wire[] {
    const found: Wire[] = []
    let start = 0
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i)
      if (code === LINE_FEED) this.line++
      if (this.isString) this.inString(code)
      else if (code === OPEN) {
        if (this.depth++ === 0) [start, this.startLine] = [i, this.line]
      } else if (this.depth === 0) this.between(code, piece.charAt(i))
      else if (code === QUOTE) this.isString = true
      else if (code === CLOSE && --this.depth === 0) {
        found.push(this.parsed(this.kept + piece.slice(start, i + 1)))
        this.kept = ''
      }
    }
    if (this.depth > 0) this.kept += piece.slice(this.kept === '' ? start : 0)
    return found
  }

  /** The file is over: nothing may be open. */
  end(): void {
    if (this.depth === 0 && this.lists === 0) return
    const what = this.depth > 0 ? 'an object' : 'an array'
    const line = this.depth > 0 ? this.startLine : this.line
    throw this.fault(`the file ends inside ${what}`, line, `the end of ${what}`)
  }

  private inString(code: number): void {
    if (this.isEscaped) this.isEscaped = false
    else if (code === BACKSLASH) this.isEscaped = true
    else if (code === QUOTE) this.isString = false
  }

  private between(code: number, char: string): void {
    if (code === OPEN_LIST) this.lists++
    else if (code === CLOSE_LIST && this.lists > 0) this.lists--
    else if (code !== LINE_FEED && !BETWEEN.includes(char))
      throw this.fault(`"${char}" is not JSON here`, this.line, 'an object or an array of objects')
  }

  private parsed(text: string): Wire {
    try {
      const value = JSON.parse(text) as Wire['value'] // it begins with a brace
      return { value, text, where: `${this.file}: line ${this.startLine}` }
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw this.fault(`not JSON: ${why}`, this.startLine, 'a JSON object')
    }
  }

  private fault(message: string, line: number, expected: string): FeedFault {
    return new FeedFault(message, `${this.file}: line ${line}`, expected)
  }
}
