import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { QUOTE_ROW } from '#schemas/harvest.js'
import { ASK, BID } from '#schemas/levels.js'
import { harvestRuns } from '#cli/harvest/runs.js'
import { rowsOf } from '#cli/runs.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { TwinVenue } from '#twin/venue.js'
import { ROOT } from './helpers/cli.js'

const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

t.test(
  'books that the market channel keeps are sampled from it, the others from REST',
  { timeout: 60_000 },
  async t => {
    const runsDir = join(t.testdir(), 'runs')
    const venue = new TwinVenue({ scenario: 'mixed', seed: 9, speed: 1 })
    const base = await venue.start()
    t.teardown(() => venue.stop())
    await pause(1_000)
    venue.pause() // nothing moves any more: what is sampled must be what is there
    const assets = [...venue.markets.books.keys()]
    const heard = assets.slice(0, 6)
    const keys = [
      'scope="all"',
      'channel=true',
      'quote_top_ms=500',
      'quote_depth_ms=0',
      'l2_ms=0',
      'markets_ms=60000',
      'tables=false',
    ]
    const words = [
      'harvest',
      'run',
      '--venue',
      base,
      '--runs-dir',
      runsDir,
      '--duration',
      '6s',
      '--quiet',
    ]
    // The channel is asked for some of the tokens, as `universe` would.
    const child = spawn(
      process.execPath,
      [
        MAIN,
        ...words,
        '--tokens',
        heard.join(),
        ...keys.flatMap(key => ['--set', `harvest.${key}`]),
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    const [code] = (await once(child, 'exit')) as [number]
    t.equal(code, 0)
    const [run] = await harvestRuns(folderStore(runsDir))
    const tokens = new Map<number, string>()
    const from = new Map<string, string>()
    let wrong = 0
    for await (const rows of rowsOf(run!.run))
      for (const { event } of rows) {
        if (event.type === 'MarketDescribed')
          for (const { ref, id } of event.data.tokens) tokens.set(ref, id)
        if (event.type !== 'QuotesSampled') continue
        for (let i = 0; i < event.data.rows.length; i += QUOTE_ROW) {
          const [ref = 0, bid = 0, ask = 0] = event.data.rows.slice(i, i + QUOTE_ROW)
          const book = venue.markets.books.get(tokens.get(ref) ?? '')!
          const [best, worst] = [Number(book.best(BID)), Number(book.best(ASK))].map(price =>
            Math.round(price * 10_000),
          )
          if (bid !== best || ask !== worst) wrong++
          from.set(tokens.get(ref) ?? '', event.data.from)
        }
      }
    t.equal(wrong, 0)
    t.same(
      heard.map(asset => from.get(asset)),
      heard.map(() => 'channel'),
    )
    const others = assets.filter(asset => !heard.includes(asset) && from.has(asset))
    t.ok(others.length > 3 && others.every(asset => from.get(asset) === 'rest'))
  },
)
