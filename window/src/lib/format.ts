const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const whole = new Intl.NumberFormat('en')

/** 1e-6 dollar. */
export const dollars = (micro: number): string =>
  `${micro < 0 ? '−' : ''}$${money.format(Math.abs(micro) / 1e6)}`
/** 1e-6 share. */
export const shares = (micro: number): string => short.format(micro / 1e6)
/** 1e-4 dollar. */
export const price = (e4: number | null): string => (e4 === null ? '—' : (e4 / 10_000).toFixed(4))
export const count = (n: number): string => whole.format(n)
export const percent = (part: number): string => `${(part * 100).toFixed(2)} %`

/** A time in µs, UTC. */
export const clock = (us: number): string =>
  us === 0 ? '—' : new Date(us / 1_000).toISOString().slice(11, 23)
/** Its day, UTC. */
export const date = (us: number): string =>
  us === 0 ? '—' : new Date(us / 1_000).toISOString().slice(0, 10)
/** A time in ms, UTC. */
export const clockMs = (ms: number | null): string => (ms === null ? '—' : clock(ms * 1_000))
