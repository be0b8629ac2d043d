import { tickHolding } from '../../decimal.js'
import { areMirrored, rowAt } from './tickscope-decode.js'
import type { Row } from './tickscope-decode.js'
import { tickscopeRows } from './tickscope-rows.js'
import type { MarketMeta } from '../../recorded/market-meta.js'

/** The coarsest tick that a quiet token is given, 1e-4 dollar: the venue's usual one. */
const TICK_GUESS = 100

/**
 * The markets that a recording implies, by a first pass over all its files: tokens whose changes mirror each other are
 * the two outcomes of one market, the first to appear has index 0, and the tick is the coarsest grid that holds every
 * price of both. A token without a twin stands alone. The recording has no market ids: the key is made of the tokens'.
 */
export async function impliedMarkets(paths: readonly string[]): Promise<readonly MarketMeta[]> {
  const ticks = new Map<string, number>() // in order of appearance
  const votes = new Map<string, Map<string, number>>()
  for (const path of paths) {
    let before: Row | undefined
    for await (const rows of tickscopeRows(path))
      for (let i = 0; i < rows.count; i++) {
        const row = rowAt(rows, i)
        if ('odd' in row) continue
        refine(ticks, row)
        const isPair = before !== undefined && areMirrored(before, row)
        if (before && isPair) vote(votes, before.key, row.key)
        before = isPair ? undefined : row
      }
  }
  return [...ticks.keys()].flatMap(key => marketOf(key, ticks, votes) ?? [])
}

function refine(ticks: Map<string, number>, { key, price, bid, ask }: Row): void {
  const tick = ticks.get(key) ?? TICK_GUESS
  if (price % tick === 0 && bid % tick === 0 && ask % tick === 0 && ticks.has(key)) return
  ticks.set(key, [price, bid, ask].reduce(tickHolding, tick))
}

function vote(votes: Map<string, Map<string, number>>, a: string, b: string): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const of = votes.get(one) ?? new Map<string, number>()
    of.set(other, (of.get(other) ?? 0) + 1)
    votes.set(one, of)
  }
}

/** The market that a token opens: with its twin behind it, or alone; undefined where its twin opened it before. */
function marketOf(
  key: string,
  ticks: ReadonlyMap<string, number>,
  votes: ReadonlyMap<string, ReadonlyMap<string, number>>,
): MarketMeta | undefined {
  const twin = favourite(votes.get(key))
  const isMutual = twin !== undefined && favourite(votes.get(twin)) === key
  const order = [...ticks.keys()]
  if (isMutual && order.indexOf(twin) < order.indexOf(key)) return undefined
  const keys = isMutual ? [key, twin] : [key]
  const tick = Math.min(...keys.map(each => ticks.get(each) ?? TICK_GUESS))
  return { key: `market of ${key}`, tokens: keys.map(each => ({ key: each, tick })) }
}

function favourite(votes: ReadonlyMap<string, number> | undefined): string | undefined {
  let [best, most]: [string | undefined, number] = [undefined, 0]
  for (const [key, count] of votes ?? []) if (count > most) [best, most] = [key, count]
  return best
}
