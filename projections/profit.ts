import type { EventOf } from '#schemas/registry.js'
import { mulDivFloor } from '#schemas/units.js'
import { askCell, bidCell, microCell, priceCell } from './csv.js'
import { Holdings, type Pnl } from './holdings.js'
import { tableOf, type RowView } from './view.js'
import type { World } from './world.js'

/** What one strategy bought and sold of one token, in 1e-6 share. */
interface Moved {
  bought: number
  sold: number
  settled: number
}

/** What one strategy holds in one market. */
interface Part {
  readonly strategy: string
  /** Market of its first leg. */
  readonly market: number
  /** The event whose outcomes it holds; empty where it is one market. */
  readonly group: string
  readonly holdings: Holdings
  readonly moved: Map<number, Moved>
}

/** Holdings by strategy and market. The strategies' tokens may be the same; what each holds is kept apart. */
export class Books {
  readonly parts = new Map<string, Part>()

  fill({ data }: EventOf<'OrderFilled'>, world: World): void {
    const part = this.#partFor(data, world)
    part.holdings.fill(data)
    const moved = movedOf(part, data.token)
    if (data.side === 0) moved.bought += data.size
    else moved.sold += data.size
  }

  void({ data }: EventOf<'FillVoided'>, world: World): void {
    const part = this.#partFor(data, world)
    part.holdings.void(data)
    const moved = movedOf(part, data.token)
    if (data.side === 0) moved.bought -= data.size
    else moved.sold -= data.size
  }

  convert({ data }: EventOf<'PositionsConverted'>): void {
    const { strategy, market, group = '', gives, takes, size } = data
    const part = this.#partOf(strategy, market, group)
    part.holdings.convert(data)
    for (const token of gives) movedOf(part, token).settled += size
    for (const token of takes) movedOf(part, token).bought += size
  }

  failed({ data: { signal, gas } }: EventOf<'ConversionFailed'>, world: World): void {
    const { strategy = '', market = 0, group = '' } = world.owners.ofSignal(signal) ?? {}
    this.#partOf(strategy, market, group).holdings.pay(gas)
  }

  /** What was there before the run began belongs to no strategy. */
  adopt({ data }: EventOf<'PositionAdopted'>, world: World): void {
    const part = this.#partOf('', world.marketOf(data.token) ?? 0, '')
    part.holdings.adopt(data)
    movedOf(part, data.token)
  }

  resolve({ data }: EventOf<'MarketResolved'>): void {
    for (const { holdings, moved } of this.parts.values()) {
      for (const [token, at] of data.payouts) {
        const of = moved.get(token)
        if (of) of.settled += holdings.byToken.get(token)?.size ?? 0
        holdings.settle(token, at)
      }
    }
  }

  /** By strategy, then by market. */
  get sorted(): readonly Part[] {
    return [...this.parts.values()].sort((a, b) =>
      a.strategy === b.strategy ? a.market - b.market : a.strategy < b.strategy ? -1 : 1,
    )
  }

  #partFor(
    { order, token }: { readonly order: string; readonly token: number },
    world: World,
  ): Part {
    const owner = world.owners.ofOrder(order)
    const group = owner?.group ?? ''
    const market = group === '' ? world.marketOf(token) : owner?.market
    return this.#partOf(owner?.strategy ?? '', market ?? 0, group)
  }

  #partOf(strategy: string, market: number, group: string): Part {
    const key = `${group || market} ${strategy}`
    const part = this.parts.get(key) ?? {
      ...{ strategy, market, group },
      ...{ holdings: new Holdings(), moved: new Map<number, Moved>() },
    }
    this.parts.set(key, part)
    return part
  }
}

function movedOf({ moved }: Part, token: number): Moved {
  const known = moved.get(token)
  if (known) return known
  const fresh = { bought: 0, sold: 0, settled: 0 }
  moved.set(token, fresh)
  return fresh
}

/** A view that only the end of the log finishes, over the holdings of all strategies. */
function ofBooks<R>(
  name: string,
  rest: (books: Books, world: World) => readonly R[],
): RowView<Books, R> {
  return {
    name,
    version: 3,
    initialState: () => new Books(),
    evolve: (books, { event }, world) => {
      if (event.type === 'OrderFilled') books.fill(event, world)
      else if (event.type === 'FillVoided') books.void(event, world)
      else if (event.type === 'PositionAdopted') books.adopt(event, world)
      else if (event.type === 'PositionsConverted') books.convert(event)
      else if (event.type === 'ConversionFailed') books.failed(event, world)
      else if (event.type === 'MarketResolved') books.resolve(event)
    },
    drain: () => [],
    rest,
    isWhole: true,
  }
}

/** What each strategy holds of each token it ever traded. */
export const positions = ofBooks('positions', (books, world) =>
  books.sorted.flatMap(({ strategy, holdings, moved }) =>
    [...moved]
      .sort(([a], [b]) => a - b)
      .map(([token, of]) => ({
        ...{ strategy, market: world.marketOf(token) ?? 0, token, ...of },
        ...(holdings.byToken.get(token) ?? { size: 0, cost: 0 }),
        marketKey: world.marketKey(world.marketOf(token)),
        facts: world.tokens.get(token),
        bid: world.bidOf(token),
        ask: world.books.view(token)?.bestAsk ?? 10_000,
      })),
  ),
)

/** `positions.csv`. */
export const positionsFile = tableOf(positions, [
  ['run_id', (_, runId) => runId, 'text'],
  ['strategy', ({ strategy }) => strategy, 'text'],
  ['market', ({ market }) => String(market), 'integer'],
  ['market_id', ({ marketKey }) => marketKey, 'text'],
  ['token', ({ token }) => String(token), 'integer'],
  ['token_id', ({ facts }) => facts?.key ?? '', 'text'],
  ['outcome', ({ facts }) => facts?.outcome ?? '', 'text'],
  ['bought_qty', ({ bought }) => microCell(bought), 'micro'],
  ['sold_qty', ({ sold }) => microCell(sold), 'micro'],
  ['settled_qty', ({ settled }) => microCell(settled), 'micro'],
  ['qty', ({ size }) => microCell(size), 'micro'],
  ['cost', ({ cost }) => microCell(cost), 'micro'],
  [
    'avg_cost',
    ({ size, cost }) => (size > 0 ? priceCell(-mulDivFloor(-cost, 10_000, size)) : ''),
    'price',
  ],
  ['best_bid', ({ bid }) => bidCell(bid), 'price'],
  ['best_ask', ({ ask }) => askCell(ask), 'price'],
])

/** Profit by strategy and market; `*` stands for all of them. */
export const pnl = ofBooks('pnl', (books, world) => {
  const rows = books.sorted.map(({ strategy, market, group, holdings }) => ({
    ...{ strategy, market, key: group || world.marketKey(market) },
    ...holdings.pnl(
      token => world.bidOf(token),
      tokens => world.setsAmong(tokens),
    ),
  }))
  const strategies = [...new Set(rows.map(({ strategy }) => strategy))]
  const totals = strategies.map(strategy => ({
    ...{ strategy, market: 0, key: '*' },
    ...sumOf(rows.filter(row => row.strategy === strategy)),
  }))
  return [...rows, ...totals, { strategy: '*', market: 0, key: '*', ...sumOf(rows) }]
})

/** `pnl.csv`. */
export const pnlFile = tableOf(pnl, [
  ['run_id', (_, runId) => runId, 'text'],
  ['strategy', ({ strategy }) => strategy, 'text'],
  ['market', ({ market }) => (market === 0 ? '*' : String(market)), 'text'],
  ['market_id', ({ key }) => key, 'text'],
  ['realised', ({ realised }) => microCell(realised), 'micro'],
  ['open', ({ open }) => microCell(open), 'micro'],
  ['fees', ({ fees }) => microCell(fees), 'micro'],
  ['total', ({ realised, open }) => microCell(realised + open), 'micro'],
])

function sumOf(rows: readonly Pnl[]): Pnl {
  const sum = (of: (row: Pnl) => number): number => rows.reduce((all, row) => all + of(row), 0)
  return {
    realised: sum(({ realised }) => realised),
    open: sum(({ open }) => open),
    fees: sum(({ fees }) => fees),
  }
}
