import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { createBLAKE3, type IHasher } from 'hash-wasm'
import type { Recorded } from '#schemas/recorded.js'
import { csvLine } from '../csv.js'
import { lineOf, type Cells, type FileView, type OpenView } from '../view.js'
import { World } from '../world.js'

/** Folder of a run's views, below the run. */
export const VIEWS_DIR = 'views'

/** Characters that a view may have waiting before they are hashed, compared and written. */
const WAITING_MAX = 1 << 18

/** Who else takes the rows of the views as they are finished, in their order. */
export interface RowSink {
  readonly put: (view: FileView, rows: readonly Cells[]) => void
}

/** What became of one view. */
export interface ViewResult {
  readonly name: string
  readonly version: number
  readonly file: string
  /** Lines, the header aside. */
  readonly rows: number
  readonly bytes: number
  /** Of the whole file. */
  readonly blake3: string
  /** Whether the file that lay there has these bytes. */
  readonly same: boolean
  /** The first byte in which the file that lay there differs; -1 where there is none or it is the same. */
  readonly differsAt: number
}

/**
 * Folds views from a log in one pass, line by line; compares each with the file that lies there, and unless it only
 * checks writes it anew: temporary file, sync, rename, sync of the folder. What is finished leaves memory on the way.
 */
export class ViewFiles {
  readonly #dir: string
  readonly #world = new World()
  readonly #views: readonly OneFile[]
  readonly #writes: boolean

  private constructor(dir: string, views: readonly OneFile[], writes: boolean) {
    this.#dir = dir
    this.#views = views
    this.#writes = writes
  }

  /** Opens views over the folder `dir` of a run; `writes` is false for a check, which changes nothing. */
  static async open(
    dir: string,
    of: { runId: string; views: readonly FileView[]; writes: boolean; also?: RowSink },
  ): Promise<ViewFiles> {
    if (of.writes) await mkdir(dir, { recursive: true })
    const views: OneFile[] = []
    for (const view of of.views) views.push(await OneFile.open(dir, view, of))
    return new ViewFiles(dir, views, of.writes)
  }

  /** Takes rows of the log, in order. */
  async take(rows: readonly Recorded[]): Promise<void> {
    for (const row of rows) {
      this.#world.take(row)
      for (const { view } of this.#views) view.take(row, this.#world)
    }
    for (const one of this.#views) await one.put(one.view.drain())
  }

  /** The log is over: the last rows, then all files at once take the place of the old ones. */
  async end(): Promise<ViewResult[]> {
    const results: ViewResult[] = []
    for (const one of this.#views) results.push(await one.end(this.#world))
    if (!this.#writes) return results
    for (const one of this.#views) await one.replace()
    const folder = await open(this.#dir, 'r')
    await folder.sync().finally(() => folder.close())
    return results
  }

  /** Leaves what lies there as it is. Not after `end`. */
  async abandon(): Promise<void> {
    for (const one of this.#views) await one.abandon()
  }
}

/** One view on its way into its file. */
class OneFile {
  readonly view: OpenView
  readonly #of: FileView
  readonly #path: string
  readonly #hasher: IHasher
  readonly #old: FileHandle | undefined
  readonly #temporary: FileHandle | undefined
  readonly #also: RowSink | undefined
  #waiting: string[] = []
  #length = 0
  #rows = 0
  #bytes = 0
  #differsAt = -1

  private constructor(
    path: string,
    { of, runId, hasher, old, temporary, also }: Parts & { of: FileView; runId: string },
  ) {
    this.#path = path
    this.#of = of
    this.view = of.open(runId)
    this.#hasher = hasher
    this.#old = old
    this.#temporary = temporary
    this.#also = also
  }

  static async open(
    dir: string,
    of: FileView,
    { runId, writes, also }: { runId: string; writes: boolean; also?: RowSink },
  ): Promise<OneFile> {
    const path = join(dir, of.file)
    const hasher = (await createBLAKE3()).init()
    const old = await openOld(path)
    const temporary = writes ? await open(`${path}.tmp`, 'w') : undefined
    const one = new OneFile(path, { of, runId, hasher, old, temporary, also })
    if (of.columns.length > 0) await one.#write([csvLine(of.columns)])
    return one
  }

  async put(rows: readonly Cells[]): Promise<void> {
    if (rows.length === 0) return
    this.#rows += rows.length
    this.#also?.put(this.#of, rows)
    await this.#write(rows.map(cells => lineOf(this.#of, cells)))
  }

  async end(world: World): Promise<ViewResult> {
    await this.put(this.view.drain())
    await this.put(this.view.rest(world))
    await this.#flush()
    const oldBytes = this.#old ? (await this.#old.stat()).size : -1
    if (this.#differsAt < 0 && oldBytes > this.#bytes) this.#differsAt = this.#bytes
    await this.#old?.close()
    await this.#temporary?.sync()
    await this.#temporary?.close()
    const { name, version, file } = this.#of
    return {
      ...{ name, version, file, rows: this.#rows, bytes: this.#bytes },
      blake3: this.#hasher.digest('hex'),
      same: oldBytes === this.#bytes && this.#differsAt < 0,
      differsAt: this.#differsAt,
    }
  }

  async replace(): Promise<void> {
    await rename(`${this.#path}.tmp`, this.#path)
  }

  async abandon(): Promise<void> {
    await this.#old?.close()
    if (!this.#temporary) return
    await this.#temporary.close()
    await rm(`${this.#path}.tmp`, { force: true })
  }

  async #write(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      this.#waiting.push(line, '\n')
      this.#length += line.length + 1
    }
    if (this.#length >= WAITING_MAX) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#length = 0
    if (bytes.length === 0) return
    this.#hasher.update(bytes)
    if (this.#old && this.#differsAt < 0) await this.#compare(this.#old, bytes)
    if (this.#temporary) await writeAll(this.#temporary, bytes)
    this.#bytes += bytes.length
  }

  async #compare(old: FileHandle, bytes: Buffer): Promise<void> {
    const there = Buffer.alloc(bytes.length)
    let length = 0
    while (length < there.length) {
      const at = this.#bytes + length
      const { bytesRead } = await old.read(there, length, there.length - length, at)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length === bytes.length && there.equals(bytes)) return
    let k = 0
    while (k < length && there[k] === bytes[k]) k++
    this.#differsAt = this.#bytes + k
  }
}

interface Parts {
  readonly hasher: IHasher
  readonly old: FileHandle | undefined
  readonly temporary: FileHandle | undefined
  readonly also: RowSink | undefined
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await file.write(bytes, done, bytes.length - done)).bytesWritten
}

/** The file that lies there, or nothing. */
async function openOld(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
