import assert from 'node:assert'
import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createRequire } from 'node:module'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Durability } from '#engine/log/event-log.js'
import type { JournalApi } from '#engine/log/write/journal.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { orRefuse } from '#cli/runs.js'

/** Something that keeps events in order. `append` takes one batch and resolves once it is as durable as it gets. */
export interface Store {
  readonly append: (rows: readonly Recorded[]) => unknown
  readonly close: () => unknown
  /** Every event that it holds, in order, as its canonical line. */
  readonly lines: () => Promise<string[]>
}

/** Opens a new store in a directory of its own. */
export type OpenStore = (dir: string) => Promise<Store>

/** The run's own log, in commits of at most so many events. */
export const logStore =
  (keep: {
    durability: Durability
    commitEvents: number
    commitMs?: number
    journal?: JournalApi | undefined
  }) =>
  async (dir: string) => {
    const about = { runTag: '', node: '', backend: 'ts', machine: {}, configDigest: '' }
    const start = { ...about, mode: 'shadow', parent: '', source: 'bench', startedUs: 0 }
    const manifest = { ...start, runId: 'bench', durability: keep.durability }
    const { journal, ...how } = keep
    const store = folderStore('runs', { journal })
    const log = orRefuse(await store.create(dir, manifest, { commitMs: 20, ...how }))
    return {
      log,
      append: async (rows: readonly Recorded[]): Promise<void> => {
        for (const row of rows) assert.equal(log.append([row]), undefined)
        // At the others an acknowledgement is not waited for, only room.
        if (keep.durability === 'commit') orRefuse(await log.flush())
        else await log.ready()
      },
      close: () => log.close(),
      lines: async () => {
        orRefuse(await log.flush())
        const lines: string[] = []
        for await (const commit of store.rows(dir)) lines.push(...linesOf(orRefuse(commit)))
        return lines
      },
    }
  }

/** Bytes and a sync: nothing is hashed, framed or indexed. The least that durable lines cost. */
export const plainStore =
  (isSynced: boolean): OpenStore =>
  async dir => {
    mkdirSync(dir, { recursive: true })
    const path = join(dir, 'plain')
    const file = openSync(path, 'wx')
    const writer = new LineWriter()
    return {
      append: rows => {
        writer.reset()
        for (const row of rows) writer.event(row.seq, row.tUs, row.cause, row.event)
        writeSync(file, writer.bytes)
        if (isSynced) fdatasyncSync(file)
      },
      close: () => closeSync(file),
      lines: async () => readFileSync(path, 'utf8').split('\n').slice(0, -1),
    }
  }

/** better-sqlite3, one row per event, write-ahead log; one transaction per batch. */
export const sqliteStore =
  (synchronous: 'FULL' | 'NORMAL' | 'OFF'): OpenStore =>
  async dir => {
    const { default: Database } = await import('better-sqlite3')
    mkdirSync(dir, { recursive: true })
    const db = new Database(join(dir, 'events.db'))
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    db.exec('create table events (n integer primary key, line blob not null)')
    const insert = db.prepare('insert into events values (?, ?)')
    const writer = new LineWriter()
    const append = db.transaction((rows: readonly Recorded[]) => {
      for (const row of rows) insert.run(row.seq, lineOf(writer, row))
    })
    return {
      append,
      close: () => db.close(),
      lines: async () =>
        db
          .prepare<[], Buffer>('select line from events order by n')
          .pluck()
          .all()
          .map(line => line.toString('utf8', 0, line.length - 1)),
    }
  }

/** lmdb, key: sequence, value: line; one transaction per batch, synced before it returns. */
export const lmdbStore: OpenStore = async dir => {
  const { open } = peer<Lmdb>('lmdb')
  mkdirSync(dir, { recursive: true })
  const db = open({
    ...{ path: join(dir, 'lmdb'), encoding: 'binary', keyEncoding: 'uint32' },
    overlappingSync: false,
  })
  const writer = new LineWriter()
  return {
    append: rows =>
      db.transactionSync(() => {
        for (const row of rows) db.putSync(row.seq, lineOf(writer, row))
      }),
    close: () => db.close(),
    lines: async () =>
      [...db.getRange()].map(({ value }) => value.toString('utf8', 0, value.length - 1)),
  }
}

/**
 * emmett's SQLite event store: one append to one stream per batch, JSON and no sum of a line. Its store opens the file for
 * every call; the parts that it is made of are called here over one open connection, which is several times as fast.
 */
export const emmettStore: OpenStore = async dir => {
  const emmett = peer<Emmett>('@event-driven-io/emmett-sqlite')
  mkdirSync(dir, { recursive: true })
  const db = emmett.sqliteConnection({ fileName: join(dir, 'emmett.db') })
  // The connection begins with a pragma that it does not wait for.
  await new Promise(resolve => setTimeout(resolve, 50))
  await emmett.createEventStoreSchema(db)
  return {
    append: rows =>
      emmett.appendToStream(
        ...([db, 'run', 'run'] as const),
        rows.map(({ event, ...envelope }) => ({
          type: event.type,
          data: event.data,
          metadata: envelope,
        })),
      ),
    close: () => db.close(),
    lines: async () => {
      const { events } = await emmett.readStream(db, 'run')
      return linesOf(events.map(({ type, data, metadata }) => rowFrom(type, data, metadata)))
    },
  }
}

/** Why a peer cannot be loaded, or nothing. Peers are installed with `npm ci` in bench/peers. */
export function missing(name: string): string | undefined {
  try {
    peer(name)
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  }
}

/** Canonical lines, without their newlines. */
export function linesOf(rows: readonly Recorded[]): string[] {
  const writer = new LineWriter()
  return rows.map(row => Buffer.from(lineOf(writer, row)).toString('utf8').slice(0, -1))
}

function lineOf(writer: LineWriter, { seq, tUs, cause, event }: Recorded): Uint8Array {
  writer.reset()
  writer.event(seq, tUs, cause, event)
  return Buffer.from(writer.bytes)
}

const ROOT = resolve(dirname(import.meta.dirname), '..', '..')

// What follows is the part of each peer that is used; they bring their own types only where they are installed.
interface Lmdb {
  readonly open: (of: object) => {
    readonly transactionSync: (work: () => void) => void
    readonly putSync: (key: number, value: Uint8Array) => void
    readonly getRange: () => Iterable<{ readonly value: Buffer }>
    readonly close: () => Promise<void>
  }
}
interface EmmettEvent {
  readonly type: string
  readonly data: unknown
  readonly metadata: Omit<Recorded, 'event'>
}
interface EmmettConnection {
  readonly close: () => unknown
}
interface Emmett {
  readonly sqliteConnection: (of: { fileName: string }) => EmmettConnection
  readonly createEventStoreSchema: (db: EmmettConnection) => Promise<unknown>
  readonly appendToStream: (
    ...call: [db: EmmettConnection, name: string, type: string, events: readonly EmmettEvent[]]
  ) => Promise<unknown>
  readonly readStream: (
    ...call: [db: EmmettConnection, name: string]
  ) => Promise<{ readonly events: readonly EmmettEvent[] }>
}

function peer<T>(name: string): T {
  return createRequire(join(ROOT, 'bench', 'peers', 'package.json'))(name) as T
}

/** Store and line agree on an event only where this row has the line that the event was made of. */
function rowFrom(type: string, data: unknown, envelope: Omit<Recorded, 'event'>): Recorded {
  const { seq, tUs, cause } = envelope
  return { seq, tUs, cause, event: { type, data } as Recorded['event'] }
}
