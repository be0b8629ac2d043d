import type { Prng } from '#engine/feeds/simulator/prng.js'

/** Asset ids as the venue writes them; the last is registered by nobody. */
export const ASSETS = [
  '40600137944982070120020561148201046074034528738262880058756488608210871246278',
  '79597156840177168343562124064866301094619106642263695929345529947536386203124',
  '1627500284739545390204314775735988068784669364445492030335161034375823784781',
  '101',
  '115474063864763126958837769719736461272619491980773624567012766320777398670353',
] as const
const MARKET = '0x3bb59c17b8ec156f8ef55d6de522c53c8bcc8fc708bfba00e1c7820c208ee28b'
const HASH = 'f3285de052f887d0ce2847581636a69c1046178d'
const PRICES = ['0.5', '0.06', '0.001', '0.9999', '0.51', '0.045', '.5', '0.50', '1.', '0.0']
const ODD_PRICES = ['0', '1', '', '1e-3', '-0.5', '0.00001', '2', 'x', '99999999999999999999']
const SIZES = ['0', '374.34', '21006065', '100', '5.000001', '12345678.123456', '0.5', '.25']
const ODD_SIZES = ['0.0000001', '-1', '123456789012.5', '99999999999999999', '', '1.2.3', '12.']
const KEYS = ['asset_id', 'price', 'size', 'side', 'hash', 'best_bid', 'best_ask', 'timestamp']
const VALUES = [
  ...['null', 'true', '0.5', '-1e999', '[]', '{}', '"\\ud800"', '"é"', '"a\\u0000b"', '"\\q"'],
  ...['{"price":{"price":[1,2,{"x":null}]}}', '"'.padEnd(300, 'x') + '"', '01', '-', '1.', '"\n"'],
  ...['['.repeat(70) + ']'.repeat(70), '['.repeat(60) + ']'.repeat(60), '"BUY"', '"\\u0042UY"'],
]

/** Frames of the venue's market channel out of a seeded stream: in the usual form, in rare ones, and broken. */
export function venueFrames(random: Prng): () => Buffer {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!
  const text = (usual: readonly string[], odd: readonly string[]): string =>
    quoted(random.oneIn(25) ? pick(odd) : pick(usual))
  const quoted = (word: string): string =>
    random.oneIn(60) && word !== ''
      ? `"\\u${word.charCodeAt(0).toString(16).padStart(4, '0')}${word.slice(1)}"`
      : `"${word}"`
  const object = (fields: readonly (readonly [string, string])[], isUsual: boolean): string => {
    const all = [...fields]
    if (!isUsual) {
      if (random.oneIn(3)) all.sort(() => random.below(3) - 1)
      if (random.oneIn(8)) all.splice(random.below(all.length), 1)
      if (random.oneIn(8)) all.push([`x${random.below(3)}`, pick(VALUES)])
      if (random.oneIn(12)) all.splice(random.below(all.length), 0, [pick(KEYS), pick(VALUES)])
    }
    const gap = !isUsual && random.oneIn(4) ? pick([' ', '\n  ', '\t', '\r\n']) : ''
    return `{${all.map(([key, value]) => `${gap}"${key}"${gap}:${gap}${value}`).join(`${gap},`)}${gap}}`
  }
  const level = (): [string, string][] => [
    ['price', text(PRICES, ODD_PRICES)],
    ['size', text(SIZES, ODD_SIZES)],
  ]
  const side = (): [string, string] => ['side', quoted(pick(['BUY', 'SELL', 'BUY', 'sell']))]
  const asset = (): [string, string] => ['asset_id', quoted(pick(ASSETS))]
  const hash = (): [string, string] => ['hash', quoted(HASH)]
  const best = (): string => text([...PRICES, '', '0', '1'], ODD_PRICES)
  const millis = (): [string, string] => [
    'timestamp',
    random.oneIn(30) ? pick(VALUES) : `"17867284384${10 + random.below(90)}"`,
  ]
  const change = (isUsual: boolean): string =>
    object(
      [asset(), ...level(), side(), hash(), ['best_bid', best()], ['best_ask', best()]],
      isUsual,
    )
  const list = (one: () => string, most: number): string => {
    if (random.oneIn(60)) return pick(VALUES)
    const item = (): string => (random.oneIn(60) ? pick(VALUES) : one())
    return `[${Array.from({ length: random.below(most + 1) }, item).join(',')}]`
  }
  const market: [string, string] = ['market', `"${MARKET}"`]
  const message = (): string => {
    const isUsual = random.below(4) > 0
    const type = (name: string): [string, string] => ['event_type', quoted(name)]
    const levels = (): string => list(() => object(level(), isUsual), 6)
    switch (random.below(9)) {
      case 0:
        return object(
          [market, asset(), millis(), hash(), ['bids', levels()], ['asks', levels()], type('book')],
          isUsual,
        )
      case 1:
        return object(
          [
            ...[market, asset(), ...level(), side(), millis(), type('last_trade_price')],
            ['transaction_hash', '"0x6c"'],
          ],
          isUsual,
        )
      case 2:
        return object(
          [
            ...[market, asset(), millis(), type('tick_size_change')],
            ['old_tick_size', '"0.01"'],
            ['new_tick_size', pick(['"0.001"', '"0.0025"', '"0.003"', '"0"', '"1"', '"x"'])],
          ],
          isUsual,
        )
      case 3:
        return object([market, type('new_market'), ['tags', pick(VALUES)], millis()], isUsual)
      case 4:
        return object(
          [market, asset(), hash(), ...level(), side(), millis(), type('price_change')],
          isUsual,
        )
      case 5:
        return object(
          [
            ...[market, asset(), millis(), type('price_change')],
            ['changes', list(() => object([...level(), side()], isUsual), 3)],
          ],
          isUsual,
        )
      default:
        return object(
          [
            market,
            ['price_changes', list(() => change(isUsual), 4)],
            millis(),
            type('price_change'),
          ],
          isUsual,
        )
    }
  }
  const broken = (bytes: Buffer): Buffer => {
    const at = random.below(bytes.length + 1)
    switch (random.below(5)) {
      case 0:
        return bytes.subarray(0, at)
      case 1:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length))])
      case 2:
        return Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(pick([...VALUES, '\0', '"', ',', ']', '}', ' ', '\\', '\uFEFF'])),
          bytes.subarray(at),
        ])
      default: {
        const copy = Buffer.from(bytes)
        for (let i = random.below(4); i >= 0 && copy.length > 0; i--)
          copy[random.below(copy.length)] = random.oneIn(2)
            ? random.below(256)
            : pick([34, 92, 44, 125, 48])
        return copy
      }
    }
  }
  return () => {
    const space = random.oneIn(6) ? pick([' ', '\n', ' \r\n\t']) : ''
    const body = random.oneIn(4) ? list(message, 3) : message()
    const bytes = Buffer.from(`${space}${body}${space}`)
    return random.oneIn(3) ? broken(bytes) : bytes
  }
}
