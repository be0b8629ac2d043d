import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blake3 } from '@noble/hashes/blake3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { stateDir } from '../state-dir.js'

/**
 * Code that this user has named by its file, here, before. The rules of strategies guard against mistakes and are no sandbox, and a run's
 * folder may come from anybody: what it brings along runs only where its user has named the same code.
 */
const placeOf = (js: string): string =>
  join(stateDir(), 'strategies', bytesToHex(blake3(utf8ToBytes(js))))

/** The user named this code. Where that cannot be noted down it has to be named again each time. */
export function trust(js: string): void {
  const place = placeOf(js)
  if (existsSync(place)) return
  try {
    mkdirSync(join(stateDir(), 'strategies'), { recursive: true, mode: 0o700 })
    writeFileSync(place, '', { mode: 0o600 })
  } catch {
    // A folder that cannot be written: nothing is trusted without being named.
  }
}

/** Whether the user has named this code. */
export const isTrusted = (js: string): boolean => existsSync(placeOf(js))
