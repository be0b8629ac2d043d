import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, type Call } from '../command.js'
import type { Dataset } from './dataset.js'
import { NPZ_BYTES_MAX, writeNpz } from './npz.js'
import { plain, requireDistinct, stepsOf, withTokens, type ExportToken } from './tokens.js'

/** An asset as hftbacktest has to be told of it. */
interface Asset {
  readonly file: string
  readonly token: string
  readonly market: string
  readonly outcome: string
  /** Dollars. */
  readonly tickSize: number
  /** Shares. */
  readonly lotSize: number
  readonly events: number
}

/** Fields of an event. Source: hftbacktest 2.4.4, `event_dtype` in `types.py` (2026-11-29). */
const DTYPE = [
  ['ev', '<u8'],
  ['exch_ts', '<i8'],
  ['local_ts', '<i8'],
  ['px', '<f8'],
  ['qty', '<f8'],
  ['order_id', '<u8'],
  ['ival', '<i8'],
  ['fval', '<f8'],
] as const
const ROW = 64
const ROWS_MAX = Math.floor(NPZ_BYTES_MAX / ROW)

// Same source. What an event is …
const DEPTH = 1
const TRADE = 2
const CLEAR = 3
const SNAPSHOT = 4
// … and the upper bits: seen by the exchange and by us, on the buy or the sell side.
const SEEN = 2 ** 31 + 2 ** 30
const BUY = 2 ** 29
const SELL = 2 ** 28

/**
 * Writes what a run's feed said for hftbacktest: `<token>.npz` with its events, and `assets.json` with what a backtest has to be told of each. Sizes are
 * totals; a whole book clears both sides first. `local_ts` is when we heard of it, `exch_ts` the venue's own time; hftbacktest takes
 * events in one order of both, so the latter never steps back and is never later than the former.
 */
export async function writeHftbacktest(
  dir: string,
  target: string,
  call: Call,
): Promise<{ readonly assets: readonly Asset[] }> {
  return withTokens(dir, call, async (dataset, tokens) => {
    requireDistinct(tokens.map(({ key }) => plain(key)))
    const assets: Asset[] = []
    for (const token of tokens) {
      if (call.stop.aborted) throw new Refusal('stopped', 'it was stopped', target, 'patience')
      call.progress(`writing ${token.key}`)
      assets.push(await writeAsset(dataset, token, target))
    }
    writeFileSync(join(target, 'assets.json'), `${JSON.stringify(assets, null, 2)}\n`)
    return { assets }
  })
}

async function writeAsset(dataset: Dataset, token: ExportToken, target: string): Promise<Asset> {
  const steps = stepsOf(token)
  const count = `SELECT sum(CASE kind WHEN 0 THEN 2 ELSE 1 END)::DOUBLE FROM ${steps}`
  const [[rows] = []] = await dataset.all(count)
  const events = Number(rows ?? 0)
  if (events > ROWS_MAX)
    throw new Refusal(
      'too-large',
      `${token.key} has ${events} events`,
      target,
      `at most ${ROWS_MAX}`,
    )
  const file = `${plain(token.key)}.npz`
  await writeNpz(join(target, file), events, DTYPE, eventsOf(dataset, steps))
  const { key, market, outcome, tick } = token
  const known = { file, token: key, market, outcome }
  return { ...known, tickSize: tick / 1e4, lotSize: 0.01, events }
}

async function* eventsOf(dataset: Dataset, steps: string): AsyncGenerator<Uint8Array> {
  const columns = `kind::DOUBLE, t_us, venue_us, side, price_1e4::DOUBLE, size_micro::DOUBLE`
  let venueUs = 0n
  for await (const rows of dataset.rows(`SELECT ${columns} FROM ${steps} ORDER BY seq, place`)) {
    const out = new EventRows(2 * rows.length)
    for (const [kind, t, venue, side, price, size] of rows) {
      const heardUs = BigInt(String(t))
      const saidUs = venue === null ? heardUs : BigInt(String(venue))
      const atUs = saidUs < heardUs ? saidUs : heardUs
      if (atUs > venueUs) venueUs = atUs
      const times = [venueUs * 1_000n, heardUs * 1_000n] as const
      const [px, qty] = [Number(price) / 1e4, Number(size) / 1e6]
      const of = side === 'bid' || side === 'buy' ? BUY : SELL
      if (kind === 0) {
        // A side is cleared from its best price to the one that is named: to the end of the grid.
        out.add(CLEAR + BUY, times, 0, 0)
        out.add(CLEAR + SELL, times, 1, 0)
      } else out.add((kind === 1 ? SNAPSHOT : kind === 2 ? DEPTH : TRADE) + of, times, px, qty)
    }
    yield out.bytes
  }
}

/** Events as bytes, little end first. Owned by whoever fills it. */
class EventRows {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(rows: number) {
    this.#bytes = new Uint8Array(rows * ROW)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  add(ev: number, [exchNs, localNs]: readonly [bigint, bigint], px: number, qty: number): void {
    const at = this.#at
    this.#view.setBigUint64(at, BigInt(ev + SEEN), true)
    this.#view.setBigInt64(at + 8, exchNs, true)
    this.#view.setBigInt64(at + 16, localNs, true)
    this.#view.setFloat64(at + 24, px, true)
    this.#view.setFloat64(at + 32, qty, true)
    this.#at = at + ROW // order_id, ival and fval are for feeds of single orders
  }
}
