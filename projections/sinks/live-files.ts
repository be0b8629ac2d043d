import { mkdir, open, rename, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { createBLAKE3, type IHasher } from 'hash-wasm'
import type { Recorded } from '#schemas/recorded.js'
import { csvLine } from '../csv.js'
import { lineOf, type Cells, type FileView, type OpenView } from '../view.js'
import { World } from '../world.js'
import type { ViewResult } from './files.js'

/** Characters of finished rows that wait before they are written, whatever the time. */
const WAITING_MAX = 1 << 18

/**
 * Views that grow with their log. Finished rows are added to the files; views that only the end finishes are written anew at
 * each `publish`, under another name first. What lies there from before a crash is kept as far as it is what the log gives.
 * After `end` the files are the bytes that `project` writes.
 */
export class LiveFiles {
  readonly #world = new World()
  readonly #views: readonly (Growing | Whole)[]

  private constructor(views: readonly (Growing | Whole)[]) {
    this.#views = views
  }

  static async open(
    dir: string,
    of: { runId: string; views: readonly FileView[] },
  ): Promise<LiveFiles> {
    await mkdir(dir, { recursive: true })
    const views: (Growing | Whole)[] = []
    for (const view of of.views) {
      const path = join(dir, view.file)
      views.push(
        view.isWhole ? new Whole(path, view, of.runId) : await Growing.open(path, view, of.runId),
      )
    }
    return new LiveFiles(views)
  }

  /** Takes rows of the log, in order. */
  async take(rows: readonly Recorded[]): Promise<void> {
    for (const row of rows) {
      this.#world.take(row)
      for (const { fold } of this.#views) fold.take(row, this.#world)
    }
    for (const view of this.#views) await view.drain()
  }

  /** Brings the files up to what was taken. */
  async publish(): Promise<void> {
    for (const view of this.#views) await view.publish(this.#world)
  }

  /** The log is over. */
  async end(): Promise<ViewResult[]> {
    const results: ViewResult[] = []
    for (const view of this.#views) results.push(await view.end(this.#world))
    return results
  }

  /** Lets go of the files as they are: each is the beginning of what the log gives. */
  async abandon(): Promise<void> {
    for (const view of this.#views) await view.abandon()
  }
}

const resultOf = (
  { name, version, file }: FileView,
  { rows, bytes, hasher }: { rows: number; bytes: number; hasher: IHasher },
): ViewResult => ({
  ...{ name, version, file, rows, bytes },
  ...{ blake3: hasher.digest('hex'), same: true, differsAt: -1 },
})

/** A view whose finished rows are added to its file. */
class Growing {
  readonly fold: OpenView
  readonly #of: FileView
  readonly #file: FileHandle
  readonly #hasher: IHasher
  /** Bytes that lay there before and may still be right. */
  #there: number
  #waiting: string[] = []
  #length = 0
  #rows = 0
  #bytes = 0

  private constructor(
    of: FileView,
    runId: string,
    parts: { file: FileHandle; there: number; hasher: IHasher },
  ) {
    this.fold = of.open(runId)
    this.#of = of
    this.#file = parts.file
    this.#there = parts.there
    this.#hasher = parts.hasher
    if (of.columns.length > 0) this.#put(csvLine(of.columns))
  }

  static async open(path: string, of: FileView, runId: string): Promise<Growing> {
    const file = await open(path, 'r+').catch(() => open(path, 'w+'))
    const hasher = (await createBLAKE3()).init()
    return new Growing(of, runId, { file, hasher, there: (await file.stat()).size })
  }

  async drain(): Promise<void> {
    this.#add(this.fold.drain())
    if (this.#length >= WAITING_MAX) await this.publish()
  }

  async publish(): Promise<void> {
    if (this.#length === 0) return
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#length = 0
    this.#hasher.update(bytes)
    if (!(await this.#holds(bytes))) {
      // Whatever follows what was right came from elsewhere.
      if (this.#there > this.#bytes) await this.#file.truncate(this.#bytes)
      this.#there = 0
      for (let done = 0; done < bytes.length;)
        done += (await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done))
          .bytesWritten
    }
    this.#bytes += bytes.length
  }

  async end(world: World): Promise<ViewResult> {
    this.#add(this.fold.drain())
    this.#add(this.fold.rest(world))
    await this.publish()
    if (this.#there > this.#bytes) await this.#file.truncate(this.#bytes)
    await this.#file.sync()
    await this.#file.close()
    return resultOf(this.#of, { rows: this.#rows, bytes: this.#bytes, hasher: this.#hasher })
  }

  async abandon(): Promise<void> {
    await this.#file.close()
  }

  /** Whether the file has these bytes here from before. */
  async #holds(bytes: Buffer): Promise<boolean> {
    if (this.#there < this.#bytes + bytes.length) return false
    const there = Buffer.alloc(bytes.length)
    const { bytesRead } = await this.#file.read(there, 0, there.length, this.#bytes)
    return bytesRead === bytes.length && there.equals(bytes)
  }

  #add(rows: readonly Cells[]): void {
    this.#rows += rows.length
    for (const cells of rows) this.#put(lineOf(this.#of, cells))
  }

  #put(line: string): void {
    this.#waiting.push(line, '\n')
    this.#length += line.length + 1
  }
}

/** A view that is written anew each time. */
class Whole {
  readonly fold: OpenView
  readonly #of: FileView
  readonly #path: string
  #last = ''

  constructor(path: string, of: FileView, runId: string) {
    this.#path = path
    this.#of = of
    this.fold = of.open(runId)
  }

  async drain(): Promise<void> {
    // Nothing of it is finished before the end.
  }

  async publish(world: World): Promise<void> {
    await this.#write(this.#linesOf(world), { isLast: false })
  }

  async end(world: World): Promise<ViewResult> {
    const lines = this.#linesOf(world)
    const bytes = await this.#write(lines, { isLast: true })
    const hasher = (await createBLAKE3()).init().update(bytes)
    const rows = lines.length - (this.#of.columns.length > 0 ? 1 : 0)
    return resultOf(this.#of, { rows, bytes: bytes.length, hasher })
  }

  async abandon(): Promise<void> {
    // Nothing is open.
  }

  #linesOf(world: World): string[] {
    const rows = this.fold.rest(world).map(cells => lineOf(this.#of, cells))
    return this.#of.columns.length > 0 ? [csvLine(this.#of.columns), ...rows] : rows
  }

  async #write(lines: readonly string[], { isLast }: { isLast: boolean }): Promise<Buffer> {
    const text = lines.map(line => `${line}\n`).join('')
    const bytes = Buffer.from(text)
    if (text === this.#last && !isLast) return bytes
    const file = await open(`${this.#path}.tmp`, 'w')
    try {
      await file.writeFile(bytes)
      if (isLast) await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${this.#path}.tmp`, this.#path)
    this.#last = text
    return bytes
  }
}
