import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BID } from '#schemas/levels.js'
import { FOUND, TapeReader, type Tape } from '#engine/book/tape.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { opening } from '#engine/feeds/testing/drain.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { tapeOf } from '#engine/run/testing/one-by-one.js'
import { configWith, startedWith } from '#engine/run/testing/story.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
import { NONE, strategy, type Context, type Strategy } from '#engine/strategies/strategy.js'
import { checkLookahead, type LookaheadVerdict } from '#cli/lookahead.js'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const dir = t.testdir()
const inputs: FeedInput[] = []
for await (const batch of simulatorFeed({ scenario: 'parity', seed: 3, events: 3_000 }).open(
  opening(),
))
  inputs.push(...batch)
const tapes = [inputs.slice(0, 1_000), inputs.slice(1_000)].map(tapeOf)

/** Buys a share of the first outcome of a market where `wants` says so, at most every second. */
const buyer = (wants: (token: number, of: Context) => boolean): Strategy =>
  strategy<unknown, Map<number, number>>({
    name: 'buyer',
    doc: 'a rule under test',
    version: 1,
    params: {},
    subscribes: () => ({
      books: ({ tokens }) => ({ test: 'asks', limit: 10_000, tokens: tokens.slice(0, 1) }),
    }),
    init: () => new Map(),
    on: (event, context) => {
      if (event.tag !== 'book') return NONE
      const [token] = event.market.tokens
      const { memory, tUs } = context
      if (token === undefined || tUs < (memory.get(token) ?? 0) || !wants(token, context))
        return NONE
      memory.set(token, tUs + 1_000_000)
      const { bestAsk: limit } = context.book(token)
      return [{ tag: 'order', token, side: BID, limit, size: 5_000_000, tif: 'FAK' }]
    },
  })

/** Of a rule that is made for the tapes that it is to be run over. */
const verdictOf = (
  rule: (tapes: readonly Tape[]) => Strategy,
  cuts = 5,
): Promise<LookaheadVerdict> => {
  const config = configWith({ strategy: { names: ['buyer'] } })
  const strategiesOf = (of: readonly Tape[]): Strategies => ({ ...STRATEGIES, buyer: rule(of) })
  return checkLookahead({
    ...{ started: startedWith(config), tapes, inputs: inputs.length, cuts },
    partsOf: of => ({ parts: { strategies: strategiesOf(of) }, close: () => undefined }),
    progress: () => undefined,
    stop: new AbortController().signal,
  })
}

t.test('a rule that knows nothing but the past is clean', async t => {
  const cheap = buyer((token, { book }) => book(token).bestAsk < 4_200)
  const { decisions, ...verdict } = await verdictOf(() => cheap)
  t.same(verdict, { cuts: 10, isRepeatable: true, first: null })
  t.ok(decisions > 100, `${decisions} decisions`)
})

t.test('a price that an earlier pass kept outside of the memory of the rule is found', async t => {
  const seen = new Map<number, Map<number, number>>()
  const hindsight = buyer((token, { book, tUs }) => {
    const asks = seen.get(token) ?? new Map<number, number>()
    seen.set(token, asks)
    const { bestAsk } = book(token)
    const later = [...asks].some(([atUs, ask]) => atUs > tUs && ask > bestAsk)
    asks.set(tUs, bestAsk)
    return later || bestAsk < 3_000
  })
  const { isRepeatable, first } = await verdictOf(() => hindsight)
  t.notOk(isRepeatable)
  t.ok(first && first.cut < inputs.length, 'the first pass of a part of the inputs shows it')
  t.match(first?.got, new RegExp(`^{"n":${first?.seq},.*"OrderPlaced`))
  t.notOk(first?.expected.includes('"OrderPlaced'))
})

t.test('a rule that knows the next input is found right behind what it decided', async t => {
  // Whatever reads a source whole before it decides does it like this.
  const peeking = (of: readonly Tape[]): Strategy => {
    const times = of.flatMap(timesOn)
    return buyer((_, { tUs }) => times.some(atUs => atUs > tUs && atUs <= tUs + 5_000))
  }
  const { isRepeatable, first } = await verdictOf(peeking, 1)
  t.ok(isRepeatable, 'it decides the same each time')
  t.match(first?.expected, '"OrderPlaced')
  t.equal(first?.got, '')
  const cause = /"c":(\d+)/.exec(first?.expected ?? '')?.[1]
  t.equal(first?.seq, Number(cause) + 1, 'it is decided at its input')
})

t.test('a rule that is another every time is found', async t => {
  let calls = 0
  const { isRepeatable, first } = await verdictOf(() => buyer(() => ++calls % 7 === 0))
  t.notOk(isRepeatable)
  t.not(first, null)
})

t.test('polaris check-lookahead', async t => {
  const run = join(dir, 'run')
  polaris('run', '--source', 'sim:mixed/4000', '--seed', '9', '--out', run)
  for (const backend of ['ts', 'auto']) {
    const { code, json, out } = polaris('check-lookahead', run, '--json', '--backend', backend)
    t.equal(code, 0, out)
    t.match(json, { isClean: true, inputs: 4_000, isRepeatable: true, first: null })
    t.ok(Number(json['decisions']) > 50 && Number(json['cuts']) > 25, out)
  }
  const strict = polaris('check-lookahead', run, '--cuts', '2', '--set', 'parity.min_edge_bps=9000')
  t.equal(strict.code, 0, strict.err)
  t.match(strict.out, /^4,000 inputs, \d+ decisions, cut at 4 places\nclean: no decision depends/)
  t.match(polaris('check-lookahead', run, '--cuts', '0', '--json').json, {
    error: { where: '--cuts', expected: 'a whole number ≥ 1' },
  })
})

const KALSHI = join(ROOT, '..', 'shared', 'data', 'kalshi-ws')
const skip = existsSync(KALSHI) ? false : 'the recordings are not beside this clone'
t.test('an import is checked with the rules of today', { skip }, async t => {
  const run = join(dir, 'kalshi')
  polaris('import', 'kalshi-ws', KALSHI, '--out', run)
  const set = ['--set', 'strategy.names=["quoting"]']
  const { code, json } = polaris('check-lookahead', run, '--json', ...set)
  t.equal(code, 0)
  t.match(json, { isClean: true, first: null })
  t.ok(Number(json['decisions']) > 0, 'it decides something')
})

function timesOn(tape: Tape): number[] {
  const reader = new TapeReader().over(tape, 0, 0)
  const times: number[] = []
  while (reader.next() !== FOUND.end) times.push(reader.tUs)
  return times
}
