/** The files that a new strategy begins with, by name. */
export function filesOf(name: string): Readonly<Record<string, string>> {
  const value = name.replaceAll(/-+(.?)/g, (_, next: string) => next.toUpperCase())
  return {
    [`${name}.ts`]: strategyText(name, value),
    [`${name}.test.ts`]: testText(name, value),
    [`${name}.md`]: pageText(name),
  }
}

/** What comes next, in this order: commands from the folder of the files. */
export const commandsFor = (name: string): readonly string[] => [
  `polaris test-strategy ${name}.test.ts`,
  `polaris check-strategy ${name}.ts`,
  `polaris run --source sim:mixed/40000 --set 'code.strategies=["${name}.ts"]' --set 'strategy.names=["${name}"]' --set strategy.safe_only=false`,
]

const strategyText = (name: string, value: string): string => `import {
  key,
  mulDivFloor,
  NONE,
  outright,
  Positive,
  setIntent,
  Share,
  strategy,
} from 'polaris/strategy'

interface Params {
  readonly price_max: number
  readonly size_micro: number
}

/** Buys the first outcome of each market once, as soon as it is offered at a price or below. */
export const ${value} = strategy<Params, Set<number>>({
  name: '${name}',
  doc: 'buys the first outcome of a market once it is cheap',
  // Raise it with every change that may change a decision.
  version: 1,
  // What it earns depends on who wins: strategy.safe_only holds it back until you say otherwise.
  isDirectional: true,
  params: {
    price_max: key(Share, 3_000, '1e-4 $', 'dearest offer that is taken'),
    size_micro: key(Positive, 10_000_000, '1e-6 share', 'most shares of one market'),
  },
  // The cheap test: books of which it says no are never shown to \`on\`.
  subscribes: ({ price_max: limit }) => ({
    books: ({ tokens: [first] }) =>
      first === undefined ? undefined : { test: 'asks', limit, tokens: [first] },
  }),
  // The markets in which it has bought: all that it remembers.
  init: () => new Set(),
  on: (event, { book, params, memory: bought }) => {
    if (event.tag !== 'book') return NONE
    const {
      market,
      tokens: [token],
    } = event.market
    if (token === undefined || bought.has(market)) return NONE
    const offer = outright(event.market, token, {
      book: book(token),
      limit: params.price_max,
      most: params.size_micro,
    })
    if (!offer) return NONE
    bought.add(market)
    const { size, cost, fee, leg } = offer
    // What it earns if the outcome wins, in bps of the payout.
    const edge = mulDivFloor(size - cost - fee, 10_000, size)
    return setIntent({ market, size, cost, fee, edge, ttlMs: 5_000, legs: [leg] })
  },
})
`

const testText = (name: string, value: string): string => `import assert from 'node:assert'
import { test } from 'node:test'
import { storyOf } from 'polaris/testing'
import { ${value} } from './${name}.js'

test('buys the first outcome of a market once it is cheap, and only once', () => {
  // Token 1 is the first outcome of market 1. Times in ms, prices in dollars, sizes in shares.
  const story = storyOf(${value}, { price_max: 3_000, size_micro: 10_000_000 })
    .market(1)
    .book(1, 1, { bids: [[0.38, 50]], asks: [[0.4, 50]] })
  assert.equal(story.all('SignalRaised').length, 0, 'forty cents are not cheap')
  story.book(2, 1, { bids: [[0.28, 50]], asks: [[0.3, 50]] })
  story.book(3, 1, { bids: [[0.27, 50]], asks: [[0.29, 50]] })
  const [signal, ...more] = story.all('SignalRaised')
  assert.equal(signal?.size, 10_000_000)
  assert.equal(more.length, 0, 'once')
})

test('buys nothing where less is offered than an order may hold', () => {
  const story = storyOf(${value})
    .market(1, { minSize: 5 })
    .book(1, 1, { bids: [[0.28, 50]], asks: [[0.3, 4]] })
  assert.equal(story.all('SignalRaised').length, 0)
})
`

const pageText = (name: string): string => `# ${name}

The idea in one sentence: buys the first outcome of a market once it is offered at \`price_max\` or below, and holds it to the end.

| parameter    | default | unit       | meaning                    |
| ------------ | ------- | ---------- | -------------------------- |
| \`price_max\`  | 3000    | 1e-4 $     | dearest offer that is taken |
| \`size_micro\` | 10000000 | 1e-6 share | most shares of one market  |

What it earns: a dollar a share less what was paid, where the outcome wins; nothing where it does not. When it loses: outcomes are cheap because
they seldom win.
`
