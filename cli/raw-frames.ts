import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

/** Where raw frames lie, in the folder of a run. */
export const RAW = 'raw'

/**
 * The frames of a venue as they came, beside the log: `frames.jsonl` has one JSON frame a line, which `import polymarket-frames`
 * reads; `times.txt` when each was received (µs) and by which connection; `other.jsonl` whatever was no JSON.
 */
export class RawFrames {
  readonly #dir: string
  #files:
    | { readonly frames: WriteStream; readonly times: WriteStream; readonly other: WriteStream }
    | undefined
  /** What went wrong; nothing is written any more then. */
  fault: string | undefined

  /** Files are made with the first frame: the folder is that of a run, which the run makes. */
  constructor(dir: string) {
    this.#dir = dir
  }

  add(bytes: Buffer, tUs: number, connection: number): void {
    if (this.fault !== undefined) return
    const { frames, times, other } = (this.#files ??= this.#opened())
    const text = bytes.toString('utf8').trim()
    if (isJson(text)) {
      // A frame in several lines is still one line here.
      frames.write(`${text.replaceAll('\n', ' ')}\n`)
      times.write(`${tUs} ${connection}\n`)
    } else other.write(`${JSON.stringify({ t: tUs, c: connection, text })}\n`)
  }

  async close(): Promise<void> {
    for (const stream of Object.values(this.#files ?? {})) {
      stream.end()
      await finished(stream).catch(() => undefined) // told by `fault`
    }
  }

  #opened() {
    const to = join(this.#dir, RAW)
    mkdirSync(to, { recursive: true })
    return {
      frames: this.#open(join(to, 'frames.jsonl')),
      times: this.#open(join(to, 'times.txt')),
      other: this.#open(join(to, 'other.jsonl')),
    }
  }

  #open(path: string): WriteStream {
    const stream = createWriteStream(path, { flags: 'a' })
    stream.on('error', error => {
      this.fault ??= error.message
    })
    return stream
  }
}

function isJson(text: string): boolean {
  if (!text.startsWith('{') && !text.startsWith('[')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
