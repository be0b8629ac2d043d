import assert from 'node:assert'
import { decisionPart, defaults } from '#schemas/config.js'
import { SCHEMA } from '#schemas/registry.js'
import { RunStarted } from '#schemas/events/run.js'
import type { BookFold } from '#engine/book/fold.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { packed } from '#engine/core/saved.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { opening } from '#engine/feeds/testing/drain.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { loadAddon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { passOver } from '#engine/run/pass.js'
import { Replay } from '#engine/run/replay.js'
import type { Parts } from '#engine/run/start.js'
import { oneByOne, tapeOf } from '#engine/run/testing/one-by-one.js'
import { quoting } from '#engine/strategies/quoting.js'
import { onMarkets } from '#engine/strategies/testing/on-markets.js'
import type { Bench } from './question.js'
import { race, type Contender } from './stopwatch.js'

const SEED = 7
/** Of the 200 markets of the scenario, one in so many is quoted. */
const QUOTED_ONE_IN = 100
const strategies = { quoting: onMarkets(quoting, market => market % QUOTED_ONE_IN === 0) }

/** What does it cost to replay a market maker who quotes two of two hundred markets? */
export const bench: Bench = {
  name: 'quoting',
  question:
    'How many events a second does the whole engine take where two of two hundred markets are quoted?',
  events: 200_000,
  samples: 7,
  dominates:
    'The turns of the quoted markets, about one input in a hundred: each is decided and compared; the rest is passed over as in `replay` and `sweep`.',
  run: async ({ events, samples }, call) => {
    const inputs = await inputsOf(events)
    const started = startedQuoting()
    const turns = { orders: 0 }
    const run = oneByOne(started, inputs, { strategies }, ({ rows }) => {
      for (const { event } of rows) if (event.type === 'OrderPlaced') turns.orders++
    })
    assert(turns.orders > 0, 'something is quoted')
    const tapes = [tapeOf(inputs)]
    const addon = loadAddon()
    const folds: [string, () => BookFold][] = [['TypeScript', tsFold]]
    if (typeof addon !== 'string') folds.unshift(['native', () => new NativeFold(addon)])
    const ops = run.lastSeq
    const replayed = (parts: Parts): string => {
      const replay = new Replay(parts)
      assert.equal(replay.lines(run.bytes), undefined, 'it replays')
      return packed(replay.loop?.save())
    }
    const swept = (parts: Parts): string =>
      packed(passOver({ started, tapes, parts }, () => undefined).save())
    for (const [name, make] of folds)
      for (const take of [replayed, swept])
        assert.equal(take({ fold: make(), strategies }), run.saved, `${name}: the same memory`)
    const contenders = folds.flatMap(([name, make]): (Contender & { group: string })[] => {
      const parts = (): Parts => ({ fold: make(), strategies })
      return [
        { name, group: 'replay, every line compared', ops, run: () => replayed(parts()) },
        { name, group: 'a pass over a tape, no log', ops, run: () => swept(parts()) },
        { name, group: 'input by input', ops, run: () => oneByOne(started, inputs, parts()) },
      ]
    })
    contenders.sort((a, b) => (a.group < b.group ? 1 : a.group > b.group ? -1 : 0))
    return {
      contenders: await race(contenders, { samples, progress: call.progress }),
      facts: { inputs: inputs.length, orders: turns.orders, lastSeq: ops },
    }
  },
}

async function inputsOf(events: number): Promise<FeedInput[]> {
  const feed = simulatorFeed({ scenario: 'venue', seed: SEED, events, mispricingsPerMillion: 0 })
  const inputs: FeedInput[] = []
  for await (const batch of feed.open(opening())) inputs.push(...batch)
  return inputs
}

function startedQuoting() {
  const base = decisionPart(defaults())
  const config = { ...base, strategy: { names: ['quoting'], instances: [] } }
  const of = { parent: '', mode: 'paper_live', source: 'bench', digest: '' } as const
  return RunStarted.make({ ...of, schema: SCHEMA, seed: SEED, faults: [], config })
}
