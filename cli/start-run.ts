import { arch, cpus, platform } from 'node:os'
import * as E from 'fp-ts/lib/Either.js'
import type { Config } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import type { ManifestStart } from '#schemas/manifest.js'
import type { Fault, Mode } from '#schemas/reasons.js'
import { instancesOf } from '#engine/run/instances.js'
import { SCHEMA, type EventOf } from '#schemas/registry.js'
import type { Feed } from '#engine/feeds/feed.js'
import type { Durability, LogWriter } from '#engine/log/event-log.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { KeepRun, RunStore, Upkeep } from '#engine/log/store/run-store.js'
import { run, type RunEnd } from '#engine/run/run.js'
import type { Parts } from '#engine/run/start.js'
import { decisionPart } from '#schemas/config.js'
import { backendOf, journalOf, servingOf, type Backend, type Serving } from './backend.js'
import type { Call } from './command.js'
import { digestOf } from './config.js'
import { signKey } from './seal-key.js'
import { keeperOf, placeOf } from './checkpoints.js'
import { pointTo } from './latest.js'
import { LiveViews } from './live-views.js'
import { openOperator } from './operator.js'
import { reopen } from './resume.js'
import { logRefusal, orRefuse, runIdOf, runsDirOf } from './runs.js'
import { keepFiles } from './strategies/kept.js'
import { strategiesOf } from './strategies/own.js'
import { requireSound } from './strategies/sound.js'

/** What to run, where, and how it is kept. */
export interface RunPlan {
  readonly dir: string
  readonly feed: Feed
  readonly config: Config
  readonly mode: Mode
  readonly seed: number
  readonly parent: string
  readonly durability: Durability
  readonly acks: boolean
  /** Faults of the simulated exchange. */
  readonly faults: readonly Fault[]
  /** By name: `BACKEND_HELP`. */
  readonly backend: string
  /** Whether the views are written as the run goes, where the configuration allows it. */
  readonly hasLiveViews?: boolean
  /** Seconds of the feed in one of the machine's; absent: as fast as it can. */
  readonly speed?: number | undefined
  /** Version of the registry whose rules decide: a counterfactual is judged as its original was. Absent: today's. */
  readonly schema?: number
  /** Where the run lives: in a folder, where nothing is said. */
  readonly store?: RunStore
}

/** `RunStarted` of a plan: everything that decides, nothing of this machine. */
export async function startedOf(plan: RunPlan): Promise<EventOf<'RunStarted'>> {
  const { mode, feed, seed, parent, config } = plan
  const all = decisionPart(config)
  const decisions =
    mode === 'import' ? { ...all, strategy: { ...all.strategy, names: [], instances: [] } } : all
  return RunStarted.make({
    parent,
    mode,
    source: feed.source,
    schema: plan.schema ?? SCHEMA,
    seed,
    faults: plan.faults,
    config: decisions,
    digest: await digestOf(decisions),
    ...(mode !== 'import' && { instances: instancesOf(decisions, strategiesOf(config)) }),
  })
}

/** Runs a plan in a new directory to its end. */
export async function runPlan(plan: RunPlan, call: Call): Promise<RunEnd> {
  return await served(plan, call, serving => freshRun(plan, call, serving))
}

async function freshRun(plan: RunPlan, call: Call, serving: Serving): Promise<RunEnd> {
  await requireSound(plan.config, call)
  const started = await startedOf(plan)
  const store = storeOf(plan)
  const upkeep = upkeepOf(plan, { call, store })
  const opened = await store.create(
    plan.dir,
    factsOf(plan, started.data.digest),
    keptAs(plan, upkeep, serving),
  )
  const log = orRefuse(opened)
  if (!plan.store) await keepFiles(plan.dir, plan.config)
  const fault = pointTo(plan.dir, runsDirOf(call.values))
  if (fault !== undefined) call.note(`run_latest still names an older run: ${fault}`)
  return await drive(plan, call, { started, log, store, upkeep, serving })
}

/** What a run's manifest says of its beginning. */
export function factsOf(plan: RunPlan, configDigest: string): ManifestStart {
  return {
    runId: runIdOf(plan.dir),
    mode: plan.mode,
    parent: plan.parent,
    source: plan.feed.source,
    startedUs: Date.now() * 1_000,
    runTag: plan.config.run.tag,
    node: process.version,
    backend: servesOf(plan),
    durability: plan.durability,
    machine: {
      platform: platform(),
      arch: arch(),
      cpu: cpus()[0]?.model ?? '',
      cores: `${cpus().length}`,
      journal: journalOf(plan.backend) ? 'native' : 'ts',
    },
    configDigest,
  }
}

/** Opens a crashed run, compares it up to its end, and goes on in the same log. */
export async function resumePlan(plan: RunPlan, call: Call): Promise<RunEnd> {
  return await served(plan, call, serving => resumedRun(plan, call, serving))
}

async function resumedRun(plan: RunPlan, call: Call, serving: Serving): Promise<RunEnd> {
  const store = storeOf(plan)
  const upkeep = upkeepOf(plan, { call, store })
  const remark = (line: string): void => {
    call.note(line)
  }
  const { parts } = serving
  const { log, loop, from, tornBytes } = await reopen(plan.dir, {
    ...{ store, parts, remark, keep: keptAs(plan, upkeep, serving) },
    again: () => ({
      ...servingOf(servesOf(plan), remark).parts,
      ...(parts.sweep && { sweep: parts.sweep }),
    }),
  })
  const started = await startedOf(plan)
  const place = from && placeOf(from)
  const resumed = { loop, tornBytes, ...(place && { place }) }
  await upkeep.takeOn()
  return await drive(plan, call, { started, log, resumed, store, upkeep, serving })
}

/** Who serves: a feed that a fold can walk over is taken as a log is. */
export const servesOf = ({ backend, feed }: RunPlan): Backend =>
  backendOf(backend, feed.rawChunks ? 'replay' : 'run')

/** Does a run with what its backend needs, and ends that behind it. */
async function served(
  plan: RunPlan,
  call: Call,
  work: (serving: Serving) => Promise<RunEnd>,
): Promise<RunEnd> {
  const serving = servingOf(servesOf(plan), line => {
    call.note(line)
  })
  try {
    return await work({ ...serving, parts: partsOf(plan, serving) })
  } finally {
    serving.close()
  }
}

/** What a plan's engine is made with: what its backend needs, and the strategies that it may name. */
export const partsOf = ({ config }: RunPlan, { parts }: Serving): Parts => ({
  ...parts,
  strategies: strategiesOf(config),
})

/** How a plan's log is kept. */
export function keptAs(
  { durability, config }: RunPlan,
  upkeep: Upkeep,
  { fallback }: Serving,
): KeepRun {
  const { commit_events: commitEvents, commit_ms: commitMs } = config.log
  return { durability, commitEvents, commitMs, fallback, upkeep, ...signKey() }
}

/** Where the journal is native, so is the compressing of what it leaves behind. */
export const NATIVE_PACKING = new URL('./native-pack-worker.js', import.meta.url)

/** Where a plan's run lives, and who writes there. */
export function storeOf({ store, backend }: RunPlan): RunStore {
  const journal = journalOf(backend)
  return store ?? folderStore('runs', journal ? { journal, packing: NATIVE_PACKING } : {})
}

/** What is done with parts of a plan's log that are over. */
export function upkeepOf(
  { dir, config }: RunPlan,
  { call, store }: { call: Call; store: RunStore },
): Upkeep {
  const { compress, compress_level: level } = config.log
  const remark = (line: string): void => {
    call.note(line)
  }
  return store.upkeep(dir, { compress, level, remark })
}

async function drive(
  plan: RunPlan,
  call: Call,
  with_: Pick<Parameters<typeof run>[0], 'started' | 'log' | 'resumed'> & {
    store: RunStore
    upkeep: Upkeep
    serving: Serving
  },
): Promise<RunEnd> {
  const { dir, feed, acks } = plan
  const views = viewsOf(plan, with_.log, call)
  if (acks)
    with_.log.onDurable(seq => {
      call.stream({ acked: seq })
    })
  const everyEvents = plan.config.log.checkpoint_events
  const { store, upkeep } = with_
  const remark = (line: string): void => {
    call.note(line)
  }
  const keeper = await keeperOf(dir, { started: with_.started, store, remark })
  const checkpoints = {
    everyEvents,
    get isBusy() {
      return keeper.isBusy
    },
    keep: keeper.keep.bind(keeper),
  }
  const operator = plan.hasLiveViews === true ? await openOperator(plan, call) : undefined
  const ended = await run({
    ...with_,
    feed: operator?.feed ?? feed,
    ...(operator && { operator: operator.queue }),
    parts: with_.serving.parts,
    ...(everyEvents > 0 && { checkpoints }),
    stop: call.stop,
    progress: ({ lastSeq, tUs }) => {
      call.progress(
        `${lastSeq.toLocaleString('en')} events, ${new Date(tUs / 1_000).toISOString()}`,
      )
    },
  }).catch(async (error: unknown) => {
    await upkeep.settled(AbortSignal.abort())
    await with_.log.close() // the run stays open and can be resumed; the error is the one to tell
    await views?.end({ lastSeq: with_.log.durableSeq, head: '' })
    if (with_.log.lastSeq === 0) await store.remove(dir)
    operator?.close()
    throw error
  })
  operator?.close()
  const { lastSeq, head } = E.isRight(ended) ? ended.right : { lastSeq: 0, head: '' }
  await views?.end({ lastSeq, head })
  await keeper.settled()
  if (upkeep.left > 0) call.progress('compressing what is over; Ctrl-C leaves the rest plain')
  await upkeep.settled(call.stop)
  if (E.isRight(ended)) return ended.right
  throw logRefusal(ended.left)
}

/** The views that go along with a run, where they are wanted. */
function viewsOf(
  { dir, config, hasLiveViews = false }: RunPlan,
  log: LogWriter,
  call: Call,
): LiveViews | undefined {
  const { live, every_ms: everyMs } = config.views
  return hasLiveViews && live ? new LiveViews(dir, { everyMs, log, call }) : undefined
}
