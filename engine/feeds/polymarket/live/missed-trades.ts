import { TradeRecovered } from '#schemas/events/feed.js'
import { ASK, BID, type Side } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import { pause } from '#engine/transport/pause.js'
import type { FeedEvent, FeedInput } from '../../feed.js'
import { priceOfDouble, sizeOfDouble } from '../../decimal.js'
import type { Meta } from '../../recorded/market-meta.js'
import type { LiveDecoder } from './live-decoder.js'
import { MarketRest } from './rest.js'
import type { Shard } from './subscriptions.js'

/** Conditions of one request. Source: Data API v2, 2026-10. */
const CONDITIONS_MAX = 20
/** Pages of one request; more trades than they hold are said to be missing. */
const PAGES_MAX = 20
/** Prints that are remembered, so that the edges of a gap bring none twice. */
const HEARD_MAX = 20_000
/** The API is cached: what happened a moment ago comes some seconds later, at the latest after five minutes. Asked after so long each, ms. */
const AFTER_MS = [5_000, 320_000] as const

/** One trade of a page, as far as it can be read. */
interface Row {
  readonly asset: string
  readonly side: Side
  readonly price: number
  readonly size: number
  readonly atMs: number
  readonly id: string
}

/** What it works with. */
export interface TradesUser {
  /** The Data API. It is closed with this. */
  readonly rest: MarketRest
  readonly decoder: Pick<LiveDecoder, 'token' | 'refuse'>
  readonly nowUs: () => number
  readonly say: (inputs: readonly FeedInput[]) => void
  readonly signal: AbortSignal
}

/** A connection of the channel, as far as it matters here. */
type Connection = Pick<Shard, 'number' | 'assets' | 'saidUs'>

/** As `MissedTrades`, over a Data API at an address; nothing where there is none. */
export const missedTrades = (
  data: string | undefined,
  of: Omit<TradesUser, 'rest'>,
): MissedTrades | undefined =>
  data === undefined
    ? undefined
    : new MissedTrades({ ...of, rest: new MarketRest(data, of.signal) })

/** Trades that happened while the market channel was away: asked of the Data API once it is back, told once each. */
export class MissedTrades {
  readonly #of: TradesUser
  readonly #heard = new Set<string>()
  readonly #afterMs: readonly number[]
  /** Condition of each asset. */
  readonly #marketOf = new Map<string, string>()
  /** Since when nothing is known of a connection's assets, ms. */
  readonly #lostMs = new Map<number, number>()
  told = 0

  constructor(of: TradesUser, afterMs: readonly number[] = AFTER_MS) {
    this.#of = of
    this.#afterMs = afterMs
  }

  /** Markets that are heard. */
  list(meta: Meta): void {
    for (const { key, tokens } of meta)
      for (const { key: asset } of tokens) this.#marketOf.set(asset, key)
  }

  /** A connection was lost: since what it said last nothing is known. */
  lost({ number, saidUs }: Connection): void {
    if (!this.#lostMs.has(number))
      this.#lostMs.set(number, Math.floor((saidUs || this.#of.nowUs()) / 1_000))
  }

  /** A connection is open; where it was lost before, what it missed is asked for. */
  async opened({ number, assets }: Connection): Promise<void> {
    const lostMs = this.#lostMs.get(number)
    this.#lostMs.delete(number)
    if (lostMs === undefined) return
    const conditions = new Set([...assets].flatMap(asset => this.#marketOf.get(asset) ?? []))
    await this.gap([...conditions], lostMs, Math.floor(this.#of.nowUs() / 1_000))
  }

  async close(): Promise<void> {
    await this.#of.rest.close()
  }

  /** A print of the channel. */
  heard({ type, data }: FeedEvent): void {
    if (type !== 'TradePrinted') return
    this.#remember(keyOf(data))
  }

  /** The channel was away for these conditions from one time to another, ms. */
  async gap(conditions: readonly string[], fromMs: number, toMs: number): Promise<void> {
    const startedMs = performance.now()
    for (const afterMs of this.#afterMs) {
      await pause(Math.max(0, startedMs + afterMs - performance.now()), this.#of.signal)
      for (let at = 0; at < conditions.length; at += CONDITIONS_MAX) {
        if (this.#of.signal.aborted) return
        await this.#ask(conditions.slice(at, at + CONDITIONS_MAX), fromMs, toMs)
      }
    }
  }

  async #ask(conditions: readonly string[], fromMs: number, toMs: number): Promise<void> {
    let cursor = ''
    for (let page = 0; page < PAGES_MAX; page++) {
      const next = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const answer = await this.#of.rest.get(
        `/trades?condition=${conditions.join()}&limit=500${next}`,
      )
      if (answer.tag !== 'ok') return
      const found = pageOf(answer.text)
      if (!found) {
        this.#refuse('a page of trades that cannot be read', answer.text)
        return
      }
      this.#tell(found.rows, fromMs, toMs)
      // The newest come first.
      const isPast = found.rows.some(({ atMs }) => atMs + 1_000 < fromMs)
      if (isPast || found.next === '' || found.next === cursor) return
      cursor = found.next
    }
    this.#refuse('more missed trades than are asked for', conditions.join())
  }

  #tell(rows: readonly Row[], fromMs: number, toMs: number): void {
    const inputs: FeedInput[] = []
    for (const { asset, side, price: at, size, atMs, id } of rows) {
      // Whole seconds: one that may lie outside is told unless the channel told it.
      if (atMs + 999 < fromMs || atMs > toMs) continue
      const token = this.#of.decoder.token(asset)
      if (token === undefined) continue
      const of = { token, side, price: price(at), size: shares(size), id }
      const key = keyOf(of)
      if (this.#heard.has(key)) continue
      this.#remember(key)
      this.told++
      inputs.push({
        tUs: this.#of.nowUs(),
        event: TradeRecovered.make({ ...of, at: atMs * 1_000 }),
      })
    }
    this.#of.say(inputs)
  }

  #refuse(why: string, sample: string): void {
    this.#of.say(this.#of.decoder.refuse(why, sample, this.#of.nowUs()))
  }

  #remember(key: string): void {
    this.#heard.add(key)
    for (const oldest of this.#heard) {
      if (this.#heard.size <= HEARD_MAX) return
      this.#heard.delete(oldest)
    }
  }
}

interface Named {
  readonly token: number
  readonly side: number
  readonly price: number
  readonly size: number
  readonly id: string
}

const keyOf = ({ token, side, price: at, size, id }: Named): string =>
  `${token}|${side}|${at}|${size}|${id.toLowerCase()}`

/** A page of `GET /trades`; undefined where it cannot be read. Its numbers are doubles that the venue made of decimals. */
function pageOf(
  text: string,
): { readonly rows: readonly Row[]; readonly next: string } | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const page = asObject(value)
  const data = page?.['data']
  if (!page || !Array.isArray(data)) return undefined
  const rows = (data as readonly unknown[]).flatMap(one => rowOf(one) ?? [])
  const next = asObject(page['pagination'])?.['next_cursor']
  return { rows, next: typeof next === 'string' ? next : '' }
}

function rowOf(value: unknown): Row | undefined {
  const of = asObject(value)
  const [asset, side, id] = [of?.['token_id'], of?.['side'], of?.['transaction_hash']]
  const at = priceOfDouble(Number(of?.['price']))
  const size = sizeOfDouble(Number(of?.['size']))
  const seconds = Number(of?.['timestamp'])
  if (typeof asset !== 'string' || (side !== 'BUY' && side !== 'SELL')) return undefined
  if (typeof at !== 'number' || at <= 0 || at >= 10_000) return undefined
  if (typeof size !== 'number' || size <= 0 || !Number.isSafeInteger(seconds)) return undefined
  const hash = typeof id === 'string' ? id : ''
  return {
    asset,
    side: side === 'BUY' ? BID : ASK,
    price: at,
    size,
    atMs: seconds * 1_000,
    id: hash,
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
