import type { StreamRow } from '../run/stream-rows.js'

/** Messages that are kept for those who come back; the oldest give way. */
export const KEPT_MAX = 20_000
/** Bytes that may wait for one client; while there are more it is sent nothing, and told what it missed. */
export const CLIENT_BYTES_MAX = 1_048_576
/** Bytes below which a client that fell behind is sent messages again. */
const CAUGHT_UP_BYTES = 65_536
/** Clients of one run at most. */
export const CLIENTS_MAX = 1_000
/** How often those that fell behind are looked at, and how often a silent connection is told that it lives, ms. */
const LOOK_MS = 250
const ALIVE_MS = 15_000

/** What is sent. `id`: the log sequence that it stands for; absent where it stands for none. */
export interface Message {
  readonly id?: number
  readonly event: string
  readonly json: string
}

/** A connection of a client. */
export interface Line {
  readonly send: (message: Message) => void
  /** Bytes that the client has not taken yet. */
  readonly waiting: () => number
  /** Tells a silent connection that it lives. */
  readonly ping: () => void
  /** Ends the connection: the client comes back, and says what it has seen. */
  readonly end: () => void
}

interface Client {
  readonly line: Line
  /** Sends nothing up to this sequence. */
  after: number
  /** What it was not sent since it fell behind. */
  lost: { from: number; to: number; count: number } | undefined
}

/** What happens in a run, for many clients. Whoever comes back says what he has seen; whoever misses something is told what. */
export class StreamHub {
  #kept: StreamRow[] = []
  /** The last sequence that gave way. */
  #goneTo = 0
  #isRead = false
  #tip = { seq: 0, json: '' }
  readonly #clients = new Set<Client>()
  readonly #timer: NodeJS.Timeout
  #pingMs = 0

  constructor() {
    this.#timer = setInterval(() => {
      this.#look()
    }, LOOK_MS).unref()
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Takes what was read of the log, in its order. */
  take(rows: readonly StreamRow[]): void {
    for (const row of rows) {
      this.#kept.push(row)
      for (const client of this.#clients) this.#send(client, row)
    }
    const over = this.#kept.length - KEPT_MAX
    if (over <= 0) return
    this.#goneTo = this.#kept[over - 1]!.seq
    this.#kept = this.#kept.slice(over)
  }

  /** How far the log was read. `json`: what clients are told of it. */
  told(seq: number, isRead: boolean, json: string): void {
    if (isRead && !this.#isRead) {
      this.#isRead = true
      for (const client of this.#clients) client.after = Math.min(client.after, seq)
    }
    if (json === this.#tip.json) return
    this.#tip = { seq, json }
    for (const { line, lost } of this.#clients) if (!lost) line.send({ event: 'tip', json })
  }

  /** A client comes, which has seen all up to `lastId`; without one it wants what is to come. Undefined where there are too many. */
  join(line: Line, lastId?: number): (() => void) | undefined {
    if (this.#clients.size >= CLIENTS_MAX) return undefined
    const after = lastId ?? (this.#isRead ? this.#tip.seq : Number.POSITIVE_INFINITY)
    const client: Client = { line, after, lost: undefined }
    if (lastId !== undefined && lastId < this.#goneTo)
      line.send(lostMessage({ from: lastId + 1, to: this.#goneTo, count: null }))
    for (const row of this.#kept) this.#send(client, row)
    if (this.#tip.json !== '') line.send({ event: 'tip', json: this.#tip.json })
    this.#clients.add(client)
    return () => {
      this.#clients.delete(client)
    }
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { line } of this.#clients) line.end()
    this.#clients.clear()
  }

  #send(client: Client, row: StreamRow): void {
    const { line, lost } = client
    if (row.seq <= client.after) return
    if (lost) {
      lost.to = row.seq
      lost.count++
      return
    }
    if (line.waiting() > CLIENT_BYTES_MAX) {
      client.lost = { from: row.seq, to: row.seq, count: 1 }
      return
    }
    line.send({ id: row.seq, event: row.channel, json: row.json })
  }

  #look(): void {
    this.#pingMs += LOOK_MS
    const isPing = this.#pingMs >= ALIVE_MS
    if (isPing) this.#pingMs = 0
    for (const client of this.#clients) {
      const { line, lost } = client
      if (lost && line.waiting() < CAUGHT_UP_BYTES) {
        client.lost = undefined
        line.send(lostMessage(lost))
      } else if (isPing && !lost) line.ping()
    }
  }
}

/** `count`: messages that were not sent; null where nobody counted them. */
function lostMessage(of: { from: number; to: number; count: number | null }): Message {
  return { event: 'lost', json: JSON.stringify(of) }
}
