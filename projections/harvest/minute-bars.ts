/** Prices of a minute so far: mids in 1e-5 dollar, spreads in 1e-4 dollar, times in µs. */
export interface Bar {
  openUs: number
  open: number
  high: number
  low: number
  closeUs: number
  close: number
  spreadMin: number
  spreadMax: number
  spreadSum: number
  count: number
}

const MINUTE_US = 60_000_000
/** Minutes that are computed anew when it is time for it. */
const WINDOW_US = 10 * MINUTE_US

interface OpenBar extends Bar {
  /** Whether something came since it was told. */
  isChanged: boolean
}

/** Bars by minute, then by token. Those that are older than ten minutes and told are forgotten. */
export type MinuteBars = Map<number, Map<string, OpenBar>>

/** The bar as numbers, in the order of `Bar`. */
export const numbersOf = (bar: Bar): readonly number[] => [
  ...[bar.openUs, bar.open, bar.high, bar.low, bar.closeUs, bar.close],
  ...[bar.spreadMin, bar.spreadMax, bar.spreadSum, bar.count],
]

/** Takes a sample with both sides into the bar of its minute. */
export function addSample(
  bars: MinuteBars,
  of: { token: string; tUs: number; bid: number; ask: number },
): void {
  const { token, tUs, bid, ask } = of
  const minuteUs = Math.floor(tUs / MINUTE_US) * MINUTE_US
  const minute = bars.get(minuteUs) ?? new Map<string, OpenBar>()
  bars.set(minuteUs, minute)
  const [mid, spread] = [(bid + ask) * 5, ask - bid]
  const bar = minute.get(token)
  if (!bar) {
    const all = { openUs: tUs, open: mid, high: mid, low: mid, closeUs: tUs, close: mid }
    minute.set(token, {
      ...all,
      spreadMin: spread,
      spreadMax: spread,
      spreadSum: spread,
      count: 1,
      isChanged: true,
    })
    return
  }
  bar.high = Math.max(bar.high, mid)
  bar.low = Math.min(bar.low, mid)
  bar.closeUs = tUs
  bar.close = mid
  bar.spreadMin = Math.min(bar.spreadMin, spread)
  bar.spreadMax = Math.max(bar.spreadMax, spread)
  bar.spreadSum += spread
  bar.count++
  bar.isChanged = true
}

/** Bars that changed since they were told last; what is older than ten minutes is forgotten. */
export function* changedBars(
  bars: MinuteBars,
  tUs: number,
): Generator<readonly [token: string, minuteUs: number, bar: Bar]> {
  for (const [minuteUs, minute] of bars) {
    for (const [token, bar] of minute)
      if (bar.isChanged) {
        bar.isChanged = false
        yield [token, minuteUs, bar]
      }
    if (minuteUs + MINUTE_US + WINDOW_US <= tUs) bars.delete(minuteUs)
  }
}
