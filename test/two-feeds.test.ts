import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Instruments } from '#engine/core/instruments.js'
import type { Feed, FeedInput } from '#engine/feeds/feed.js'
import { polymarketFrames } from '#engine/feeds/polymarket/recorded/frames.js'
import { dataOf } from '#engine/feeds/testing/drain.js'
import { FeedLost } from '#schemas/events/feed.js'
import { Story } from '#engine/run/testing/story.js'
import { recordedFeed } from '#cli/recorded-feed.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()

async function inputsOf(feed: Feed, name: string, instruments: Instruments): Promise<FeedInput[]> {
  const opening = { signal: new AbortController().signal, instruments: instruments.opening(name) }
  const inputs: FeedInput[] = []
  for await (const batch of feed.open(opening)) inputs.push(...batch)
  return inputs
}

/** Books by the venue's own ids of their tokens. */
function booksOf(story: Story): Map<string, unknown> {
  const { fold } = story.loop.state
  return new Map(
    story.all('TokenListed').map(({ token, key }) => {
      const book = fold.save().books.find(one => one.token === token)
      return [key, { ...book, token: 0 }]
    }),
  )
}

function told(...feeds: readonly (readonly FeedInput[])[]): Story {
  const story = new Story({ strategy: { names: [] } })
  const inputs = feeds.flat().sort((a, b) => a.tUs - b.tUs)
  for (const { tUs, event } of inputs) story.say(tUs / 1_000, event)
  return story
}

t.test('two recorded runs in one: numbers of their own, books as in each alone', async t => {
  const runs = ['parity', 'mixed'].map(scenario => {
    const run = join(dir, scenario)
    const source = `sim:${scenario}`
    t.equal(polaris('run', '--source', source, '--events', '3000', '--out', run).code, 0)
    return run
  })
  const alone = []
  for (const run of runs) alone.push(await inputsOf(recordedFeed(run), '', new Instruments()))
  const all = new Instruments()
  const a = await inputsOf(recordedFeed(runs[0] ?? ''), 'a', all)
  const b = await inputsOf(recordedFeed(runs[1] ?? ''), 'b', all)
  const tokens = dataOf([...a, ...b], 'TokenListed')
  const keys = new Set(alone.flatMap(one => dataOf(one, 'TokenListed').map(({ key }) => key)))
  t.equal(new Set(tokens.map(({ token }) => token)).size, keys.size, 'one number for one id')
  t.equal(tokens.length, keys.size, 'each is listed once')
  t.ok(tokens.every(({ feed }) => feed === 'a' || feed === 'b'))
  t.same(dataOf(alone[0] ?? [], 'MarketListed')[0]?.feed, undefined, 'a run of one feed names none')
})

t.test('feeds that share nothing keep their books apart, and go dark apart', async t => {
  const frames = (name: string, asset: string, at: string): string => {
    const file = join(dir, name)
    const book = {
      ...{ event_type: 'book', market: `0x${asset}`, asset_id: asset, timestamp: '1786000000000' },
      ...{ hash: '', bids: [{ price: at, size: '10' }], asks: [{ price: '0.90', size: '10' }] },
    }
    writeFileSync(file, JSON.stringify(book))
    return file
  }
  const [one, other] = [frames('one.jsonl', '1', '0.40'), frames('other.jsonl', '2', '0.60')]
  const all = new Instruments()
  const a = await inputsOf(polymarketFrames([one]), 'a', all)
  const b = await inputsOf(polymarketFrames([other]), 'b', all)
  const again = await inputsOf(polymarketFrames([one]), 'c', all)
  t.same(
    dataOf(again, 'TokenListed'),
    [],
    'who names the same id shares its number and lists nothing',
  )
  t.equal(dataOf(again, 'BookSnapshot')[0]?.token, dataOf(a, 'BookSnapshot')[0]?.token)
  const both = booksOf(told(a, b))
  for (const name of [one, other]) {
    const single = booksOf(told(await inputsOf(polymarketFrames([name]), '', new Instruments())))
    for (const [key, book] of single) t.same(both.get(key), book, key)
  }
  const story = told(a, b)
  story.say(1_786_000_000_001, FeedLost.make({ feed: 'b', why: 'closed' }))
  const dark = story.all('BookDistrusted').map(({ token }) => token)
  t.same(
    dark,
    dataOf(b, 'TokenListed').map(({ token }) => token),
  )
})
