import type { Disk, DiskFile, Opening, Release } from '../disk/disk.js'
import { nodeDisk } from '../disk/node-disk.js'
import type { Pace } from '../disk/memory-disk.js'

/** How long a file is, and how much of it a crash leaves. */
interface Length {
  synced: number
  written: number
}

/**
 * The disk of this machine until it is killed: then whoever writes on it is refused, locks are free, and of what was appended to a file and
 * not synced only so many bytes are there. Names, which a power cut may lose as well, stay.
 */
export class MortalDisk implements Disk {
  readonly #pace: Pace
  readonly #lengths = new Map<string, Length>()
  readonly #files = new Set<DiskFile>()
  readonly #locks = new Set<Release>()
  readonly #pending = new Set<Promise<unknown>>()
  /** Calls that the machine's disk has not answered. */
  #working = 0
  #isDead = false
  #die: () => void = () => undefined
  readonly #death = new Promise<void>(resolve => {
    this.#die = resolve
  })

  constructor(pace: Pace = () => undefined) {
    this.#pace = pace
  }

  /** Whether the machine's own disk is at work. */
  get isBusy(): boolean {
    return this.#working > 0
  }

  /** Resolves once the disk is as it is found again. */
  async kill(tornBytes: number): Promise<void> {
    this.#isDead = true
    this.#die()
    await Promise.allSettled(this.#pending)
    for (const file of this.#files) await file.close()
    for (const release of this.#locks) await release()
    for (const [path, { synced, written }] of this.#lengths) {
      const length = Math.min(written, synced + tornBytes)
      if (length === written) continue
      const file = await nodeDisk.open(path, 'edit')
      await file.truncate(length)
      await file.close()
    }
  }

  open(path: string, how: Opening): Promise<DiskFile> {
    return this.#do(async () => {
      const file = await nodeDisk.open(path, how)
      this.#files.add(file)
      if (how === 'read') return this.#counted(file, { synced: 0, written: 0 })
      const size = await file.size()
      const length = { synced: size, written: size }
      this.#lengths.set(path, length)
      return this.#counted(file, length)
    })
  }

  makeDir(path: string): Promise<void> {
    return this.#do(() => nodeDisk.makeDir(path))
  }

  list(path: string): Promise<readonly string[]> {
    return this.#do(() => nodeDisk.list(path))
  }

  rename(source: string, target: string): Promise<void> {
    return this.#do(async () => {
      await nodeDisk.rename(source, target)
      const length = this.#lengths.get(source)
      this.#lengths.delete(source)
      if (length) this.#lengths.set(target, length)
    })
  }

  remove(path: string): Promise<void> {
    return this.#do(async () => {
      await nodeDisk.remove(path)
      this.#lengths.delete(path)
    })
  }

  syncDir(path: string): Promise<void> {
    return this.#do(() => nodeDisk.syncDir(path))
  }

  lock(path: string): Promise<Release | undefined> {
    return this.#do(async () => {
      const release = await nodeDisk.lock(path)
      if (!release) return undefined
      this.#locks.add(release)
      return async () => {
        if (this.#locks.delete(release)) await release()
      }
    })
  }

  #counted(file: DiskFile, length: Length): DiskFile {
    const synced = (sync: () => Promise<void>) => () =>
      this.#do(async () => {
        const { written } = length // what is written meanwhile is not covered
        await this.#wait()
        await sync()
        length.synced = Math.max(length.synced, written)
      })
    return {
      ...file,
      write: (bytes, at) =>
        this.#do(async () => {
          await this.#wait()
          const done = await file.write(bytes, at)
          length.written = Math.max(length.written, at + done)
          return done
        }),
      truncate: to =>
        this.#do(async () => {
          await file.truncate(to)
          length.written = to
          length.synced = Math.min(length.synced, to)
        }),
      sync: synced(file.sync),
      syncData: synced(file.syncData),
      close: () =>
        this.#do(async () => {
          if (this.#files.delete(file)) await file.close()
        }),
    }
  }

  /** As long as a call takes, or until a kill, which it does not outlive. */
  async #wait(): Promise<void> {
    this.#working--
    await Promise.race([this.#pace(), this.#death])
    this.#working++
    if (this.#isDead) throw killed()
  }

  /** Does something that a kill waits for, unless it came before. */
  async #do<A>(work: () => Promise<A>): Promise<A> {
    if (this.#isDead) throw killed()
    this.#working++
    const doing = work()
    this.#pending.add(doing)
    try {
      return await doing
    } finally {
      this.#working--
      this.#pending.delete(doing)
    }
  }
}

const killed = (): Error => Object.assign(new Error('EIO: killed'), { code: 'EIO' })
