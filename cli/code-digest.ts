import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createBLAKE3 } from 'hash-wasm'

/** The compiled code that decides, and the one that makes the simulated world. */
const ROOMS = [
  'schemas',
  'engine/core',
  'engine/book',
  'engine/strategies',
  'engine/risk',
  'engine/oms',
  'engine/venues',
  'engine/gateways',
  'engine/run',
  'engine/feeds/simulator',
]
const CODE = resolve(import.meta.dirname, '..')

let known: Promise<string> | undefined

/**
 * BLAKE3 of the compiled code that a state is folded by. A checkpoint of other code is not used, so that a change of the
 * rules shows in the log that it would have written otherwise.
 */
export function codeDigest(): Promise<string> {
  known ??= digest()
  return known
}

async function digest(): Promise<string> {
  const hasher = await createBLAKE3()
  for (const room of ROOMS) {
    const files = readdirSync(join(CODE, room), { recursive: true, encoding: 'utf8' })
    const code = files.filter(file => file.endsWith('.js') && !/\.test\.js$|testing/.test(file))
    for (const file of code.sort()) hasher.update(readFileSync(join(CODE, room, file)))
  }
  return hasher.digest('hex')
}
