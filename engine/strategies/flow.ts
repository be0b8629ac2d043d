interface Trade {
  readonly tUs: number
  /** 1e-6 share; negative where the taker sold. */
  readonly size: number
}

/** What others traded of late, by market; the oldest first. */
export type Flow = Map<number, Trade[]>

/** Most trades that are remembered of a market: in a window that is busier than this the newest count. */
const TRADES_MAX = 4_096

/** Adds a trade, and forgets what is older than the window. */
export function addTrade(flow: Flow, market: number, trade: Trade, windowMs: number): void {
  const trades = flow.get(market) ?? []
  trades.push(trade)
  const fromUs = trade.tUs - windowMs * 1_000
  let old = Math.max(0, trades.length - TRADES_MAX)
  while (old < trades.length && trades[old]!.tUs < fromUs) old++
  if (old > 0) trades.splice(0, old)
  flow.set(market, trades)
}

/** What was traded in the window before now: in all, and buys less sells; 1e-6 share. */
export function flowOf(
  flow: Flow,
  market: number,
  tUs: number,
  windowMs: number,
): { readonly total: number; readonly net: number } {
  let [total, net] = [0, 0]
  for (const trade of flow.get(market) ?? []) {
    if (trade.tUs < tUs - windowMs * 1_000) continue
    total += Math.abs(trade.size)
    net += trade.size
  }
  return { total, net }
}
