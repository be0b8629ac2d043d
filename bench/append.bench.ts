import assert from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Recorded } from '#schemas/recorded.js'
import type { Durability } from '#engine/log/event-log.js'
import type { JournalApi } from '#engine/log/write/journal.js'
import { loadAddon } from '#engine/native/addon.js'
import { delaysOf, apiDelays, type RowAt } from './append-delays.js'
import { bookRows } from './book-rows.js'
import {
  emmettStore,
  linesOf,
  lmdbStore,
  logStore,
  missing,
  plainStore,
  sqliteStore,
  type OpenStore,
  type Store,
} from './contenders/stores.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'

const BATCHES = [1, 256, 1_024] as const
/** Batches that a sample appends at most: the smallest batches would take minutes otherwise. */
const BATCHES_MAX = 200
/** Distinct events: they lie in the cache, as an engine's newest do. */
const DISTINCT = 2_000

/** Packages that are raced where they are installed: `npm ci` in bench/peers. */
export const PEERS = ['lmdb', '@event-driven-io/emmett-sqlite'] as const
const OPENED: Readonly<Record<(typeof PEERS)[number], OpenStore>> = {
  lmdb: lmdbStore,
  '@event-driven-io/emmett-sqlite': emmettStore,
}

interface Kind {
  readonly name: string
  readonly durability: Durability
  /** Batches of a sample, of the most. */
  readonly share?: number
  readonly open: (batch: number) => OpenStore
}

/** The log by both writers, beside what else keeps events: closed loop per batch, open loop, and as fast as it goes. */
export const bench: Bench = {
  name: 'append',
  question: 'How many events a second are made durable, how soon, and at what cost to the caller?',
  events: 200_000,
  samples: 9,
  dominates:
    'With batches of one the sync, for everybody; with large ones encoding the lines, and for the TypeScript log BLAKE3 on the same thread.',
  run: async ({ events, samples }, call) => {
    const root = mkdtempSync(join(tmpdir(), 'polaris-append-'))
    const rowAt = rowsOf(Math.min(DISTINCT, events))
    try {
      const { kinds, absent } = field()
      await agree(kinds, root, rowAt)
      // First, while the disk is not still busy with what the race left behind.
      call.progress('how soon')
      const delays = { ...apiDelays(rowAt), ...(await delaysOf(root, { events, samples }, rowAt)) }
      const stores: Opened[] = []
      const contenders = BATCHES.flatMap(batch =>
        kinds.map(kind => contender(kind, { batch, events, root, rowAt, stores })),
      )
      const timings = await race(contenders, { samples, progress: call.progress })
      for (const { close } of stores) await close()
      return { contenders: timings, facts: { ...absent, ...delays } }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
}

/** Everybody who can be loaded, and why the others cannot. */
function field(): { kinds: Kind[]; absent: Record<string, string> } {
  const kinds: Kind[] = []
  const absent: Record<string, string> = {}
  const journal = journalOr(absent)
  for (const durability of ['commit', 'interval', 'none'] as const) {
    const log = (name: string, by?: JournalApi): void => {
      const open = (batch: number) => logStore({ durability, commitEvents: batch, journal: by })
      kinds.push({ name, durability, open })
    }
    if (journal) log('native log', journal)
    log('TypeScript log')
    const synchronous = ({ commit: 'FULL', interval: 'NORMAL', none: 'OFF' } as const)[durability]
    const sqlite = (): OpenStore => sqliteStore(synchronous)
    kinds.push({ name: `better-sqlite3, WAL, ${synchronous}`, durability, open: sqlite })
    if (durability === 'interval') continue
    const plain = durability === 'commit' ? 'plain write and fdatasync' : 'plain write'
    kinds.push({ name: plain, durability, open: () => plainStore(durability === 'commit') })
  }
  for (const name of PEERS) {
    const open = OPENED[name]
    const why = missing(name)
    const share = name === 'lmdb' ? 1 : 0.1
    if (why === undefined) kinds.push({ name, durability: 'commit', share, open: () => open })
    else absent[`not measured: ${name}`] = why
  }
  return { kinds, absent }
}

function journalOr(absent: Record<string, string>): JournalApi | undefined {
  const addon = loadAddon()
  if (typeof addon !== 'string') return addon
  absent['not measured: native log'] = addon
  return undefined
}

/** Everybody gives back every event, byte for byte, or there is no race. */
async function agree(kinds: readonly Kind[], root: string, rowAt: RowAt): Promise<void> {
  const rows = Array.from({ length: 600 }, (_, k) => rowAt(k + 1))
  const wanted = linesOf(rows)
  for (const [k, { name, open }] of kinds.entries()) {
    const dir = join(root, `agree-${k}`)
    const store = await open(256)(dir)
    for (let at = 0; at < rows.length; at += 256) await store.append(rows.slice(at, at + 256))
    assert.deepEqual(await store.lines(), wanted, `${name} gives back what it took`)
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

interface Opened {
  readonly close: () => Promise<void>
}

function contender(
  { name, durability, share = 1, open }: Kind,
  of: { batch: number; events: number; root: string; rowAt: RowAt; stores: Opened[] },
): Contender {
  const { batch, events, root, rowAt, stores } = of
  const most = Math.max(1, Math.floor(events / batch))
  const batches = Math.max(1, Math.min(most, Math.ceil(BATCHES_MAX * share)))
  const group = `${durability}, batch ${batch.toLocaleString('en')}`
  const dir = join(root, `${group}-${name}`.replaceAll(/[^\w-]/g, '-'))
  let store: Store | undefined
  let seq = 0
  const close = async (): Promise<void> => {
    await store?.close()
    store = undefined
    rmSync(dir, { recursive: true, force: true })
  }
  stores.push({ close })
  return {
    name,
    group,
    ops: batches * batch,
    ready: async () => {
      await close()
      store = await open(batch)(dir)
      seq = 0
    },
    run: async () => {
      assert(store, 'Invariant: a store is open')
      for (let i = 0; i < batches; i++) {
        const rows: Recorded[] = []
        for (let k = 0; k < batch; k++) rows.push(rowAt(++seq))
        await store.append(rows)
      }
    },
  }
}

function rowsOf(distinct: number): RowAt {
  const rows = bookRows(distinct, 1)
  return seq => ({ ...rows[seq % distinct]!, seq })
}
