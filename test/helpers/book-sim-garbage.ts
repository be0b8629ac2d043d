import type { Prng } from '#engine/feeds/simulator/prng.js'

/** Values that a caller may put anywhere: some fit, most do not. */
const ODD: readonly unknown[] = [
  null,
  true,
  '',
  'BUY',
  'x\ud800y',
  '\ud83d\ude00'.repeat(30),
  '\u2028"\\\u0007\u0000é',
  [],
  {},
  [1, [2, { a: null }]],
  { price: 0.5 },
  0,
  -0,
  -1,
  0.1,
  0.07,
  1e-7,
  1.5e-7,
  0.12345678,
  0.48005,
  5e-324,
  1e15,
  9007199254740991,
  9007199254740993,
  1e21,
  1.2345e25,
  1e300,
  -1e300,
]
/** Numbers as only a text can hold them. */
const TEXTS = ['1e999', '-1E+400', '1.0', '01', '+1', '.5', '1.', 'NaN', '1e', '-', '-0.0', '2E-3']
const KEYS = [
  't1',
  't2',
  '7',
  '01',
  '4294967295',
  '1e3',
  ' ',
  '0x1f',
  'a.b',
  '\ud800',
  '∞',
  '-Infinity',
]
const TICKS = [0.01, 0.01, 0.001, 0.005, 0.1, 0.0001, 0.05, 1, 3, 900719925474]

/** One line to the book-sim out of a seeded stream: mostly sound, often odd, sometimes no request at all. */
export function spokenLine(random: Prng): string {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!
  const odd = <T>(sound: T, oneIn = 40): unknown => (random.oneIn(oneIn) ? pick(ODD) : sound)
  const maybe = (sound: unknown): unknown => {
    const kind = random.below(5)
    return kind === 0 ? undefined : kind === 1 ? null : odd(sound)
  }
  const at = (): number => {
    if (random.oneIn(25)) return random.below(1e9) / 1e4
    return (random.oneIn(3) ? random.below(10_001) : (30 + random.below(40)) * 100) / 1e4
  }
  const limit = (): number => (random.oneIn(6) ? random.below(1e7) / 1e7 : at())
  const size = (): number => {
    const kind = random.below(12)
    if (kind === 0) return random.below(1e9) / 1e8
    if (kind === 1) return 9_007_199_254 - random.below(1e6) / 1e6
    return kind < 6 ? random.below(200) : random.below(2e8) / 1e6
  }
  const tokens = [pick(KEYS), 't1', 't2']
  const list = (most: number, one: () => unknown): unknown =>
    odd(
      Array.from({ length: random.below(most + 1) }, () => odd(one(), 150)),
      120,
    )
  const level = (): unknown => ({ price: odd(at(), 300), size: odd(size(), 300) })
  const intent = (): unknown => ({
    intent_id: odd(`i${random.below(9)}`),
    token_id: odd(pick(tokens)),
    market_id: odd('m\u00e9 "1"'),
    side: odd(pick(['BUY', 'SELL'])),
    order_type: odd(pick(['FAK', 'IOC', 'PAPER', 'FOK', 'GTC'])),
    limit_price: maybe(limit()),
    shares: maybe(size()),
    notional_usd: maybe(size()),
  })
  const snapshot = (): unknown => ({
    market_id: odd('m1'),
    best_bid: maybe(at()),
    best_ask: maybe(at()),
    min_order_size: maybe(pick([0, 1, 5, 15, 0.0000001])),
    tick_size: maybe(pick(TICKS)),
    bids: list(random.oneIn(20) ? 60 : 6, level),
    asks: list(random.oneIn(20) ? 60 : 6, level),
  })
  const payload = {
    slippage_bps: odd(pick([0, 40, 40, 200, 10_000, 20_001, Number.MAX_SAFE_INTEGER])),
    intents: list(4, intent),
    snapshots: odd(
      Object.fromEntries(
        tokens.filter(() => !random.oneIn(6)).map(token => [token, odd(snapshot(), 120)]),
      ),
      120,
    ),
  }
  const line = JSON.stringify({ id: odd(`${random.below(99)}`), payload: odd(payload, 120) })
  // Half a character cannot be written to a pipe.
  if (random.oneIn(12)) return Buffer.from(damaged(line, random)).toString()
  if (!random.oneIn(12)) return line
  // A number in the text becomes one that no value prints as, or a key stands twice, or a name is taken.
  const kind = random.below(4)
  if (kind === 0) return line.replace(/\d+(\.\d+)?/, pick(TEXTS))
  if (kind === 1) return line.replace('"side":', '"\\u0073ide":"SELL","side":')
  if (kind === 2) return line.replace('"shares":', '"__proto__":{"shares":5},"shares":')
  return line.replace('"payload":', `"more":${'['.repeat(random.below(90))}`)
}

function damaged(line: string, random: Prng): string {
  const from = random.below(line.length)
  const kind = random.below(6)
  if (kind === 0) return line.slice(0, from)
  if (kind === 1) return line.slice(0, from) + line.slice(from + 1 + random.below(6))
  if (kind === 2) return ['', ' \t', '\u00a0\ufeff', '\u0085', '[]', 'null', '"id"'][from % 7]!
  if (kind === 3) return ` \t${line}\r `
  if (kind === 4) return `${line.slice(0, from)}\\ud83d\\u${line.slice(from)}`
  const char = String.fromCharCode(32 + random.below(95))
  return line.slice(0, from) + char + line.slice(from + 1)
}
