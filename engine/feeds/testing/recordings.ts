import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** Where the public recordings lie: `POLARIS_DATA`, or beside the clone. */
const ROOT =
  process.env['POLARIS_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')

/** Why a test on a recording is skipped. */
export const ABSENT = 'the recordings are not beside this clone'

/** The folder of a recording, or undefined where it is not there. */
export function recording(name: string): string | undefined {
  const path = resolve(ROOT, name)
  return existsSync(path) ? path : undefined
}
