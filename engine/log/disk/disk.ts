/** An open file. Every method rejects with the system's error; a short `write` or `read` says how much it did. */
export interface DiskFile {
  readonly write: (bytes: Uint8Array, at: number) => Promise<number>
  /** Bytes read into the start of `into`; 0 at the end of the file. */
  readonly read: (into: Uint8Array, at: number) => Promise<number>
  readonly size: () => Promise<number>
  readonly truncate: (length: number) => Promise<void>
  /** Makes content and metadata durable (fsync). */
  readonly sync: () => Promise<void>
  /** Makes content and length durable (fdatasync). */
  readonly syncData: () => Promise<void>
  readonly close: () => Promise<void>
}

/** How a file is opened: it must be new; made or emptied; changed in place; only read. */
export type Opening = 'new' | 'over' | 'edit' | 'read'

/** Lets go of a lock. */
export type Release = () => Promise<void>

/** What the log needs of a file system: a port, so that tests can crash it at every operation. */
export interface Disk {
  readonly open: (path: string, how: Opening) => Promise<DiskFile>
  /** Makes the directory and those above it; nothing when it is there. */
  readonly makeDir: (path: string) => Promise<void>
  readonly list: (path: string) => Promise<readonly string[]>
  readonly rename: (source: string, target: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
  /** Makes the entries of a directory durable: files made, renamed and removed in it. */
  readonly syncDir: (path: string) => Promise<void>
  /** Takes the lock that lies at `path`, made if need be; undefined when somebody holds it. */
  readonly lock: (path: string) => Promise<Release | undefined>
}

/** Whether an error says that there is no such file or directory. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Writes all of `bytes`, going on after short writes. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const written = await file.write(done === 0 ? bytes : bytes.subarray(done), at + done)
    if (written <= 0) throw new Error(`wrote ${done} of ${bytes.length} bytes at ${at}`)
    done += written
  }
}

/** The whole of a small file, or undefined where there is none. */
export async function readSmall(disk: Disk, path: string): Promise<Uint8Array | undefined> {
  let file: DiskFile
  try {
    file = await disk.open(path, 'read')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const bytes = new Uint8Array(await file.size())
    let length = 0
    while (length < bytes.length) {
      const read = await file.read(bytes.subarray(length), length)
      if (read === 0) break
      length += read
    }
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}

/** Replaces `dir/name` at once and durably: temporary file, sync, rename, directory sync. */
export async function replaceFile(
  disk: Disk,
  at: { dir: string; name: string; bytes: Uint8Array },
): Promise<void> {
  const target = `${at.dir}/${at.name}`
  const file = await disk.open(`${target}.tmp`, 'over')
  try {
    await writeAll(file, at.bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(`${target}.tmp`, target)
  await disk.syncDir(at.dir)
}
