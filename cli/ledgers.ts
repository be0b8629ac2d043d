import { resolve } from 'node:path'
import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { inOrder, Ledger, type RunLedger } from '#projections/reports/ledger.js'
import { World } from '#projections/world.js'
import { wordOf, type Answer, type Call } from './command.js'
import { endOf, rowsOf, runDirOf, runIdOf } from './runs.js'

/** A run's ledger, and where it lies. */
export interface LedgerOf extends RunLedger {
  readonly dir: string
  readonly lastSeq: number
  /** Of the configuration that it began with. */
  readonly digest: string
}

/** What a verb answers that the operator stopped before it had anything to say. */
export function stopped(call: Call): Answer {
  call.note('stopped: nothing was written')
  return { code: 130, json: { stopped: true } }
}

/** The directories of the runs that are named, at least one. A directory that is named twice is read once. */
export function runDirsOf(call: Call, usage: string): readonly string[] {
  wordOf(call, 0, 'DIR', usage)
  const dirs = call.positionals.map(word => runDirOf(word, call.values))
  return dirs.filter((dir, k) => dirs.findIndex(one => resolve(one) === resolve(dir)) === k)
}

/**
 * Ledgers of runs: sealed, crashed, or still written, up to where each ended when it was opened; in the order of their first events.
 * Nothing where the operator stopped it; a damaged log is a Refusal that says where.
 */
export async function ledgersOf(
  call: Call,
  usage: string,
): Promise<readonly LedgerOf[] | undefined> {
  const found: LedgerOf[] = []
  for (const dir of runDirsOf(call, usage)) {
    const ledger = await ledgerOf(dir, call)
    if (!ledger) return undefined
    found.push(ledger)
  }
  return inOrder(found)
}

/** The ledger of one run, folded from its log; `also` hears of every event, and of the world behind it. Nothing where it was stopped. */
export async function ledgerOf(
  dir: string,
  { progress, stop }: Call,
  also?: (row: Recorded, world: World) => void,
): Promise<LedgerOf | undefined> {
  const { head, lastSeq: untilSeq } = await endOf(dir)
  const [ledger, world] = [new Ledger(), new World()]
  let started: EventOf<'RunStarted'>['data'] | undefined
  let [firstUs, lastUs] = [0, 0]
  for await (const rows of rowsOf(dir, { untilSeq })) {
    if (stop.aborted) return undefined
    for (const row of rows) {
      if (row.event.type === 'RunStarted') started = row.event.data
      if (row.seq === 1) firstUs = row.tUs
      lastUs = row.tUs
      world.take(row)
      ledger.take(row, world)
      also?.(row, world)
    }
    progress(`${runIdOf(dir)}: ${lastSeqOf(rows).toLocaleString('en')} of ${untilSeq} events`)
  }
  const { schema = 0, mode = '', source = '', digest = '' } = started ?? {}
  const runId = runIdOf(resolve(dir))
  const facts = { dir, runId, head, schema, mode, source, digest, firstUs, lastUs }
  return { ...facts, lastSeq: untilSeq, entries: ledger.entries }
}

const lastSeqOf = (rows: readonly Recorded[]): number => rows.at(-1)?.seq ?? 0
