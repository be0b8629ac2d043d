import { dirname } from 'node:path'
import type { Disk, DiskFile, Opening, Release } from '../disk/disk.js'

/** Bytes that a disk keeps or loses as one. */
export const SECTOR = 512

/** What goes wrong at one operation: the power fails, the call fails, or it writes only a part. */
export interface Fault {
  /** Which mutating operation, from 1. */
  readonly op: number
  readonly how: 'crash' | 'EIO' | 'ENOSPC' | 'short'
}

interface Inode {
  /** What a process sees. */
  live: Buffer
  /** What surely survives. */
  kept: Buffer
}

/** A change that a crash may lose: of a file's bytes, or of a directory's entries. */
type Change =
  | Readonly<{ tag: 'write'; inode: Inode; at: number; bytes: Buffer }>
  | Readonly<{ tag: 'truncate'; inode: Inode; length: number }>
  | Readonly<{ tag: 'entry'; dir: string; gone: string | undefined; made?: [string, Inode] }>

/** Which changes survive a crash, in their order: all bytes up to a number, or whatever the dice say. */
export type Survival =
  | Readonly<{ tag: 'prefix'; bytes: number }>
  | Readonly<{ tag: 'dice'; roll: (below: number) => number }>

/**
 * A disk in memory that keeps only what was synced: bytes by the sync of their file, names by the sync of their
 * directory. It fails once, at the operation it is told, and `survivor` is what a machine finds after the power came
 * back.
 */
export class FaultyDisk implements Disk {
  /** What a process sees, by path. */
  readonly files = new Map<string, Inode>()
  readonly #kept = new Map<string, Inode>()
  readonly #locks = new Set<string>()
  #changes: Change[] = []
  #fault: Fault | undefined
  #isDead = false
  /** Mutating operations so far. */
  ops = 0
  /** Files that are open. */
  openFiles = 0

  constructor(fault?: Fault) {
    this.#fault = fault
  }

  /** Bytes that are written and not synced. */
  get unsyncedBytes(): number {
    return this.#changes.reduce((sum, it) => sum + (it.tag === 'write' ? it.bytes.length : 0), 0)
  }

  /** A disk with these files, durable. */
  static of(files: Iterable<readonly [path: string, content: Uint8Array]>): FaultyDisk {
    const disk = new FaultyDisk()
    for (const [path, content] of files) {
      const inode = { live: Buffer.from(content), kept: Buffer.from(content) }
      disk.files.set(path, inode)
      disk.#kept.set(path, inode)
    }
    return disk
  }

  /** Copies of all files, by path. */
  get contents(): Map<string, Buffer> {
    return new Map([...this.files].map(([path, { live }]) => [path, Buffer.from(live)]))
  }

  /** This disk, failing from now on: operations count from 1 again. */
  failing(fault: Fault): this {
    this.#fault = fault
    this.ops = 0
    return this
  }

  /** The disk after a crash that kept, of what was not synced, what `survival` says. */
  survivor(survival: Survival): FaultyDisk {
    const after = new FaultyDisk()
    const copies = new Map<Inode, Inode>()
    const copyOf = (inode: Inode): Inode => {
      const copy = copies.get(inode) ?? { live: Buffer.from(inode.kept), kept: Buffer.alloc(0) }
      copies.set(inode, copy)
      return copy
    }
    for (const [path, inode] of this.#kept) after.files.set(path, copyOf(inode))
    const lost = new Map<Inode, Set<number>>()
    let left = survival.tag === 'prefix' ? survival.bytes : Infinity
    for (const change of this.#changes) {
      if (left <= 0) break
      if (change.tag === 'write') {
        const bytes = change.bytes.subarray(0, Math.min(left, change.bytes.length))
        left -= bytes.length
        const copy = copyOf(change.inode)
        const gone = lost.get(change.inode) ?? new Set<number>()
        lost.set(change.inode, gone)
        for (const [from, to] of sectors(change.at, bytes.length)) {
          // A sector is kept as it was at some moment: what came later to a lost one is lost too.
          const sector = Math.floor((change.at + from) / SECTOR)
          if (survival.tag === 'dice' && survival.roll(2) === 0) gone.add(sector)
          if (gone.has(sector)) continue
          copy.live = written(copy.live, bytes.subarray(from, to), change.at + from)
        }
      } else if (survival.tag === 'dice' && survival.roll(2) === 0) continue
      else if (change.tag === 'truncate')
        copyOf(change.inode).live = cut(copyOf(change.inode).live, change.length)
      else {
        if (change.gone !== undefined) after.files.delete(change.gone)
        if (change.made) after.files.set(change.made[0], copyOf(change.made[1]))
      }
    }
    for (const [path, inode] of after.files) {
      inode.kept = Buffer.from(inode.live)
      after.#kept.set(path, inode)
    }
    return after
  }

  async open(path: string, how: Opening): Promise<DiskFile> {
    const there = this.files.get(path)
    if (how === 'new' && there) throw failure('EEXIST')
    if ((how === 'edit' || how === 'read') && !there) throw failure('ENOENT')
    if (how === 'edit' || how === 'read') return this.#file(there!)
    this.#step()
    const inode = there ?? { live: Buffer.alloc(0), kept: Buffer.alloc(0) }
    if (there) this.#change({ tag: 'truncate', inode, length: 0 })
    else this.#change({ tag: 'entry', dir: dirname(path), gone: undefined, made: [path, inode] })
    return this.#file(inode)
  }

  async makeDir(): Promise<void> {
    this.#step()
  }

  async list(path: string): Promise<readonly string[]> {
    const inside = [...this.files.keys()].filter(name => dirname(name) === path)
    return inside.map(name => name.slice(path.length + 1))
  }

  async rename(source: string, target: string): Promise<void> {
    this.#step()
    const inode = this.files.get(source)
    if (!inode) throw failure('ENOENT')
    this.#change({ tag: 'entry', dir: dirname(target), gone: source, made: [target, inode] })
  }

  async remove(path: string): Promise<void> {
    this.#step()
    this.#change({ tag: 'entry', dir: dirname(path), gone: path })
  }

  async syncDir(path: string): Promise<void> {
    this.#step()
    this.#keep(change => change.tag === 'entry' && change.dir === path)
  }

  async lock(path: string): Promise<Release | undefined> {
    if (this.#locks.has(path)) return undefined
    this.#locks.add(path)
    return async () => void this.#locks.delete(path)
  }

  #file(inode: Inode): DiskFile {
    this.openFiles++
    const sync = async (): Promise<void> => {
      this.#step()
      this.#keep(change => change.tag !== 'entry' && change.inode === inode)
    }
    return {
      write: async (bytes, at) => {
        const isShort = this.#step((part: number) =>
          this.#write(inode, bytes.subarray(0, part), at),
        )
        const whole = isShort ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes
        this.#write(inode, whole, at)
        return whole.length
      },
      read: async (into, at) => inode.live.copy(into, 0, at),
      size: async () => inode.live.length,
      truncate: async length => {
        this.#step()
        this.#change({ tag: 'truncate', inode, length })
      },
      sync,
      syncData: sync,
      close: async () => {
        this.openFiles--
      },
    }
  }

  #write(inode: Inode, bytes: Uint8Array, at: number): void {
    this.#change({ tag: 'write', inode, at, bytes: Buffer.from(bytes) })
  }

  /** Counts an operation and lets it fail where it is told to. Returns whether it is to write only a part. */
  #step(torn?: (bytes: number) => void): boolean {
    if (this.#isDead) throw failure('power is off')
    const fault = this.#fault
    if (++this.ops !== fault?.op) return false
    if (fault.how === 'short') return true
    if (fault.how === 'crash') {
      this.#isDead = true
      torn?.(Infinity)
      throw failure('power is off')
    }
    if (fault.how === 'ENOSPC') torn?.(7)
    throw failure(fault.how)
  }

  #change(change: Change): void {
    this.#changes.push(change)
    apply(change, this.files, 'live')
  }

  #keep(which: (change: Change) => boolean): void {
    for (const change of this.#changes.filter(which)) apply(change, this.#kept, 'kept')
    this.#changes = this.#changes.filter(change => !which(change))
  }
}

function apply(change: Change, entries: Map<string, Inode>, side: 'live' | 'kept'): void {
  if (change.tag === 'write')
    change.inode[side] = written(change.inode[side], change.bytes, change.at)
  else if (change.tag === 'truncate') change.inode[side] = cut(change.inode[side], change.length)
  else {
    if (change.gone !== undefined) entries.delete(change.gone)
    if (change.made) entries.set(...change.made)
  }
}

function written(content: Buffer, bytes: Uint8Array, at: number): Buffer {
  const grown = Buffer.alloc(Math.max(content.length, at + bytes.length))
  content.copy(grown)
  grown.set(bytes, at)
  return grown
}

const cut = (content: Buffer, length: number): Buffer => Buffer.from(content.subarray(0, length))

/** The pieces of a write that fall into one sector each. */
function sectors(at: number, length: number): [from: number, to: number][] {
  const pieces: [number, number][] = []
  for (let from = 0; from < length;) {
    const to = Math.min(length, from + SECTOR - ((at + from) % SECTOR))
    pieces.push([from, to])
    from = to
  }
  return pieces
}

const failure = (code: string): Error => Object.assign(new Error(code), { code })
