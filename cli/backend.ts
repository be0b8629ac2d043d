import type { BookFold } from '#engine/book/fold.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { ScanApi } from '#engine/log/prove/scan.js'
import type { SignerApi } from '#engine/gateways/polymarket/sign/native-signer.js'
import type { Parts } from '#engine/run/start.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import type { UsualReader } from '#engine/feeds/polymarket/decode/usual-reader.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { nativeUsual } from '#engine/native/usual-reader.js'
import type { JournalApi } from '#engine/log/write/journal.js'
import { Refusal, type Call } from './command.js'
import type { TapeOptions } from './tape.js'
import { askedOf, processSweep } from '../compat/process-sweep.js'

/** Every backend by name, beside `auto`. */
export const BACKENDS = ['ts', 'native', 'daemon', 'subprocess'] as const

/**
 * Who serves: a book fold, TypeScript's or the native one; or TypeScript's with the paper fills asked of the book-sim as
 * a process, one that stays (`daemon`) or one per order (`subprocess`).
 */
export type Backend = (typeof BACKENDS)[number]

/** What `--backend` takes, in words. */
export const BACKEND_HELP = 'auto, ts, native, daemon or subprocess'

/** Each backend in the words of a sentence. */
export const SERVES: Readonly<Record<Backend, string>> = {
  ts: 'TypeScript',
  native: 'native',
  daemon: 'TypeScript',
  subprocess: 'TypeScript',
}

/**
 * The backend that serves. `auto` is TypeScript for an engine that runs, even where there is an addon: it decides after
 * every frame, and one native call for a few changes costs more than folding them here (`polaris bench book`).
 * For one that replays it is the addon where there is one: a walk takes thousands of lines a call (`polaris bench replay`). So it is
 * for one that is fed by a recording of frames, which are walked over as well (`polaris bench import`).
 */
export function backendOf(wanted: string, use: 'run' | 'replay' = 'run'): Backend {
  if (wanted === 'auto') return use === 'replay' && scanApi() ? 'native' : 'ts'
  const known = BACKENDS.find(name => name === wanted)
  if (known === undefined)
    throw new Refusal('backend', `backend is '${wanted}'`, '--backend', BACKEND_HELP)
  if (known === 'native') addonOf()
  return known
}

/** An engine's parts, and what is known of them when it is done. */
export interface Serving {
  readonly parts: Parts
  /** What reads logs for it; TypeScript where it is absent. */
  readonly api?: ScanApi
  /** What TypeScript did in the stead of a process that failed; undefined for nothing. */
  readonly fallback: () => string | undefined
  /** Ends what was started for the engine. */
  readonly close: () => void
}

/** What the engine is made with, so that this backend serves. `say` hears of a process that fails. */
export function servingOf(backend: Backend, say: (line: string) => void): Serving {
  if (backend === 'daemon' || backend === 'subprocess') {
    const { sweep, fallback, close } = processSweep(askedOf(backend), say)
    return { parts: { sweep }, fallback, close }
  }
  const nothing = { fallback: () => undefined, close: () => undefined }
  if (backend === 'ts') return { parts: {}, ...nothing }
  const addon = addonOf()
  return { parts: { fold: new NativeFold(addon) }, api: addon, ...nothing }
}

/** For a walk over whole commits, which nothing decides upon: the native fold where there is one, else TypeScript's. */
export function walkingFold(): BookFold {
  const addon = loadAddon()
  return typeof addon === 'string' ? tsFold() : new NativeFold(addon)
}

/** What reads and proves logs natively, where there is an addon. */
export function scanApi(): ScanApi | undefined {
  const addon = loadAddon()
  return typeof addon === 'string' ? undefined : addon
}

/** How a run is put on tapes for passes by this backend. */
export function tapingOf(backend: Backend, call: Pick<Call, 'progress'>): TapeOptions {
  return {
    api: backend === 'native' ? scanApi() : undefined,
    progress: inputs => {
      call.progress(`${inputs.toLocaleString('en')} inputs decoded`)
    },
  }
}

/** What writes the log: the native journal with `native`, and with `auto` where it is there; else TypeScript. */
export function journalOf(wanted: string): JournalApi | undefined {
  if (wanted === 'native') return addonOf()
  const addon = loadAddon()
  return wanted !== 'auto' || typeof addon === 'string' ? undefined : addon
}

function addonOf(): Addon {
  const addon = loadAddon()
  if (typeof addon === 'string')
    throw new Refusal('backend', addon, '--backend native', 'auto or ts, or a built addon')
  return addon
}

/** What signs orders natively, where there is an addon. */
export function signerApi(): SignerApi | undefined {
  const addon = loadAddon()
  return typeof addon === 'string' ? undefined : addon
}

/** Who reads the frames of a live feed: Rust where there is an addon, and nobody wants TypeScript. */
export function usualReader(backend: string): { readonly reader?: () => UsualReader } {
  const addon = backend === 'ts' ? 'TypeScript is wanted' : loadAddon()
  return typeof addon === 'string' ? {} : { reader: () => nativeUsual(addon) }
}
