import type { EventOf } from '#schemas/registry.js'
import { BID } from '#schemas/levels.js'
import { equalParts, mulDivFloor, PRICE_MAX, proceedsOf } from '#schemas/units.js'
import { microCell, priceCell } from './csv.js'
import { tableOf, type RowView } from './view.js'
import { signalOf } from './owners.js'
import type { World } from './world.js'

/** What one leg of a signal holds, and what it cost, fees included (1e-6 share, 1e-6 dollar). */
interface LegHeld {
  readonly token: number
  size: number
  cost: number
}

/** What a signal bought, leg by leg. */
interface Bought {
  readonly signal: string
  readonly strategy: string
  readonly legs: readonly LegHeld[]
}

/** A part of what is held that belongs together: complete sets of a signal, or what one of its legs holds beyond them. */
interface Chunk {
  readonly signal: string
  readonly strategy: string
  /** Leg index; undefined for complete sets. */
  readonly leg: number | undefined
  readonly tokens: readonly number[]
  readonly size: number
  readonly cost: number
  readonly value: number
  readonly isPaid: boolean
}

interface State {
  readonly signals: Map<string, Bought>
  /** What a share of each resolved token paid, 1e-4 dollar. */
  readonly paid: Map<number, number>
}

/** Positions as explicit chunks: a complete set is carried as a set, what has no match by its leg. */
const chunks: RowView<State, Chunk> = {
  name: 'chunks',
  version: 2,
  initialState: () => ({ signals: new Map(), paid: new Map() }),
  evolve: ({ signals, paid }, { event }, world) => {
    if (event.type === 'SignalRaised') {
      const { signal, strategy, legs } = event.data
      signals.set(signal, {
        ...{ signal, strategy },
        legs: legs.map(({ token }) => ({ token, size: 0, cost: 0 })),
      })
    } else if (event.type === 'OrderFilled') fill(signals, event, world)
    else if (event.type === 'PositionsConverted') converted(signals, event)
    else if (event.type === 'FillVoided') unfill(signals, event)
    else if (event.type === 'MarketResolved')
      for (const [token, at] of event.data.payouts) paid.set(token, at)
    else if (event.type === 'IntentRefused' || event.type === 'DedupSignal')
      signals.delete(event.data.signal)
    else if (event.type === 'SignalDropped') signals.delete(event.data.signal)
    else if (event.type === 'LegsSettled' && event.data.result === 'none')
      signals.delete(event.data.signal)
  },
  drain: () => [],
  rest: ({ signals, paid }, world) =>
    [...signals.values()].flatMap(bought => chunksOf(bought, paid, world)),
  isWhole: true,
}

function fill(
  signals: ReadonlyMap<string, Bought>,
  { data }: EventOf<'OrderFilled'>,
  world: World,
): void {
  const { order, token, side, size, cash, fee } = data
  const leg = signals.get(signalOf(order))?.legs.find(of => of.token === token)
  if (leg && side === BID) {
    leg.size += size
    leg.cost += fee - cash
  } else if (leg) release(leg, size)
  else if (side !== BID) {
    // A strategy sells by itself what its signals bought: the oldest first.
    const strategy = world.owners.ofOrder(order)?.strategy
    if (strategy !== undefined) releaseOldest(signals, { strategy, token, size })
  }
}

/** Takes shares out of a leg. Answers what they cost, in proportion, rounded down, as in the books of the engine. */
function release(leg: LegHeld, size: number): number {
  const part = Math.min(size, leg.size)
  const cost = leg.size === 0 ? 0 : mulDivFloor(leg.cost, part, leg.size)
  leg.cost -= cost
  leg.size -= size
  return cost
}

function releaseOldest(
  signals: ReadonlyMap<string, Bought>,
  of: { readonly strategy: string; readonly token: number; readonly size: number },
): void {
  let left = of.size
  for (const { strategy, legs } of signals.values()) {
    if (left === 0) return
    const leg = strategy === of.strategy ? legs.find(({ token }) => token === of.token) : undefined
    if (!leg || leg.size <= 0) continue
    const part = Math.min(left, leg.size)
    release(leg, part)
    left -= part
  }
}

/** Sets that were merged are gone, the oldest first; a signal whose first leg was converted holds the others. */
function converted(
  signals: ReadonlyMap<string, Bought>,
  { data: { kind, signal, strategy, gives, size, gas } }: EventOf<'PositionsConverted'>,
): void {
  if (kind === 'merge') {
    for (const token of gives) releaseOldest(signals, { strategy, token, size })
    return
  }
  const [first, ...others] = signals.get(signal)?.legs ?? []
  if (!first) return
  const carried = equalParts(release(first, size) + gas, others.length)
  for (const [k, leg] of others.entries()) {
    leg.size += size
    leg.cost += carried[k]!
  }
}

/** A fill failed to settle: the opposite of what it did. */
function unfill(signals: ReadonlyMap<string, Bought>, { data }: EventOf<'FillVoided'>): void {
  const { order, token, side, size, cost } = data
  const leg = signals.get(signalOf(order))?.legs.find(of => of.token === token)
  if (!leg) return
  const sign = side === BID ? -1 : 1
  leg.size += sign * size
  leg.cost += sign * cost
}

/** The complete sets of a signal first, then what each leg holds beyond them. */
function chunksOf(
  { signal, strategy, legs }: Bought,
  paid: ReadonlyMap<number, number>,
  world: World,
): Chunk[] {
  // One outcome alone is no set.
  const sets = legs.length < 2 ? 0 : Math.max(0, Math.min(...legs.map(({ size }) => size)))
  const inSets = legs.map(({ size, cost }) => (size === 0 ? 0 : mulDivFloor(cost, sets, size)))
  const found: Chunk[] = []
  if (sets > 0)
    found.push({
      ...{ signal, strategy, leg: undefined },
      tokens: legs.map(({ token }) => token),
      size: sets,
      cost: inSets.reduce((sum, cost) => sum + cost, 0),
      value: legs.some(({ token }) => world.isUnknown(token)) ? 0 : proceedsOf(PRICE_MAX, sets),
      isPaid: legs.every(({ token }) => paid.has(token)),
    })
  for (const [leg, { token, size, cost }] of legs.entries()) {
    const loose = size - sets
    if (loose <= 0) continue
    const at = paid.get(token) ?? world.bidOf(token)
    found.push({
      ...{ signal, strategy, leg, tokens: [token], size: loose },
      cost: cost - inSets[leg]!,
      value: proceedsOf(at, loose),
      isPaid: paid.has(token),
    })
  }
  return found
}

/** `chunks.csv`. */
export const chunksFile = tableOf(chunks, [
  ['run_id', (_, runId) => runId, 'text'],
  ['signal_id', ({ signal }) => signal, 'text'],
  ['strategy', ({ strategy }) => strategy, 'text'],
  ['kind', ({ leg }) => (leg === undefined ? 'set' : 'loose'), 'text'],
  ['leg_index', ({ leg }) => (leg === undefined ? '' : String(leg)), 'integer'],
  ['tokens', ({ tokens }) => tokens.join(' '), 'text'],
  ['qty', ({ size }) => microCell(size), 'micro'],
  ['cost', ({ cost }) => microCell(cost), 'micro'],
  ['entry_price', ({ size, cost }) => priceCell(-mulDivFloor(-cost, 10_000, size)), 'price'],
  ['value', ({ value }) => microCell(value), 'micro'],
  ['status', ({ isPaid }) => (isPaid ? 'paid' : 'held'), 'text'],
])
