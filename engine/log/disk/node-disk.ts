import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import type { Disk, DiskFile, Opening } from './disk.js'
import { lockFile } from './lock.js'

const FLAGS: Readonly<Record<Opening, string>> = { new: 'wx+', over: 'w+', edit: 'r+', read: 'r' }

/** The disk of this machine. Works off the main thread, so that the event loop goes on while it syncs. */
export const nodeDisk: Disk = {
  open: async (path, how) => fileOf(await open(path, FLAGS[how])),
  makeDir: async path => {
    await mkdir(path, { recursive: true })
  },
  list: path => readdir(path),
  rename,
  remove: unlink,
  syncDir: async path => {
    const dir = await open(path, 'r')
    try {
      await dir.sync()
    } finally {
      await dir.close()
    }
  },
  lock: lockFile,
}

function fileOf(handle: FileHandle): DiskFile {
  return {
    write: async (bytes, at) => (await handle.write(bytes, 0, bytes.length, at)).bytesWritten,
    read: async (into, at) => (await handle.read(into, 0, into.length, at)).bytesRead,
    size: async () => (await handle.stat()).size,
    truncate: length => handle.truncate(length),
    sync: () => handle.sync(),
    syncData: () => handle.datasync(),
    close: () => handle.close(),
  }
}
