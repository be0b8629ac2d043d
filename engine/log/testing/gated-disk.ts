import type { Disk, DiskFile } from '../disk/disk.js'

/** A disk whose writes to segments wait until the gate lets them through, one at a time or all. */
export class Gate {
  readonly #waiting: (() => void)[] = []
  #isOpen = false
  /** Writes in flight now, and the most there ever were. */
  inFlight = 0
  most = 0

  get waiting(): number {
    return this.#waiting.length
  }

  /** Lets one waiting write through. */
  pass(): void {
    this.#waiting.shift()?.()
  }

  /** Lets all writes through from now on. */
  open(): void {
    this.#isOpen = true
    while (this.waiting > 0) this.pass()
  }

  over(disk: Disk): Disk {
    return {
      open: async (path, how) => {
        const file = await disk.open(path, how)
        return path.includes('events-') ? this.#gated(file) : file
      },
      makeDir: path => disk.makeDir(path),
      list: path => disk.list(path),
      rename: (source, target) => disk.rename(source, target),
      remove: path => disk.remove(path),
      syncDir: path => disk.syncDir(path),
      lock: path => disk.lock(path),
    }
  }

  #gated(file: DiskFile): DiskFile {
    return {
      ...file,
      write: async (bytes, at) => {
        this.most = Math.max(this.most, ++this.inFlight)
        if (!this.#isOpen) await new Promise<void>(resolve => this.#waiting.push(resolve))
        const written = await file.write(bytes, at)
        this.inFlight--
        return written
      },
    }
  }
}
