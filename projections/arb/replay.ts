import type { Recorded } from '#schemas/recorded.js'
import { isInput } from '#schemas/registry.js'
import { microCell } from '../csv.js'
import { isoOf } from '../iso.js'
import { tableOf, type RowView } from '../view.js'
import type { World } from '../world.js'
import { isoCell, jsonCell, RUN_ID } from './columns.js'
import { Drawdowns } from './drawdown.js'
import { codeOfStrategy } from './strategy-codes.js'
import { sumOf, Trades } from './trades.js'

interface RunState {
  mode: string
  parent: string
  source: string
  seed: number
  digest: string
  startUs: number
  endUs: number
  finishedUs: number | undefined
  inputs: number
}

/** Whether a run takes its feed from another one, or replays on paper: only such a one is a replay. */
const isReplay = (mode: string, parent: string): boolean => mode === 'paper_replay' || parent !== ''

const arbReplayRun: RowView<RunState, RunState> = {
  name: 'arb_replay_run',
  version: 1,
  initialState: () => ({
    ...{ mode: '', parent: '', source: '', seed: 0, digest: '', startUs: 0, endUs: 0 },
    ...{ finishedUs: undefined, inputs: 0 },
  }),
  evolve: (state, { event, tUs }) => {
    state.endUs = tUs
    if (isInput(event.type)) state.inputs++
    if (event.type === 'RunStarted') {
      const { mode, parent, source, seed, digest } = event.data
      Object.assign(state, { mode, parent, source, seed, digest, startUs: tUs })
    } else if (event.type === 'RunEnded') state.finishedUs = tUs
  },
  drain: () => [],
  rest: state => (isReplay(state.mode, state.parent) ? [state] : []),
  isWhole: true,
}

/** `arb_replay_run.csv`: the run itself, where it is a what-if or a replay on paper. */
export const arbReplayRunFile = tableOf(arbReplayRun, [
  RUN_ID,
  ['replay_run_id', (_, runId) => runId, 'text'],
  ['mode', ({ mode }) => mode, 'text'],
  ['status', ({ finishedUs }) => (finishedUs === undefined ? 'running' : 'done'), 'text'],
  ['window_start', ({ startUs }) => isoOf(startUs), 'text'],
  ['window_end', ({ endUs }) => isoOf(endUs), 'text'],
  ['params_version', ({ digest }) => digest, 'text'],
  ['sample_count', ({ inputs }) => `${inputs}`, 'integer'],
  ['metadata', ({ parent, source, seed }) => jsonCell({ parent, source, seed }), 'text'],
  ['started_at', ({ startUs }) => isoOf(startUs), 'text'],
  ['finished_at', ({ finishedUs }) => isoCell(finishedUs), 'text'],
])

/** What a strategy made of a replay. Money in 1e-6 dollar. */
export interface ReplayMetric {
  /** Code of the strategy. */
  readonly strategy: string
  readonly signals: number
  readonly trades: number
  readonly wins: number
  readonly losses: number
  readonly gross: number
  readonly net: number
  /** Greatest fall of its realised profit from its highest so far. */
  readonly drawdown: number
  /** Notional of all its fills. */
  readonly turnover: number
}

/** Signals, trades and profit by strategy, and how far it fell. Owned by whoever folds it. */
export class ReplayMetrics {
  readonly trades = new Trades()
  readonly #signals = new Map<string, number>()
  readonly #turnover = new Map<string, number>()
  readonly #drawdowns = new Drawdowns()
  readonly #fromUs: number
  #tUs = 0

  /** Signals before `fromUs` (µs) are not counted. */
  constructor(fromUs = 0) {
    this.#fromUs = fromUs
  }

  take(row: Recorded, world: World): void {
    this.trades.take(row, world)
    const { event, tUs } = row
    if (tUs > this.#tUs) this.#drawdowns.settle()
    this.#tUs = tUs
    if (event.type === 'SignalRaised' && tUs >= this.#fromUs)
      add(this.#signals, codeOfStrategy(event.data.strategy), 1)
    if (event.type === 'OrderFilled') {
      const { strategy } = this.trades.lots.orders.of(event.data.order)
      add(this.#turnover, strategy, Math.abs(event.data.cash))
    }
    if (CLOSING.has(event.type)) this.#drawdowns.look(this.trades.lots.all, ANY_LOT.has(event.type))
  }

  /** By strategy, in the order of their codes. */
  get metrics(): readonly ReplayMetric[] {
    const sums = this.trades.all.map(trade => ({ strategy: trade.strategy, ...sumOf(trade) }))
    const codes = [...this.#signals.keys(), ...this.#turnover.keys()]
    return [...new Set([...codes, ...sums.map(of => of.strategy)])].sort().map(strategy => {
      const own = sums.filter(of => of.strategy === strategy && of.status !== 'voided')
      const all = sums.filter(of => of.strategy === strategy)
      return {
        ...{ strategy, signals: this.#signals.get(strategy) ?? 0, trades: own.length },
        wins: own.filter(({ net }) => net > 0).length,
        losses: own.filter(({ net }) => net < 0).length,
        gross: all.reduce((sum, { gross }) => sum + gross, 0),
        net: all.reduce((sum, { net }) => sum + net, 0),
        drawdown: this.#drawdowns.of(strategy),
        turnover: this.#turnover.get(strategy) ?? 0,
      }
    })
  }
}

/** What may change what a lot that is closed already came to. */
const ANY_LOT: ReadonlySet<string> = new Set(['FillVoided', 'ConversionFailed'])
const CLOSING: ReadonlySet<string> = new Set([
  ...ANY_LOT,
  ...['OrderFilled', 'PositionSettled', 'PositionsConverted'],
])

const add = (to: Map<string, number>, key: string, n: number): void => {
  to.set(key, (to.get(key) ?? 0) + n)
}

interface MetricState {
  readonly metrics: ReplayMetrics
  isReplay: boolean
}

const arbReplayMetric: RowView<MetricState, ReplayMetric & { readonly tUs: number }> = {
  name: 'arb_replay_metric',
  version: 1,
  initialState: () => ({ metrics: new ReplayMetrics(), isReplay: false }),
  evolve: (state, row, world) => {
    if (row.event.type === 'RunStarted')
      state.isReplay = isReplay(row.event.data.mode, row.event.data.parent)
    if (state.isReplay) state.metrics.take(row, world)
  },
  drain: () => [],
  rest: ({ metrics }, { tUs }) => metrics.metrics.map(of => ({ ...of, tUs })),
  isWhole: true,
}

/** `arb_replay_metric.csv`: what each strategy made of it. */
export const arbReplayMetricFile = tableOf(arbReplayMetric, [
  RUN_ID,
  ['id', ({ strategy }, runId) => `${runId}:${strategy}`, 'text'],
  ['replay_run_id', (_, runId) => runId, 'text'],
  ['strategy_code', ({ strategy }) => strategy, 'text'],
  ['signals', ({ signals }) => `${signals}`, 'integer'],
  ['trades', ({ trades }) => `${trades}`, 'integer'],
  ['wins', ({ wins }) => `${wins}`, 'integer'],
  ['losses', ({ losses }) => `${losses}`, 'integer'],
  ['gross_pnl_usd', ({ gross }) => microCell(gross), 'micro'],
  ['net_pnl_usd', ({ net }) => microCell(net), 'micro'],
  ['max_drawdown_usd', ({ drawdown }) => microCell(drawdown), 'micro'],
  ['turnover_usd', ({ turnover }) => microCell(turnover), 'micro'],
  ['created_at', ({ tUs }) => isoOf(tUs), 'text'],
])
