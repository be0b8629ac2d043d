import { DEPTH_ROW, QUOTE_ROW, STATE_ROW } from '#schemas/harvest.js'
import type { EventOf } from '#schemas/registry.js'
import type { Recorded } from '#schemas/recorded.js'
import { PRICE_MAX } from '#schemas/units.js'
import { packed, unpacked } from '#engine/core/saved.js'
import { isoOf } from '../iso.js'
import { accountCells, decimal, flag, groupCells, marketCells, postCells, time } from './cells.js'
import type { Cell, Change, SampleKind } from './change.js'
import { mapped, type Known } from './mapped.js'
import { addSample, changedBars, numbersOf, type MinuteBars } from './minute-bars.js'
import type { HarvestTableName } from './tables.js'

const MINUTE_US = 60_000_000

/** What the fold remembers: plain values, so that it can be saved between two events. */
interface State extends Known {
  /** Conditions of markets and ids of tokens by the run's small numbers. */
  readonly markets: Map<number, EventOf<'MarketDescribed'>['data']>
  readonly states: Map<number, readonly number[]>
  readonly tokens: Map<number, string>
  readonly bars: MinuteBars
  /** Latencies by minute of the end, source and status, ms. */
  readonly latencies: Map<string, number[]>
  readonly toldHealth: Map<string, number>
}

/** Folds what the collectors of one run recorded into changes of the tables. Pure; owns its state. */
export class HarvestFold {
  readonly #runId: string
  #state: State
  #changes: Change[] = []

  /** `saved` as `save` gave it: goes on from there. */
  constructor(runId: string, saved?: string) {
    this.#runId = runId
    // What `save` of this very class gave.
    this.#state = saved === undefined ? emptyState() : (unpacked(saved) as State)
  }

  save(): string {
    return packed(this.#state)
  }

  /** What changed since it was asked last. */
  drain(): readonly Change[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  take({ seq, tUs, event }: Recorded): void {
    switch (event.type) {
      case 'AccountReported':
        this.#state.accounts.set(event.data.account, event.data)
        this.#row('dim_account', accountCells(event.data))
        return
      case 'TrackingsReported':
        for (const row of event.data.rows) {
          this.#state.windows.set(row.id, { ...row, account: event.data.account })
          const { id, title, starts, ends, active, link } = row
          this.#row('dim_tracking_window', [
            ...[id, event.data.account, title, time(starts), time(ends), flag(active), link],
            isoOf(tUs),
          ])
        }
        return
      case 'PostCountsReported':
        for (const { id, tracking, day, count, total } of event.data.rows) {
          this.#state.totals.set(tracking, Math.max(total, this.#state.totals.get(tracking) ?? 0))
          this.#row('fact_tweet_metric_daily', [
            ...[event.data.account, tracking, isoOf(day), count, total, id, isoOf(tUs)],
          ])
        }
        return
      case 'PostsReported':
        for (const post of event.data.rows)
          this.#row('fact_tweet_post', postCells(event.data.account, post, tUs))
        return
      case 'MarketGroupDescribed':
        this.#row('dim_event', groupCells(event.data))
        return
      case 'MarketDescribed':
        this.#describe(event.data, tUs)
        return
      case 'MarketStatesReported':
        this.#states(event.data.rows, tUs)
        return
      case 'QuotesSampled':
        this.#samples('top', event.data.rows, QUOTE_ROW, tUs)
        this.#quotes(event.data.rows, tUs)
        return
      case 'DepthsSampled':
        this.#samples('depth', event.data.rows, DEPTH_ROW, tUs)
        return
      case 'LevelsSampled':
        for (const { ref, at, bids, asks } of event.data.books) {
          const of = this.#state.tokens.get(ref)
          if (of === undefined) continue
          const numbers = [at, bids.length / 2, ...bids, ...asks]
          this.#changes.push({ tag: 'sample', kind: 'l2', tUs, of, numbers })
        }
        return
      case 'MarketSettled':
        this.#settle(event.data)
        return
      case 'CursorMoved': {
        const { key, value, meta } = event.data
        this.#row('ops_cursor', [key, value, meta, isoOf(tUs)])
        return
      }
      case 'CollectorRan':
        this.#ran(event.data, seq, tUs)
        return
      case 'RunEnded':
        // Nobody comes who would tell it later.
        this.#tellBars(tUs)
        this.#tellHealth(tUs)
        return
      default:
    }
  }

  #row(table: HarvestTableName, cells: readonly Cell[]): void {
    this.#changes.push({ tag: 'row', table, cells })
  }

  #describe(market: EventOf<'MarketDescribed'>['data'], tUs: number): void {
    const { ref, condition, tokens } = market
    this.#state.markets.set(ref, market)
    for (const token of tokens) {
      this.#state.tokens.set(token.ref, token.id)
      this.#changes.push({ tag: 'token', token: token.id, market: condition })
      const label = token.outcome.toLowerCase()
      this.#row('dim_token', [
        ...[token.id, condition, token.outcome, label === 'yes' || label === 'no' ? label : ''],
        ...[token.index, flag(token.other), flag(token.placeholder)],
        ...[decimal(token.tick, 10_000), decimal(token.minSize, 1_000_000), isoOf(tUs)],
      ])
    }
    this.#row('dim_market', marketCells(market, this.#state.states.get(ref), tUs))
  }

  #states(rows: readonly number[], tUs: number): void {
    for (let i = 0; i < rows.length; i += STATE_ROW) {
      const [ref = -1, ...numbers] = rows.slice(i, i + STATE_ROW)
      const market = this.#state.markets.get(ref)
      if (!market) continue
      this.#changes.push({ tag: 'sample', kind: 'state', tUs, of: market.condition, numbers })
      const before = this.#state.states.get(ref)
      if (before && numbers.every((n, k) => n === before[k])) continue
      this.#state.states.set(ref, numbers)
      this.#row('dim_market', marketCells(market, numbers, tUs))
    }
  }

  #samples(kind: SampleKind, rows: readonly number[], width: number, tUs: number): void {
    for (let i = 0; i < rows.length; i += width) {
      const of = this.#state.tokens.get(rows[i] ?? -1)
      if (of === undefined) continue
      this.#changes.push({ tag: 'sample', kind, tUs, of, numbers: rows.slice(i + 1, i + width) })
    }
  }

  #quotes(rows: readonly number[], tUs: number): void {
    for (let i = 0; i < rows.length; i += QUOTE_ROW) {
      const token = this.#state.tokens.get(rows[i] ?? -1)
      const [bid = 0, ask = PRICE_MAX] = [rows[i + 1], rows[i + 2]]
      if (token !== undefined && bid > 0 && ask < PRICE_MAX)
        addSample(this.#state.bars, { token, tUs, bid, ask })
    }
  }

  #settle({ ref, settled, outcome, winner, payload }: EventOf<'MarketSettled'>['data']): void {
    const market = this.#state.markets.get(ref)
    if (!market) return
    const tracking = this.#state.trackingOf.get(market.condition)
    const count = tracking === undefined ? undefined : this.#state.totals.get(tracking)
    this.#row('fact_settlement', [
      ...[market.condition, time(settled), outcome, winner, count ?? null, payload],
    ])
  }

  #ran(data: EventOf<'CollectorRan'>['data'], seq: number, tUs: number): void {
    const rows =
      data.from === 'internal' && data.status !== 'missed' ? this.#work(data.job, tUs) : data.rows
    const { interval, slot, jitter, missed, attempts } = data
    const more = data.detail === '{}' ? '' : `,${data.detail.slice(1, -1)}`
    const metadata = `{"interval_ms":${interval},"slot":${slot},"jitter_ms":${jitter},"missed":${missed},"attempts":${attempts}${more}}`
    this.#row('ops_collector_run', [
      ...[
        `${this.#runId}:${seq}`,
        data.job,
        data.from,
        data.status,
        data.http === 0 ? null : data.http,
      ],
      ...[rows, Math.floor(data.latency / 1_000), data.error, data.message],
      ...[isoOf(data.started), isoOf(data.started + data.latency), metadata],
    ])
    if (data.status === 'missed') return
    const minuteUs = Math.floor(tUs / MINUTE_US) * MINUTE_US
    const key = `${minuteUs} ${data.from} ${data.status}`
    const latencies = this.#state.latencies.get(key) ?? []
    this.#state.latencies.set(key, latencies)
    latencies.push(Math.floor(data.latency / 1_000))
  }

  /** What it is time for; how many rows it wrote. */
  #work(job: EventOf<'CollectorRan'>['data']['job'], tUs: number): number {
    const before = this.#changes.length
    if (job === 'agg_1m') this.#tellBars(tUs)
    if (job === 'health_agg') this.#tellHealth(tUs)
    if (job === 'mapping_sync')
      for (const cells of mapped(this.#state, [...this.#state.markets.values()], tUs))
        this.#row('bridge_market_tracking', cells)
    return this.#changes.length - before
  }

  #tellBars(tUs: number): void {
    for (const [token, minuteUs, bar] of changedBars(this.#state.bars, tUs))
      this.#changes.push({ tag: 'minute', token, minuteUs, bar: numbersOf(bar), tUs })
  }

  /** Minutes whose runs changed; those that are over and told are forgotten. */
  #tellHealth(tUs: number): void {
    const nowUs = Math.floor(tUs / MINUTE_US) * MINUTE_US
    for (const [key, latencies] of this.#state.latencies) {
      const [minute = '', source = '', status = ''] = key.split(' ')
      const minuteUs = Number(minute)
      if (this.#state.toldHealth.get(key) !== latencies.length)
        this.#changes.push({
          ...{ tag: 'health', minuteUs, source, status },
          latencies: [...latencies].sort((a, b) => a - b),
        })
      this.#state.toldHealth.set(key, latencies.length)
      if (minuteUs >= nowUs) continue
      this.#state.latencies.delete(key)
      this.#state.toldHealth.delete(key)
    }
  }
}

function emptyState(): State {
  return {
    ...{ accounts: new Map(), windows: new Map(), totals: new Map(), trackingOf: new Map() },
    ...{ told: new Map(), markets: new Map(), states: new Map(), tokens: new Map() },
    ...{ bars: new Map(), latencies: new Map(), toldHealth: new Map() },
  }
}
