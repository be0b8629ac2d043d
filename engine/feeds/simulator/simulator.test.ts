import { createHash } from 'node:crypto'
import t from 'tap'
import { opening } from '../testing/drain.js'
import { packed, unpacked } from '#engine/core/saved.js'
import { ASK, BID, CHANGE } from '#schemas/levels.js'
import { typeOf } from '#schemas/registry.js'
import { BATCH_MAX, FeedFault } from '../feed.js'
import type { FeedInput } from '../feed.js'
import { NaiveBooks } from '../testing/naive-books.js'
import { SCENARIOS } from './scenario.js'
import { simulatorFeed } from './simulator.js'
import type { SimulatorOptions } from './simulator.js'

async function inputsOf(options: SimulatorOptions): Promise<readonly FeedInput[]> {
  const inputs: FeedInput[] = []
  for await (const batch of simulatorFeed(options).open(opening())) {
    if (batch.length === 0 || batch.length > BATCH_MAX) throw new Error('a batch out of bounds')
    inputs.push(...batch)
  }
  return inputs
}

const digestOf = (inputs: readonly FeedInput[]): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex')

for (const { name: scenario, incidents, mispricingsPerMillion } of SCENARIOS) {
  const crosses = incidents.filter(([, what]) => what === 'cross').length
  for (const seed of [1, 7, 20_261_010])
    t.test(
      `${scenario}, seed ${seed}: what the venue states is what its changes fold to`,
      async t => {
        const books = new NaiveBooks()
        let [last, wrong, crossed, unlisted, invalid, mispriced] = [0, 0, 0, 0, 0, 0]
        const dirty = new Set<number>() // books with a wrong level, until they are stated anew
        const inputs = await inputsOf({ scenario, seed, events: 20_000 })
        for (const { tUs, event } of inputs) {
          if (tUs < last) wrong++
          last = tUs
          if (!typeOf(event.type).codec.is(event.data)) invalid++
          if (event.type === 'BookSnapshot') {
            const { token, bids, asks } = event.data
            if (!books.has(token)) books.restate(token, bids, asks)
            else if (!heard(inputs, event) && ![...dirty].some(d => isPair(d, token))) wrong++
            if (token % 2 === 0) dirty.delete(token - 1) // both books of the market are stated
            books.restate(token, bids, asks)
          }
          if (event.type !== 'BookChanged') continue
          const { d } = event.data
          for (let i = 0; i < d.length; i += CHANGE) {
            const [token = 0, side = 0, at = 0, size = 0, bid, ask] = d.slice(i, i + CHANGE)
            if (!books.has(token)) unlisted++
            books.change(token, side, at, size)
            if (dirty.has(token)) continue
            if (books.best(token, BID) >= books.best(token, ASK)) {
              crossed++
              dirty.add(token)
            } else if (books.best(token, BID) !== bid || books.best(token, ASK) !== ask) wrong++
          }
          if (d.length === 2 * CHANGE && !isMirrored(d)) wrong++
          for (let no = 2; books.has(no); no += 2)
            if (books.best(no - 1, ASK) + books.best(no, ASK) < 10_000) mispriced++
        }
        t.strictSame(
          { wrong, crossed, unlisted, invalid },
          { wrong: 0, crossed: crosses, unlisted: 0, invalid: 0 },
        )
        t.equal(inputs.length, 20_000)
        t.equal(mispriced > 0, mispricingsPerMillion > 0, `${mispriced} inputs see a mispricing`)
      },
    )
}

const isPair = (a: number, b: number): boolean => Math.ceil(a / 2) === Math.ceil(b / 2)

/** Two changes are a mirrored pair, or both of one token (a dislocation's). */
const isMirrored = (d: readonly number[]): boolean =>
  d[0] === d[6] || ((d[2] ?? 0) + (d[8] ?? 0) === 10_000 && d[3] === d[9] && d[1] !== d[7])

/** Snapshots of known books come only after a feed was lost or a tick changed. */
const heard = (inputs: readonly FeedInput[], snapshot: FeedInput['event']): boolean => {
  const at = inputs.findIndex(({ event }) => event === snapshot)
  return inputs
    .slice(Math.max(0, at - 2_100), at)
    .some(({ event }) => event.type === 'FeedResumed' || event.type === 'TickSizeChanged')
}

t.test('a run', async t => {
  const parity = { scenario: 'parity', seed: 1 }
  t.test('is the same when it is opened again, and another with another seed', async t => {
    const first = digestOf(await inputsOf(parity))
    t.equal(digestOf(await inputsOf(parity)), first)
    t.not(digestOf(await inputsOf({ ...parity, seed: 2 })), first)
  })

  t.test('of a quarter of an hour has one of each incident', async t => {
    const inputs = await inputsOf(parity)
    const count = (type: string): number => inputs.filter(({ event }) => event.type === type).length
    t.equal(count('FeedLost'), 1)
    t.equal(count('FeedResumed'), 1)
    t.equal(count('TickSizeChanged'), 2)
    t.equal(count('MarketResolved'), 2)
    t.equal(count('MarketListed'), 6)
    t.equal(count('TokenListed'), 12)
    t.ok(count('TradePrinted') > 500)
    const minutes = ((inputs.at(-1)?.tUs ?? 0) - (inputs[0]?.tUs ?? 0)) / 60e6
    t.ok(minutes > 11 && minutes < 18, `${minutes} minutes`)
  })

  t.test('is as long as it was asked to be', async t => {
    t.equal((await inputsOf({ ...parity, events: 4_321 })).length, 4_321)
    t.equal((await inputsOf({ ...parity, events: 0 })).length, 0)
    t.equal((await inputsOf({ ...parity, events: 5 })).length, 5)
    const minute = await inputsOf({ ...parity, durationMs: 60_000 })
    const lasted = (minute.at(-1)?.tUs ?? 0) - (minute[0]?.tUs ?? 0)
    t.ok(lasted > 59_000_000 && lasted <= 60_000_000, `${lasted} µs`)
  })

  t.test('that is taken up where it stood says what it would have said', async t => {
    for (const options of [parity, { scenario: 'parity-busy', seed: 3, events: 20_000 }]) {
      const feed = simulatorFeed(options)
      const said: FeedInput[] = []
      const places: { at: number; text: string }[] = []
      for await (const batch of feed.open(opening())) {
        said.push(...batch)
        places.push({ at: said.length, text: packed(feed.save?.()) })
      }
      t.ok(places.length > 10)
      for (const { at, text } of places.filter((_, k) => k % 4 === 0)) {
        const rest: FeedInput[] = []
        const place = { saved: unpacked(text) }
        for await (const batch of simulatorFeed(options).open({ ...opening(), place }))
          rest.push(...batch)
        t.equal(digestOf(rest), digestOf(said.slice(at)), `from ${at}`)
      }
    }
  })

  t.test('ends when it is told to', async t => {
    const stop = new AbortController()
    let batches = 0
    for await (const batch of simulatorFeed({ ...parity, events: 1e9 }).open({
      ...opening(),
      signal: stop.signal,
    })) {
      batches += batch.length > 0 ? 1 : 0
      if (batches === 3) stop.abort()
    }
    t.equal(batches, 3)
  })
})

t.test('an unknown scenario is a fault that tells the known ones', async t => {
  t.throws(
    () => simulatorFeed({ scenario: 'chaos', seed: 1 }),
    new FeedFault(
      'there is no scenario "chaos"',
      'sim:chaos',
      'one of parity, parity-busy, parity-quiet, mixed, quoting, closing, venue, exchange',
    ),
  )
})
