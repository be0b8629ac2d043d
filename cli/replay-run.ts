import { blake3 } from 'hash-wasm'
import { Replay, type Divergence } from '#engine/run/replay.js'
import { stateText } from '#engine/run/state-text.js'
import type { Parts } from '#engine/run/start.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { Refusal } from './command.js'
import type { ScanApi } from '#engine/log/prove/scan.js'
import type { Checkpoint, Remark } from '#engine/log/store/checkpoint.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import { checkpointAt, engineOf, Proof } from './checkpoints.js'
import { commitsFrom, commitsOf, startOf } from './runs.js'
import { strategiesOfRun } from './strategies/kept.js'

/** What a replay found. */
export interface Replayed {
  readonly identical: boolean
  readonly inputs: number
  readonly decisions: number
  readonly lastSeq: number
  readonly firstDivergence: Divergence | null
  /** BLAKE3 of the engine's state where the replay stopped. */
  readonly stateHash: string
  readonly eventsPerSecond: number
  /** Head of the last commit that was read. */
  readonly head: string
  /** The checkpoint that it began at; 0 for the first event. */
  readonly fromSeq: number
  /** Checkpoints on the way that hold this very state, and those that hold another. */
  readonly checkpoints: { readonly proven: number; readonly wrong: readonly number[] }
}

/** How much of a run is run again, and how. */
export interface ReplayOptions {
  readonly untilSeq?: number | undefined
  readonly parts?: Parts
  readonly progress?: (seq: number) => void
  /** Begin at the last checkpoint that fits; what lies before it is taken on its word. */
  readonly fromCheckpoint?: boolean
  /** What derives heads; TypeScript where it is absent. */
  readonly api?: ScanApi | undefined
  /** Where the run lives: in a folder, where nothing is said. */
  readonly store?: RunStore
  /** Files of its strategies; absent: those that it keeps. */
  readonly files?: readonly string[] | undefined
  /** Told why a checkpoint is not used. */
  readonly remark?: Remark
}

/** Runs a run's log again and compares every line, up to its end or `untilSeq`. */
export async function replayRun(
  dir: string,
  {
    untilSeq,
    parts,
    progress,
    fromCheckpoint = false,
    remark,
    api,
    store,
    files,
  }: ReplayOptions = {},
): Promise<{ result: Replayed; replay: Replay; from: Checkpoint | undefined }> {
  const own = parts?.strategies ? undefined : await codeFor(dir, { store, files })
  const replay = new Replay({ ...parts, ...(own && { strategies: own }) }, untilSeq)
  const started = process.hrtime.bigint()
  let found: Divergence | undefined
  const from = fromCheckpoint ? await checkpointAt(dir, untilSeq, { remark, store }) : undefined
  if (from) replay.load(await startOf(dir, store), engineOf(from))
  const fromSeq = from?.mark.lastSeq ?? 0
  let head = from?.mark.head ?? ''
  const proof = await Proof.of(dir, store)
  const read = { api, ...(store && { store }) }
  for await (const commit of from ? commitsFrom(dir, from.mark, store) : commitsOf(dir, read)) {
    const outcome = replay.lines(commit.bytes)
    head = commit.head
    if (outcome === undefined && replay.loop) await proof.at(commit.lastSeq, replay.loop)
    progress?.(commit.lastSeq)
    if (outcome === undefined) continue
    if (outcome !== 'done') found = outcome
    break
  }
  const { loop } = replay
  if (!loop && !found)
    throw new Refusal('no-run', 'the log holds no whole commit', dir, 'a run that began')
  const seconds = Number(process.hrtime.bigint() - started) / 1e9
  const result: Replayed = {
    identical: found === undefined,
    inputs: loop?.inputs ?? 0,
    decisions: loop?.decisions ?? 0,
    lastSeq: loop?.lastSeq ?? 0,
    firstDivergence: found ?? null,
    stateHash: loop ? await blake3(stateText(loop.state)) : '',
    eventsPerSecond: Math.round(((loop?.lastSeq ?? 0) - fromSeq) / seconds),
    head,
    fromSeq,
    checkpoints: { proven: proof.proven, wrong: proof.wrong },
  }
  return { result, replay, from }
}

/** The strategies that the run was made by, where they are not all the program's. A log without a first event says so by itself. */
async function codeFor(
  dir: string,
  { store, files }: { store: RunStore | undefined; files: readonly string[] | undefined },
): Promise<Strategies | undefined> {
  const started = await startOf(dir, store).catch(() => undefined)
  return started && strategiesOfRun(dir, started.data, files)
}
