import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Where `npm run build` puts the page: beside the compiled program, never in the repository. */
const FOLDER = resolve(import.meta.dirname, '..', 'window')

/** The built page; undefined where it was not built. */
export const windowFiles = (): string | undefined =>
  existsSync(resolve(FOLDER, 'index.html')) ? FOLDER : undefined
