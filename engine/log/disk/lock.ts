import { open } from 'node:fs/promises'
import type { Release } from './disk.js'

/** Name of the lock file within a run's directory. Its presence means nothing; only the kernel's lock on it counts. */
export const LOCK_NAME = 'lock'

interface Native {
  readonly tryLock: (fd: number) => boolean
  readonly unlock: (fd: number) => void
}

/**
 * Takes the kernel's lock on the file at `path`, made if need be; undefined when somebody holds it. The kernel frees it
 * when the holder dies, however it dies. The native part is loaded here, on first use, so that reading never needs it.
 */
export async function lockFile(path: string): Promise<Release | undefined> {
  const { tryLock } = await native()
  const file = await open(path, 'a+')
  let isTaken = false
  try {
    isTaken = tryLock(file.fd)
  } finally {
    if (!isTaken) await file.close()
  }
  return isTaken ? () => file.close() : undefined
}

async function native(): Promise<Native> {
  // The package has no types; a name that is not a literal keeps the compiler from looking for them.
  const name: string = 'fs-native-extensions'
  const loaded = (await import(name)) as { readonly default: Native }
  return loaded.default
}
