import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createBLAKE3 } from 'hash-wasm'
import { packed, unpacked } from '#engine/core/saved.js'
import type { Checkpoint, Keeper, Origin, Remark } from '#engine/log/store/checkpoint.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import type { EngineLoop, SavedEngine } from '#engine/run/engine-loop.js'
import { FOLDERS, runIdOf, startOf } from './runs.js'

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

/** Keeps the checkpoints of a run that is about to be written. */
export async function keeperOf(
  dir: string,
  { config, store, remark }: { config: string; store: RunStore; remark: Remark },
): Promise<Keeper> {
  const origin = { code: await codeDigest(), config }
  return store.checkpoints(dir).keeper({ runId: runIdOf(dir), origin, remark })
}

/** What the checkpoints of a run must be of, with this code. */
export async function originOf(dir: string, store = FOLDERS): Promise<Origin> {
  return { code: await codeDigest(), config: (await startOf(dir, store)).data.digest }
}

/** Where checkpoints are looked for, and who is told why one is not used. */
export interface Lookup {
  readonly remark?: Remark | undefined
  readonly store?: RunStore | undefined
}

/** The newest checkpoint of a run at or before an event that can be used. */
export async function checkpointAt(
  dir: string,
  atMost = Number.POSITIVE_INFINITY,
  { remark = () => undefined, store = FOLDERS }: Lookup = {},
): Promise<Checkpoint | undefined> {
  return await store.checkpoints(dir).find(await originOf(dir, store), atMost, remark)
}

/** The engine in a checkpoint. Its sum is right and this code wrote it: it is what `save` gave. */
export const engineOf = ({ engine }: Checkpoint): SavedEngine => unpacked(engine) as SavedEngine

/** Where the feed stood, or nothing where it could not say. */
export function placeOf(from: Checkpoint): { saved: unknown; ordinal: number } | undefined {
  const saved = unpacked(from.feed)
  return saved === undefined ? undefined : { saved, ordinal: engineOf(from).state.ordinal }
}

/** Compares the checkpoints of a run with a replay that passes them. Those that could not be used are passed over. */
export class Proof {
  proven = 0
  readonly wrong: number[] = []
  readonly #dir: string
  readonly #store: RunStore
  readonly #seqs: ReadonlySet<number>

  private constructor(store: RunStore, dir: string, seqs: readonly number[]) {
    this.#store = store
    this.#dir = dir
    this.#seqs = new Set(seqs)
  }

  static async of(dir: string, store = FOLDERS): Promise<Proof> {
    const seqs = await store
      .checkpoints(dir)
      .list()
      .catch(() => [])
    return new Proof(store, dir, seqs)
  }

  /** The replay stands behind this event. */
  async at(seq: number, loop: EngineLoop<unknown>): Promise<void> {
    if (!this.#seqs.has(seq)) return
    const origin = await originOf(this.#dir, this.#store)
    const found = await this.#store.checkpoints(this.#dir).read(seq, origin)
    if (typeof found === 'string') return
    if (found.engine === packed(loop.save())) this.proven++
    else this.wrong.push(seq)
  }
}
