import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const NAME = process.platform === 'win32' ? 'book-sim.exe' : 'book-sim'

/** Where `scripts/setup.mjs` puts the book-sim as a process; absent where it was not built. */
export const BOOK_SIM = join(resolve(import.meta.dirname, '..', '..'), 'native/target', NAME)

/** What a user hears where there is none. */
export const NO_BOOK_SIM = 'the book-sim process is not built (it takes cargo on the PATH)'

/** Whether the book-sim was built here. */
export const hasBookSim = (): boolean => existsSync(BOOK_SIM)
