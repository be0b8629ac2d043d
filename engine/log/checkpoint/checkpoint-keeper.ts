import { CHECKPOINTS, checkpointsOf, writeCheckpoint } from './checkpoints.js'
import { readSmall, type Disk } from '../disk/disk.js'
import { placeOf } from '../disk/mark.js'
import { nodeDisk } from '../disk/node-disk.js'
import type { Checkpoint, Keeper, Origin, Remark } from '../store/checkpoint.js'

/** The newest checkpoints are kept, this many. */
export const CHECKPOINTS_NEWEST = 16

/** Of older ones all are kept as long as they take no more than this; then only the first of each segment. */
export const CHECKPOINT_BYTES_MAX = 67_108_864

/** A checkpoint that is there. */
export interface Kept {
  readonly segment: number
  readonly bytes: number
}

/** Which run's checkpoints are kept, and where. */
export interface KeeperOptions {
  readonly dir: string
  readonly run: string
  readonly origin: Origin
  readonly disk?: Disk
  /** What went wrong: a checkpoint is only a cache, so the run goes on without it. */
  readonly remark: Remark
}

/**
 * Writes the checkpoints of one run behind its back, one at a time; what comes while one is written is let go. Keeps the
 * newest ones; of older ones all within `CHECKPOINT_BYTES_MAX`, and the first in each segment, so that every event is
 * near one.
 */
export class CheckpointKeeper implements Keeper {
  readonly #of: KeeperOptions
  readonly #disk: Disk
  /** What is there, by sequence; undefined until the folder was read. */
  #kept: Map<number, Kept> | undefined
  #writing: Promise<void> | undefined

  constructor(of: KeeperOptions) {
    this.#of = of
    this.#disk = of.disk ?? nodeDisk
  }

  /** Whether the one before is still being written. */
  get isBusy(): boolean {
    return this.#writing !== undefined
  }

  /** Writes a checkpoint, unless one is being written. */
  keep(checkpoint: Checkpoint): void {
    if (this.#writing) return
    this.#writing = this.#write(checkpoint)
      .catch((error: unknown) => {
        this.#of.remark(`a checkpoint could not be kept: ${String(error)}`)
      })
      .finally(() => {
        this.#writing = undefined
      })
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const { dir, run, origin } = this.#of
    this.#kept ??= await this.#there()
    const bytes = await writeCheckpoint(this.#disk, dir, { run, origin, checkpoint })
    const { lastSeq } = checkpoint.mark
    const segment = placeOf(checkpoint.mark)?.segment ?? 0
    this.#kept.set(lastSeq, { segment, bytes })
    for (const seq of surplus(this.#kept)) {
      await this.#disk.remove(`${dir}/${CHECKPOINTS}/${seq}.json`)
      this.#kept.delete(seq)
    }
  }

  async #there(): Promise<Map<number, Kept>> {
    const { dir } = this.#of
    const kept = new Map<number, Kept>()
    for (const seq of await checkpointsOf(this.#disk, dir)) {
      const bytes = await readSmall(this.#disk, `${dir}/${CHECKPOINTS}/${seq}.json`)
      const found = /"segment":(\d+)/.exec(Buffer.from(bytes ?? []).toString('latin1'))
      kept.set(seq, { segment: Number(found?.[1] ?? 0), bytes: bytes?.length ?? 0 })
    }
    return kept
  }
}

/** The sequences of those that need not be kept: the oldest first. */
export function surplus(
  kept: ReadonlyMap<number, Kept>,
  bytesMax = CHECKPOINT_BYTES_MAX,
): number[] {
  const seqs = [...kept.keys()].sort((a, b) => a - b)
  const firsts = new Set<number>()
  const spare = seqs.slice(0, -CHECKPOINTS_NEWEST).filter(seq => {
    const segment = kept.get(seq)?.segment ?? 0
    const isFirst = !firsts.has(segment)
    firsts.add(segment)
    return !isFirst
  })
  let bytes = spare.reduce((sum, seq) => sum + (kept.get(seq)?.bytes ?? 0), 0)
  return spare.filter(seq => {
    const isTooMuch = bytes > bytesMax
    bytes -= kept.get(seq)?.bytes ?? 0
    return isTooMuch
  })
}
