import type { BookFold } from '#engine/book/fold.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { Parts } from '#engine/run/start.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import type { JournalDoor } from '#engine/log/journal.js'
import { Refusal } from './command.js'

/** Which book fold serves. */
export type Backend = 'ts' | 'native'

/**
 * The backend that serves the engine. `auto` is TypeScript even where there is an addon: the engine decides after every
 * frame, and one call through the door for a few changes costs more than folding them here (`polaris bench book`).
 */
export function backendOf(wanted: string): Backend {
  if (wanted === 'auto' || wanted === 'ts') return 'ts'
  if (wanted !== 'native')
    throw new Refusal('backend', `backend is '${wanted}'`, '--backend', 'auto, ts or native')
  addonOf()
  return 'native'
}

/** What the engine is made with, so that this backend serves. */
export function partsOf(backend: Backend): Parts {
  return backend === 'ts' ? {} : { fold: new NativeFold(addonOf()) }
}

/** For a walk over whole commits, which nothing decides upon: the native fold where there is one, else TypeScript's. */
export function walkingFold(): BookFold {
  const addon = loadAddon()
  return typeof addon === 'string' ? tsFold() : new NativeFold(addon)
}

/** What writes the log: the native journal with `native`, and with `auto` where it is there; else TypeScript. */
export function journalOf(wanted: string): JournalDoor | undefined {
  if (wanted === 'ts') return undefined
  if (wanted !== 'auto') return addonOf()
  const addon = loadAddon()
  return typeof addon === 'string' ? undefined : addon
}

function addonOf(): Addon {
  const addon = loadAddon()
  if (typeof addon === 'string')
    throw new Refusal('backend', addon, '--backend native', 'auto or ts, or a built addon')
  return addon
}
