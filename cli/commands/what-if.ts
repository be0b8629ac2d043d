import { completed } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import type { Summary } from '#projections/summary.js'
import { BACKEND_HELP, scanApi } from '../backend.js'
import { textOf, wordOf, type Call, type Command } from '../command.js'
import { changedConfig } from '../config.js'
import { dollars, sharesText } from '../format/money.js'
import { signalOf } from '#projections/trade-story.js'
import { recordedFeed } from '../recorded-feed.js'
import { commitsOf, freshDir, rowsOf, runDirOf, startOf } from '../runs.js'
import { runPlan } from '../start-run.js'
import { filesFor } from '../strategies/kept.js'
import { summarise } from './summary.js'

const USAGE = 'what-if DIR --set KEY=VALUE… [--backend B] [--out DIR]'

/** What became of one signal, in short. */
interface Fate {
  readonly end: string
  readonly size: number
  readonly edge: number
  readonly orders: number
  /** Change of our cash by its fills, fees included, in 1e-6 dollar. */
  readonly cash: number
}

/** `polaris what-if`: the same feed under another configuration, with the exchange and the clock derived anew. */
export const whatIfCommand: Command = {
  name: 'what-if',
  summary:
    'the same feed under another configuration: what changes, decision by decision and in money',
  usage: USAGE,
  example: 'what-if runs/demo --set parity.min_edge_bps=300',
  options: { out: { type: 'string' }, backend: { type: 'string' } },
  help: {
    '--out DIR': 'directory of the counterfactual run (default: below the runs directory)',
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const { config, mode, schema, seed, faults } = (await startOf(dir)).data
    const loaded = changedConfig(call.values, completed(config), filesFor(dir, call.values))
    const out = freshDir(call.values, `what-if`)
    const backend = textOf(call.values, 'backend') ?? loaded.config.run.backend
    const parent = await lastHead(dir)
    const feed = recordedFeed(dir)
    const plan = { dir: out, feed, config: loaded.config, mode, schema, seed, faults, parent }
    await runPlan({ ...plan, durability: 'none', acks: false, backend }, call)
    const [before, after] = [await fatesOf(dir), await fatesOf(out)]
    const [was, is] = [await summarise(dir), await summarise(out)]
    const changed = changesOf(before, after)
    const pnlMicro = pnlOf(was, is)
    say(call, { changed, pnlMicro, out })
    return { code: changed.length > 0 ? 1 : 0, json: { changed, pnlMicro, runDir: out } }
  },
}

/** One difference: the feed input that both runs saw, and what each made of it. */
export interface Change {
  readonly ordinal: number
  readonly signal: string
  readonly kind: 'appears' | 'disappears' | 'differs'
  readonly before: Fate | null
  readonly after: Fate | null
}

/** Differences by signal id, which is a function of the feed alone; in the order of the feed. */
export function changesOf(
  before: ReadonlyMap<string, Fate>,
  after: ReadonlyMap<string, Fate>,
): Change[] {
  const ordinalOf = (signal: string): number => Number(signal.slice(1).split('-')[0])
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort((a, b) => ordinalOf(a) - ordinalOf(b) || (a < b ? -1 : 1))
    .flatMap(signal => {
      const [was = null, is = null] = [before.get(signal), after.get(signal)]
      if (JSON.stringify(was) === JSON.stringify(is)) return []
      const kind = was === null ? 'appears' : is === null ? 'disappears' : 'differs'
      return [{ ordinal: ordinalOf(signal), signal, kind, before: was, after: is } as const]
    })
}

async function fatesOf(dir: string): Promise<ReadonlyMap<string, Fate>> {
  const fates = new Map<string, Fate>()
  for await (const rows of rowsOf(dir))
    for (const { event } of rows) {
      const signal = signalOf(event)
      if (signal === undefined) continue
      if (event.type === 'SignalRaised') fates.set(signal, fresh(event.data))
      const fate = fates.get(signal)
      if (!fate) continue
      if (event.type === 'OrderPlaced') fates.set(signal, { ...fate, orders: fate.orders + 1 })
      if (event.type === 'OrderFilled')
        fates.set(signal, { ...fate, cash: fate.cash + event.data.cash - event.data.fee })
      if (event.type === 'IntentRefused')
        fates.set(signal, { ...fate, end: event.data.reasons.join(', ') })
      if (event.type === 'DedupSignal')
        fates.set(signal, { ...fate, end: `repeats ${event.data.repeats}` })
      if (event.type === 'SignalDropped') fates.set(signal, { ...fate, end: event.data.reason })
      if (event.type === 'LegsSettled') fates.set(signal, { ...fate, end: event.data.result })
    }
  return fates
}

const fresh = ({ size, edge }: EventOf<'SignalRaised'>['data']): Fate => {
  return { end: 'open', size, edge, orders: 0, cash: 0 }
}

function pnlOf(was: Summary, is: Summary): { before: number; after: number; delta: number } {
  const total = ({ pnlMicro: { realised, open } }: Summary): number => realised + open
  const [before, after] = [total(was), total(is)]
  return { before, after, delta: after - before }
}

function say(
  call: Call,
  {
    changed,
    pnlMicro,
    out,
  }: { changed: readonly Change[]; pnlMicro: ReturnType<typeof pnlOf>; out: string },
): void {
  call.say(changed.length === 0 ? 'nothing changes' : `${changed.length} signals change:`)
  const text = (fate: Fate | null): string =>
    fate === null
      ? 'no signal'
      : `${sharesText(fate.size)} sets at ${fate.edge} bps: ${fate.end}, ${fate.orders} orders, cash ${dollars(fate.cash)}`
  for (const { signal, kind, before, after } of changed.slice(0, 20))
    call.say(`  ${signal.padEnd(10)} ${kind.padEnd(10)}  ${text(before)}  →  ${text(after)}`)
  if (changed.length > 20) call.say(`  … and ${changed.length - 20} more (--json has them all)`)
  const { before, after, delta } = pnlMicro
  call.say(`profit (realised and open) ${dollars(before)} → ${dollars(after)}: ${dollars(delta)}`)
  call.say(`the counterfactual run: ${out}`)
}

/** Head of the last whole commit: what the counterfactual names as its parent. */
async function lastHead(dir: string): Promise<string> {
  let head = ''
  for await (const commit of commitsOf(dir, { api: scanApi() })) head = commit.head
  return head
}
