import { setImmediate } from 'node:timers/promises'
import { ASK } from '#schemas/levels.js'
import type { Config } from '#schemas/config.js'
import type { Recorded } from '#schemas/recorded.js'
import { SCHEMA, type EventOf } from '#schemas/registry.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { notionalOf } from '#engine/book/view.js'
import { passOver, type Pass } from '#engine/run/pass.js'
import {
  leastEdgeOf,
  ledgerOfPass,
  type Brain,
  type BrainPoint,
  type Raised,
} from '#projections/reports/brain.js'
import { compare, scoreOf, type Scored } from '#projections/reports/ledger.js'
import { tallyOf } from '#projections/reports/tally.js'
import type { ShadowProfile } from '#projections/shadow.js'
import { World } from '#projections/world.js'
import { scanApi, servingOf, type Backend } from './backend.js'
import type { Call } from './command.js'
import { passConfig, startedWith } from './passes.js'
import { endOf, rowsOf, runIdOf, startOf } from './runs.js'
import { filesFor } from './strategies/kept.js'
import { withStrategies } from './strategies/own.js'
import { tapesOf, type Taped } from './tape.js'

/** Ask levels that tell how thick a leg is. */
const DEPTH_LEVELS = 3

/** A run that is decoded for passes: its tapes, and what the windows of signals look for. */
interface Source {
  readonly dir: string
  readonly head: string
  readonly data: EventOf<'RunStarted'>['data']
  readonly taped: Taped
  readonly prints: readonly Recorded[]
  readonly facts: World
}

/** Passes over runs, each of them once a combination. */
export class BrainPasses {
  readonly #call: Call
  readonly #backend: Backend
  readonly #sources: readonly Source[]
  /** By run, least edge and cooldown, which is all that the engine is told. */
  readonly #passed = new Map<string, Ledgered>()

  private constructor(call: Call, backend: Backend, sources: readonly Source[]) {
    this.#call = call
    this.#backend = backend
    this.#sources = sources
  }

  /** Reads and proves the runs; nothing where the operator stopped it. */
  static async over(
    dirs: readonly string[],
    call: Call,
    backend: Backend,
  ): Promise<BrainPasses | undefined> {
    const sources: Source[] = []
    const heads = new Set<string>()
    for (const dir of dirs) {
      const head = (await endOf(dir)).head
      if (heads.has(head)) call.note(`${dir} is left out: another run has the same head`)
      if (heads.has(head)) continue
      heads.add(head)
      const source = await sourceOf(dir, call, backend)
      if (call.stop.aborted) return undefined
      sources.push({ ...source, head })
    }
    sources.sort((a, b) => compare(runIdOf(a.dir), runIdOf(b.dir)) || compare(a.head, b.head))
    return new BrainPasses(call, backend, sources)
  }

  /** How many passes there were. */
  get passes(): number {
    return this.#passed.size
  }

  /** What a combination comes to, over all runs. */
  async point(
    brain: Brain,
    { profile, ratio }: { readonly profile: ShadowProfile; readonly ratio: number },
  ): Promise<BrainPoint> {
    const all: Ledgered[] = []
    for (const source of this.#sources) all.push(await this.#pass(source, brain))
    const rows = all.flatMap(({ runId, entries }) =>
      entries.map(entry => scoreOf(runId, entry, profile)),
    )
    const ok = rows.filter(({ isOk }: Scored) => isOk)
    return {
      runId: all.map(({ runId }) => runId).join('+'),
      brain,
      signals: rows.length,
      repeats: all.reduce((sum, { repeats }) => sum + repeats, 0),
      bad: rows.length - ok.length,
      edges: rows.map(({ shadow }) => shadow.edge),
      tally: tallyOf(ok, ratio),
    }
  }

  async #pass(source: Source, brain: Brain): Promise<Ledgered> {
    const key = `${source.dir}\n${leastEdgeOf(brain)}\n${brain.cooldownMs}`
    const known = this.#passed.get(key)
    if (known) return known
    const { started, config } = await shadowOf(source, this.#call, brain)
    const { parts, close } = withStrategies(servingOf(this.#backend, this.#call.note), config)
    const raised = raisedIn({ started, tapes: source.taped.tapes, parts })
    close()
    await setImmediate() // the process hears its signals
    const ledgered = {
      runId: runIdOf(source.dir),
      entries: ledgerOfPass(raised, source.prints, source.facts),
      repeats: raised.filter(({ isRepeat }) => isRepeat).length,
    }
    this.#passed.set(key, ledgered)
    return ledgered
  }
}

interface Ledgered {
  readonly runId: string
  readonly entries: ReturnType<typeof ledgerOfPass>
  readonly repeats: number
}

/** Without orders: what a brain signals depends on the feed alone. */
async function shadowOf(
  { dir, data }: Source,
  call: Call,
  brain: Brain,
): Promise<{ readonly started: EventOf<'RunStarted'>; readonly config: Config }> {
  const least = `${leastEdgeOf(brain)}`
  const keys = {
    'parity.min_edge_bps': least,
    'basket.min_edge_bps': least,
    'dedup.ttl_ms': `${brain.cooldownMs}`,
  }
  const schema = data.mode === 'import' ? SCHEMA : data.schema
  const config = passConfig(call.values, data, keys, filesFor(dir, call.values))
  return { started: await startedWith({ ...data, mode: 'shadow', schema }, config), config }
}

/** The signals of a pass, with the depths of their legs as they stood. */
function raisedIn({ parts = {}, ...pass }: Pass): Raised[] {
  const fold = parts.fold ?? tsFold()
  const found: { row: Recorded; depths: Map<number, number>; isRepeat: boolean }[] = []
  passOver({ ...pass, parts: { ...parts, fold } }, ({ rows }) => {
    for (const row of rows) {
      const { event } = row
      if (event.type === 'SignalRaised') {
        const depths = event.data.legs.map(({ token }) => {
          const book = fold.view(token)
          return [token, book ? notionalOf(book, ASK, DEPTH_LEVELS) : 0] as const
        })
        found.push({ row, depths: new Map(depths), isRepeat: false })
      } else if (event.type === 'DedupSignal') {
        const last = found.at(-1)
        if (last) last.isRepeat = true // it follows the signal that it is about
      }
    }
  })
  return found
}

/** A run on tapes, with its prints; markets and tokens are all that is asked of its world. */
async function sourceOf(dir: string, call: Call, backend: Backend): Promise<Omit<Source, 'head'>> {
  const { data } = await startOf(dir)
  const taped = await tapesOf(dir, {
    api: backend === 'native' ? scanApi() : undefined,
    progress: inputs => {
      call.progress(`${runIdOf(dir)}: ${inputs.toLocaleString('en')} inputs decoded`)
    },
  })
  const [prints, facts]: [Recorded[], World] = [[], new World()]
  for await (const rows of rowsOf(dir)) {
    if (call.stop.aborted) break
    for (const row of rows) {
      const { type } = row.event
      if (type === 'TradePrinted' || type === 'FeedLost') prints.push(row)
      if (type === 'MarketListed' || type === 'TokenListed') facts.take(row)
    }
  }
  return { dir, data, taped, prints, facts }
}
