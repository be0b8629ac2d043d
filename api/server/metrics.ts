import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Gauges } from '../answers/gauges.js'

const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000]

/**
 * What a scraper is told: the earlier system's names (`mpx_…`) and the engine's own (`polaris_…`). What a run counts is a fold of its
 * log, so a server that begins anew counts on; what the server does itself begins at 0.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #requests = new Counter({
    ...{ name: 'mpx_requests_total', help: 'requests answered, by route and status' },
    ...{ labelNames: ['method', 'route', 'status'], registers: [this.registry] },
  })
  readonly #answered = new Histogram({
    ...{ name: 'polaris_api_answer_ms', help: 'time to an answer' },
    ...{ labelNames: ['route'], buckets: BUCKETS_MS, registers: [this.registry] },
  })
  readonly #latency = new Histogram({
    name: 'mpx_ingest_latency_ms',
    help: 'from the time of an event to its being read here, of runs by the machine’s clock',
    ...{ labelNames: ['source'], buckets: BUCKETS_MS, registers: [this.registry] },
  })
  readonly #evaluated = new Histogram({
    name: 'mpx_rule_eval_ms',
    help: 'time in which the rows of one look at the log were folded',
    ...{ buckets: BUCKETS_MS, registers: [this.registry] },
  })
  readonly #run = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames: ['run', ...labelNames], registers: [this.registry] })
  readonly #lastTick = new Gauge({
    name: 'mpx_ingest_last_tick_timestamp',
    help: 'time of the last frame, s since the epoch',
    ...{ labelNames: ['source'], registers: [this.registry] },
  })
  readonly #failures = this.#run('mpx_telegram_failures_total', 'alerts that Telegram did not take')
  readonly #signals = this.#run('mpx_signals_total', 'signals by rule', 'rule')
  readonly #intents = this.#run('mpx_order_intents_total', 'intents by status', 'status')
  readonly #health = this.#run('mpx_health', '1 while nothing speaks against the run')
  readonly #stop = this.#run('polaris_hard_stop', '1 while trading is stopped')
  readonly #seq = this.#run('polaris_last_seq', 'last event that was read')
  readonly #counters = this.#run(
    'polaris_run',
    'counters and ages, as health.jsonl has them',
    'name',
  )
  readonly #pnl = this.#run('polaris_pnl_micro', 'profit, 1e-6 dollar', 'kind')
  readonly #exposure = this.#run('polaris_exposure_micro', 'positions at cost and open buys')
  readonly #clients = this.#run('polaris_stream_clients', 'clients of the stream')

  /** A request was answered. */
  request(of: { method: string; route: string; status: number; ms: number }): void {
    const { method, route, status, ms } = of
    this.#requests.inc({ method, route, status: String(status) })
    this.#answered.observe({ route }, ms)
  }

  /** Rows were read: how far behind their own time, where that is this machine's, and how long it took to fold them. */
  read(of: { source: string; behindMs: number | undefined; foldMs: number }): void {
    if (of.behindMs !== undefined) this.#latency.observe({ source: of.source }, of.behindMs)
    this.#evaluated.observe(of.foldMs)
  }

  /** A run as it stands. */
  run(run: string, of: Gauges, { clients, isWell }: { clients: number; isWell: boolean }): void {
    this.#lastTick.set({ source: of.source }, of.lastTickUs / 1_000_000)
    this.#health.set({ run }, Number(isWell))
    this.#stop.set({ run }, Number(of.hardStop))
    this.#seq.set({ run }, of.seq)
    this.#failures.set({ run }, of.telegramFailures)
    this.#exposure.set({ run }, of.exposureMicro)
    this.#clients.set({ run }, clients)
    for (const [rule, count] of Object.entries(of.signalsByRule))
      this.#signals.set({ run, rule }, count)
    for (const [status, count] of Object.entries(of.intentsByStatus))
      this.#intents.set({ run, status }, count)
    for (const [name, value] of Object.entries(of.counters))
      this.#counters.set({ run, name }, value)
    for (const [kind, value] of Object.entries(of.pnlMicro)) this.#pnl.set({ run, kind }, value)
  }

  /** Forgets runs: only those that are read now are told of. */
  forgetRuns(): void {
    for (const gauge of [
      this.#failures,
      this.#signals,
      this.#intents,
      this.#health,
      this.#stop,
      this.#seq,
    ])
      gauge.reset()
    for (const gauge of [this.#counters, this.#pnl, this.#exposure, this.#clients, this.#lastTick])
      gauge.reset()
  }
}
