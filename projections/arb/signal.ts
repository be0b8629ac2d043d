import type { Recorded } from '#schemas/recorded.js'
import type { EventOf } from '#schemas/registry.js'
import { mulDivFloor } from '#schemas/units.js'
import { microCell, priceCell, sideCell } from '../csv.js'
import { finished, tableOf, type RowView } from '../view.js'
import type { World } from '../world.js'
import { CREATED, jsonCell, PLACED, RUN_ID } from './columns.js'
import { codeOfStrategy, tradesSets } from './strategy-codes.js'

/** What became of a signal: in work; refused, repeated or dropped; it sent an order; too late for one. */
export type SignalStatus = 'new' | 'rejected' | 'executed' | 'expired'

/** A row of `arb_signal`. */
export interface SignalRow {
  readonly data: EventOf<'SignalRaised'>['data']
  readonly tUs: number
  readonly mode: string
  readonly source: string
  readonly strategy: string
  /** The event whose outcomes it trades; empty where its market stands alone. */
  readonly event: string
  readonly markets: readonly string[]
  readonly tokens: readonly string[]
  readonly features: string
  status: SignalStatus
  note: string
  isDone: boolean
}

/** Signals in the order in which they were raised, those in work by id. Owned by the view that folds it. */
export class SignalRows {
  readonly rows: SignalRow[] = []
  readonly #inWork = new Map<string, SignalRow>()

  take({ event, tUs }: Recorded, world: World): void {
    switch (event.type) {
      case 'SignalRaised': {
        const row = rowOf(event.data, tUs, world)
        this.rows.push(row)
        this.#inWork.set(event.data.signal, row)
        return
      }
      case 'OrderPlaced': {
        const row = this.#inWork.get(event.data.signal)
        if (row) row.status = 'executed'
        return
      }
      case 'IntentRefused':
        this.#end(event.data.signal, 'rejected', event.data.reasons.join(','))
        return
      case 'DedupSignal':
        this.#end(event.data.signal, 'rejected', `repeat of ${event.data.repeats}`)
        return
      case 'SignalDropped': {
        const { signal, reason } = event.data
        this.#end(signal, reason === 'expired' ? 'expired' : 'rejected', reason)
        return
      }
      case 'LegsSettled': {
        const { signal, result } = event.data
        const isSent = this.#inWork.get(signal)?.status === 'executed'
        this.#end(signal, isSent ? 'executed' : 'rejected', result)
        return
      }
      default:
    }
  }

  #end(signal: string, status: SignalStatus, note: string): void {
    const row = this.#inWork.get(signal)
    if (!row) return
    this.#inWork.delete(signal)
    Object.assign(row, { status, note, isDone: true })
  }
}

/** What a signal is expected to earn, 1e-6 dollar, rounded down: its edge of every set, or of every dollar where its legs make none. */
export function expectedOf({
  strategy,
  size,
  cost,
  edge,
}: EventOf<'SignalRaised'>['data']): number {
  return mulDivFloor(tradesSets(strategy) ? size : cost, edge, 10_000)
}

const arbSignal: RowView<SignalRows, SignalRow> = {
  name: 'arb_signal',
  version: 1,
  initialState: () => new SignalRows(),
  evolve: (state, row, world) => {
    state.take(row, world)
  },
  drain: ({ rows }) => finished(rows),
  rest: ({ rows }) => [...rows],
}

/** `arb_signal.csv`: every signal and what became of it. */
export const arbSignalFile = tableOf(arbSignal, [
  RUN_ID,
  ['signal_id', ({ data }) => data.signal, 'text'],
  ...PLACED,
  ['event_id', ({ event }) => event, 'text'],
  ['market_ids', ({ markets }) => jsonCell(markets), 'text'],
  ['token_ids', ({ tokens }) => jsonCell(tokens), 'text'],
  ['edge_pct', ({ data }) => priceCell(data.edge), 'price'],
  ['expected_pnl_usd', ({ data }) => microCell(expectedOf(data)), 'micro'],
  ['ttl_ms', ({ data, tUs }) => `${Math.floor((data.expires - tUs) / 1_000)}`, 'integer'],
  ['features', ({ features }) => features, 'text'],
  ['status', ({ status }) => status, 'text'],
  ['decision_note', ({ note }) => note, 'text'],
  CREATED,
])

function rowOf(data: EventOf<'SignalRaised'>['data'], tUs: number, world: World): SignalRow {
  const markets = data.legs.map(({ token }) => world.marketKey(world.marketOf(token)))
  const tokens = data.legs.map(({ token }) => world.tokenKey(token))
  const { mode, source } = world
  return {
    ...{ data, tUs, mode, source, strategy: codeOfStrategy(data.strategy) },
    ...{ event: data.group ?? '', markets: [...new Set(markets)], tokens },
    features: jsonCell(featuresOf(data, { markets, tokens })),
    ...{ status: 'new', note: '', isDone: false },
  }
}

function featuresOf(
  data: EventOf<'SignalRaised'>['data'],
  { markets, tokens }: { markets: readonly string[]; tokens: readonly string[] },
) {
  const { strategy, instance = strategy, scope = 'shared', bucket, worst, spread, depth } = data
  const legs = data.legs.map(({ side, limit, size, bid, ask }, k) => ({
    ...{ market_id: markets[k], token_id: tokens[k], side: sideCell(side) },
    ...{ limit_price: limit, shares_micro: size, best_bid: bid, best_ask: ask },
  }))
  return {
    ...{ strategy, instance, scope, group_key: data.group ?? '', legs },
    ...{ expected_edge_bps: data.edge, shares_micro: data.size },
    ...{ cost_micro: data.cost, fee_micro: data.fee, bucket, worst_leg: worst },
    ...{ spread_bps: spread, depth3_micro: depth, used: Object.fromEntries(data.used ?? []) },
  }
}
