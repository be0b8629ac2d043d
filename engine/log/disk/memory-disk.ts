import { dirname } from 'node:path'
import type { Disk, DiskFile, Opening, Release } from './disk.js'

/** A file: what a process sees, and what a crash leaves of it. */
interface MemoryFile {
  bytes: Buffer
  length: number
  /** Bytes from the start that are durable as they stand. */
  kept: number
  /** What was durable before bytes below `kept` were changed, until the next sync. */
  before: Buffer | undefined
}

/** Awaited within each write and each sync: how long they take. Nothing to wait for: no time at all. */
export type Pace = () => Promise<void> | undefined

/**
 * A disk that ends with the process and keeps the promises of a real one, no more: bytes survive a crash once their file was
 * synced, names once their folder was.
 */
export class MemoryDisk implements Disk {
  readonly #names = new Map<string, MemoryFile>()
  readonly #kept = new Map<string, MemoryFile>()
  readonly #locks = new Set<string>()
  readonly #pace: Pace
  #isDead = false

  /** `pace` says how slow it is. */
  constructor(pace: Pace = () => undefined) {
    this.#pace = pace
  }

  /**
   * Takes the power away: every later call here rejects. Answers with the disk as the machine finds it again; of what was
   * appended to a file and not synced the first `tornBytes` are still there.
   */
  crash(tornBytes = 0): MemoryDisk {
    this.#isDead = true
    const after = new MemoryDisk(this.#pace)
    for (const [path, file] of this.#kept) {
      const torn = file.before ? 0 : Math.min(tornBytes, file.length - file.kept)
      const bytes = Buffer.from(file.before ?? file.bytes.subarray(0, file.kept + torn))
      const left = { bytes, length: bytes.length, kept: bytes.length, before: undefined }
      after.#names.set(path, left)
      after.#kept.set(path, left)
    }
    return after
  }

  async open(path: string, how: Opening): Promise<DiskFile> {
    this.#live()
    const there = this.#names.get(path)
    if (how === 'new' && there) throw failure('EEXIST', path)
    if (there) {
      if (how === 'over') cut(there, 0)
      return this.#file(there)
    }
    if (how !== 'new' && how !== 'over') throw failure('ENOENT', path)
    const file = emptyFile()
    this.#names.set(path, file)
    return this.#file(file)
  }

  async makeDir(): Promise<void> {
    this.#live()
  }

  async list(path: string): Promise<readonly string[]> {
    this.#live()
    const below = [...this.#names.keys()].filter(name => name.startsWith(`${path}/`))
    return [...new Set(below.map(name => name.slice(path.length + 1).split('/')[0] ?? ''))]
  }

  async rename(source: string, target: string): Promise<void> {
    this.#live()
    const file = this.#names.get(source)
    if (!file) throw failure('ENOENT', source)
    this.#names.delete(source)
    this.#names.set(target, file)
  }

  async remove(path: string): Promise<void> {
    this.#live()
    if (!this.#names.delete(path)) throw failure('ENOENT', path)
  }

  async syncDir(path: string): Promise<void> {
    this.#live()
    for (const name of this.#kept.keys())
      if (dirname(name) === path && !this.#names.has(name)) this.#kept.delete(name)
    for (const [name, file] of this.#names) if (dirname(name) === path) this.#kept.set(name, file)
  }

  async lock(path: string): Promise<Release | undefined> {
    this.#live()
    if (this.#locks.has(path)) return undefined
    this.#locks.add(path)
    if (!this.#names.has(path)) this.#names.set(path, emptyFile())
    return async () => void this.#locks.delete(path)
  }

  /** Bytes of all files below a folder. */
  sizeBelow(path: string): number {
    return this.#below(path).reduce((sum, [, { length }]) => sum + length, 0)
  }

  /** Copies a folder, durably: a crash leaves all of the copy. */
  copyBelow(path: string, target: string): void {
    this.#live()
    for (const [name, { bytes, length }] of this.#below(path)) {
      const own = Buffer.from(bytes.subarray(0, length))
      const copy = { bytes: own, length, kept: length, before: undefined }
      this.#names.set(`${target}${name.slice(path.length)}`, copy)
      this.#kept.set(`${target}${name.slice(path.length)}`, copy)
    }
  }

  /** Removes a folder, durably. */
  removeBelow(path: string): void {
    this.#live()
    for (const [name] of this.#below(path)) {
      this.#names.delete(name)
      this.#kept.delete(name)
    }
  }

  #below(path: string): readonly (readonly [string, MemoryFile])[] {
    return [...this.#names].filter(([name]) => name.startsWith(`${path}/`))
  }

  #file(file: MemoryFile): DiskFile {
    const sync = async (): Promise<void> => {
      this.#live()
      const { length } = file // what is written meanwhile is not covered
      await this.#pace()
      this.#live()
      file.kept = Math.min(length, file.length)
      file.before = undefined
    }
    return {
      write: async (bytes, at) => {
        this.#live()
        await this.#pace()
        this.#live()
        write(file, bytes, at)
        return bytes.length
      },
      read: async (into, at) => file.bytes.subarray(0, file.length).copy(into, 0, at),
      size: async () => file.length,
      truncate: async length => {
        this.#live()
        cut(file, length)
      },
      sync,
      syncData: sync,
      close: async () => undefined,
    }
  }

  #live(): void {
    if (this.#isDead) throw failure('EIO', 'the power is off')
  }
}

const emptyFile = (): MemoryFile => ({
  bytes: Buffer.alloc(0),
  length: 0,
  kept: 0,
  before: undefined,
})

function write(file: MemoryFile, bytes: Uint8Array, at: number): void {
  if (at < file.kept) keepBefore(file)
  const end = at + bytes.length
  if (end > file.bytes.length) {
    const grown = Buffer.alloc(Math.max(end, 2 * file.bytes.length))
    file.bytes.copy(grown, 0, 0, file.length)
    file.bytes = grown
  }
  file.bytes.set(bytes, at)
  file.length = Math.max(file.length, end)
}

function cut(file: MemoryFile, length: number): void {
  if (length < file.kept) keepBefore(file)
  file.bytes.fill(0, length, file.length)
  file.length = length
}

/** Sets aside what a crash would leave, before it is changed in place. */
function keepBefore(file: MemoryFile): void {
  file.before ??= Buffer.from(file.bytes.subarray(0, file.kept))
}

const failure = (code: string, what: string): Error =>
  Object.assign(new Error(`${code}: ${what}`), { code })
