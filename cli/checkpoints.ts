import { blake3 } from 'hash-wasm'
import type { EventOf } from '#schemas/registry.js'
import { packed, unpacked } from '#engine/core/saved.js'
import type { Checkpoint, Keeper, Origin, Remark } from '#engine/log/store/checkpoint.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import type { EngineLoop, SavedEngine } from '#engine/run/engine-loop.js'
import { codeDigest } from './code-digest.js'
import { FOLDERS, runIdOf, startOf } from './runs.js'
import { codesOf } from './strategies/kept.js'

/** The code that a run is folded by: the program's, and that of its own strategies, which its first event names. */
async function codeFor(started: EventOf<'RunStarted'>): Promise<string> {
  const own = [...codesOf(started.data).values()]
  const program = await codeDigest()
  return own.length === 0 ? program : await blake3([program, ...own].join('\n'))
}

/** Keeps the checkpoints of a run that is about to be written. */
export async function keeperOf(
  dir: string,
  { started, store, remark }: { started: EventOf<'RunStarted'>; store: RunStore; remark: Remark },
): Promise<Keeper> {
  const origin = { code: await codeFor(started), config: started.data.digest }
  return store.checkpoints(dir).keeper({ runId: runIdOf(dir), origin, remark })
}

/** What the checkpoints of a run must be of, with this code. */
export async function originOf(dir: string, store = FOLDERS): Promise<Origin> {
  const started = await startOf(dir, store)
  return { code: await codeFor(started), config: started.data.digest }
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
