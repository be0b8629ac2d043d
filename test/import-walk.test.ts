import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { decisionPart, defaults } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import { SCHEMA } from '#schemas/registry.js'
import { packed } from '#engine/core/saved.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { BookFold } from '#engine/book/fold.js'
import type { FramesWalked, FrameWalker } from '#engine/book/frame-walk.js'
import { polymarketFrames } from '#engine/feeds/polymarket/recorded/frames.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { MemoryLog } from '#engine/log/write/memory-log.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { run } from '#engine/run/run.js'
import { digestOf } from '#cli/config.js'
import { hashedFrames } from '#bench/hashed-frames.js'
import { marketFrames } from '#bench/market-frames.js'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'
import { oddFrames } from './helpers/odd-frames.js'
import { seeds } from './helpers/seeds.js'
import { venueFrames } from './helpers/venue-frames.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false
const dir = t.testdir()

/** What a recording gives: where its log ends, what was counted and what the engine remembers; or the fault it ends with. */
interface Given {
  readonly said: string
  /** Messages that became lines without an object. */
  readonly walked: number
  readonly actionable: number
}

async function given(path: string, fold: BookFold, names: readonly string[]): Promise<Given> {
  let [walked, actionable] = [0, 0]
  const feed = polymarketFrames([path])
  const watched = watching(fold, ({ messages, why }) => {
    walked += messages
    if (why === 'actionable') actionable++
  })
  const config = decisionPart(defaults())
  const decisions = { ...config, strategy: { ...config.strategy, names: [...names] } }
  const started = RunStarted.make({
    ...{ parent: '', mode: 'shadow', source: feed.source, schema: SCHEMA, seed: 0, faults: [] },
    config: decisions,
    digest: await digestOf(decisions),
  })
  const log = await MemoryLog.open({ runId: 'x', commitEvents: 50, segmentBytes: 60_000 })
  const stop = new AbortController().signal
  const said = await run({ started, feed, log, stop, parts: { fold: watched } }).then(
    ended => {
      if (E.isLeft(ended)) return JSON.stringify(ended.left)
      const { loop, ...end } = ended.right
      return JSON.stringify([end, feed.report(), packed(loop.save())])
    },
    (error: unknown) => {
      const { name, message, where } = error as { name: string; message: string; where?: string }
      return JSON.stringify({ name, message, where })
    },
  )
  return { said, walked, actionable }
}

/** The same fold, whose walks over frames are told. */
function watching(fold: BookFold, tell: (walked: FramesWalked) => void): BookFold {
  const frames = fold.frames && ((): FrameWalker => told(fold.frames!(), tell))
  return new Proxy(fold, {
    get: (of, key) => {
      if (key === 'frames') return frames
      const value: unknown = Reflect.get(of, key)
      return typeof value === 'function' ? (value.bind(of) as unknown) : value
    },
  })
}

const told = (walker: FrameWalker, tell: (walked: FramesWalked) => void): FrameWalker => ({
  ...walker,
  walk: (...of) => {
    const walked = walker.walk(...of)
    tell(walked)
    return walked
  },
})

/** Both ways give the same; how much of it was walked over. */
async function same(path: string, what: string, names: readonly string[] = []): Promise<Given> {
  const wanted = await given(path, tsFold(), names)
  const found = await given(path, new NativeFold(addon as Addon), names)
  if (found.said !== wanted.said) t.equal(found.said, wanted.said, what)
  return found
}

const NEWLINE = Buffer.from('\n')
const linesOf = (frames: readonly Buffer[]): Buffer =>
  Buffer.concat(frames.flatMap(one => [one, NEWLINE]))

t.test('frames of the market, however they are laid out', { skip }, async t => {
  const { opening, live } = marketFrames(5, 3_000, 3)
  const frames = [...opening, ...live]
  const texts = frames.map(String)
  const laid = JSON.stringify(
    texts.slice(0, 500).map(one => JSON.parse(one) as unknown),
    undefined,
    1,
  )
  for (const [name, bytes, most] of [
    ['lines.jsonl', linesOf(frames), 3_000],
    ['array.json', `[${texts.join(',\n ')}]`, 3_000],
    ['nested.json', `[[${texts.join('],[')}]]`, 3_000],
    ['marked.jsonl', `\uFEFF${texts.join('\r\n\n')}`, 3_000],
    ['packed.jsonl.gz', gzipSync(linesOf(frames)), 2_500],
    ['laid-out.json', laid, 0],
    ['torn.jsonl', linesOf(frames).subarray(0, 1_500_000), 2_000],
    ['open.json', `[${texts.join(',')}`, 3_000],
    ['closed.json', `${texts.join('\n')}]`, 3_000],
    ['odd.jsonl', `${texts.join('\n')}\nx`, 3_000],
  ] as const) {
    const path = join(dir, name)
    writeFileSync(path, bytes)
    const { said, walked } = await same(path, name)
    t.ok(walked >= most && (most > 0 || walked === 0), `${walked} of ${name} were walked over`)
    const isFault = /torn|open|closed|odd/.test(name)
    t.equal(said.startsWith('{"name":"FeedFault"'), isFault)
  }
})

t.test(
  'odd frames among the usual ones, rules that look and rules that do not',
  { skip },
  async t => {
    let [walked, actionable] = [0, 0]
    for (const seed of seeds(20, 1 / 10)) {
      const path = join(dir, `odd-${seed}.jsonl`)
      writeFileSync(path, linesOf(oddFrames(seed, 1_500)))
      for (const names of [[], ['parity', 'basket']]) {
        const found = await same(path, `seed ${seed} with ${names.join()}`, names)
        walked += found.walked
        actionable += found.actionable
      }
      if (!t.passing()) return
    }
    t.ok(
      walked > 10_000 && actionable > 100,
      `${walked} were walked over, ${actionable} actionable`,
    )
  },
)

t.test('seeded frames of every kind, broken ones too', { skip }, async t => {
  let [whole, faults] = [0, 0]
  for (const seed of seeds(200, 1 / 10)) {
    const next = venueFrames(prng(seed, 'import-walk'))
    const path = join(dir, `seeded-${seed}.jsonl`)
    writeFileSync(path, linesOf(Array.from({ length: 1 + (seed % 6) }, next)))
    const wanted = await given(path, tsFold(), [])
    const found = await given(path, new NativeFold(addon as Addon), [])
    // What an engine took before a fault, or made one of, depends on where the pieces end.
    const isFault = wanted.said.startsWith('{"name"')
    if (isFault) faults++
    else whole++
    if (isFault ? !found.said.startsWith('{"name"') : found.said !== wanted.said) {
      t.equal(found.said, wanted.said, `seed ${seed}`)
      return
    }
  }
  t.ok(whole > 20 && faults > 40, `${whole} files were taken, ${faults} end in a fault`)
})

t.test('every book behind a snapshot, every hash checked', { skip }, async t => {
  const { opening, live } = marketFrames(4, 5_200, 5)
  const frames = hashedFrames({ opening, live })
  const path = join(dir, 'hashed.jsonl')
  writeFileSync(path, linesOf(frames))
  const { said, walked } = await same(path, 'hashed')
  t.match(said, /"hashChecked":10408,"hashOk":10408/)
  t.ok(walked > 5_000, `${walked} were walked over`)
})

for (const name of [
  'polymarket-ws-frames-hash/ws_frames_fed.json',
  'ssmd-testdata/polymarket_book.jsonl',
  'ssmd-testdata/polymarket_trade.jsonl',
]) {
  const path = join(DATA, name)
  const absent = existsSync(path) ? false : 'the recordings are not beside this clone'
  t.test(name, { skip: skip || absent }, async () => {
    await same(path, name)
  })
}

t.test('the command line: one head by both, and the manifest says who', { skip }, async t => {
  const path = join(dir, 'command.jsonl')
  writeFileSync(path, linesOf(oddFrames(99, 2_000)))
  const [ts, native, auto] = ['ts', 'native', 'auto'].map(backend => {
    const out = join(dir, `by-${backend}`)
    const words = ['--out', out, '--set', `run.backend=${backend}`, '--json']
    const { code, json, err } = polaris('import', 'polymarket-frames', path, ...words)
    t.equal(code, 0, err)
    t.equal(polaris('verify', out).code, 0)
    const { runDir: _, ...rest } = json
    return rest
  })
  t.strictSame(native, ts)
  t.strictSame(auto, ts)
  t.equal(polaris('replay', join(dir, 'by-auto'), '--verify').code, 0)
})
