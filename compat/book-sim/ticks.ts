/**
 * The price on the tick grid: a buy's up, a sale's down, never below one tick. Whole numbers of 1e-4 dollar throughout; in
 * floats `ceil(.07 / .01)` is 8 and `floor(.29 / .01)` is 28.
 */
export function onTick(at: number, tick: number, side: 'BUY' | 'SELL'): number {
  const over = at % tick
  const rounded = side === 'BUY' && over > 0 ? at - over + tick : at - over
  return Math.max(tick, rounded)
}
