import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { packed } from '#engine/core/saved.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { EXPECTED, expectedWords } from '#engine/feeds/polymarket/decode/frame-fault.js'
import { anyMessage } from '#engine/feeds/polymarket/decode/frame-message.js'
import { readFrame } from '#engine/feeds/polymarket/decode/frame-reader.js'
import { tsUsual, type UsualReader } from '#engine/feeds/polymarket/decode/usual-reader.js'
import { nativeUsual } from '#engine/native/usual-reader.js'
import { CHANGE } from '#schemas/levels.js'
import { Frame, MESSAGE, PLACES } from '#engine/feeds/polymarket/decode/frame.js'
import { TokenIds } from '#engine/feeds/polymarket/decode/token-ids.js'
import { prng, type Prng } from '#engine/feeds/simulator/prng.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { FRAMES, FRAMES_HEAD, lengthOf, nativeFrames, tsFrames } from '#engine/native/frames.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { ROOT } from './helpers/cli.js'
import { flatOf, oracle, wordsOf } from './helpers/frame-oracle.js'
import { ASSETS, venueFrames } from './helpers/venue-frames.js'

const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false
/** Seconds that the readers are held together beyond the fixed seeds. */
const LONGER_S = Number(process.env['POLARIS_FUZZ_S'] ?? 0)
const SHARED = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')

/** Where the bytes are stricter than `JSON.parse` and the readers of fields: they leave these to others. */
const STRICTER: readonly number[] = [
  EXPECTED.once, // the last one of a key that stands twice holds there
  EXPECTED.depth,
  EXPECTED.text, // numbers are texts there
  EXPECTED.field, // a frame without changes needs no market there
  EXPECTED.message, // arrays in arrays
]

const ids = new TokenIds()
const handle = typeof addon === 'string' ? undefined : addon.tokenIds()
for (const [token, asset] of ASSETS.slice(0, 4).entries()) {
  ids.register(asset, token + 1)
  if (handle) (addon as Addon).registerToken(handle, asset, token + 1)
}
const frame = new Frame()

/** What differs between the readers of one frame; undefined where nothing does. */
function difference(bytes: Uint8Array): string | undefined {
  const isRead = readFrame(bytes, ids, frame)
  const flat = flatOf(frame)
  if (handle) {
    const native = JSON.stringify([...(addon as Addon).readFrame(handle, bytes)])
    if (native !== JSON.stringify(flat))
      return `native ${native}, TypeScript ${JSON.stringify(flat)}`
  }
  const said = asked(Buffer.from(bytes).toString())
  if (isRead) {
    const ours = JSON.stringify(wordsOf(frame, bytes))
    return said === ours ? undefined : `bytes ${ours}, JSON.parse ${said ?? 'nothing'}`
  }
  if (said === undefined || STRICTER.includes(frame.fault)) return undefined
  return `byte ${frame.faultAt}: ${expectedWords(frame.fault)}; JSON.parse ${said}`
}

function asked(text: string): string | undefined {
  try {
    return JSON.stringify(oracle(text))
  } catch {
    return undefined
  }
}

t.test('bytes, Rust and JSON.parse read seeded frames alike, broken ones too', async t => {
  let [read, faults] = [0, 0]
  const kinds = new Set<number>()
  for (let seed = 1; seed <= 400; seed++) {
    const next = venueFrames(prng(seed, 'frames'))
    for (let i = 0; i < 60; i++) {
      const bytes = next()
      const differs = difference(bytes)
      if (differs !== undefined) {
        t.fail(`seed ${seed}, frame ${i}: ${differs}\n${JSON.stringify(bytes.toString())}`)
        return
      }
      if (frame.fault === 0) read++
      else faults++
      kinds.add(frame.fault)
    }
  }
  t.ok(read > 10_000 && faults > 4_000, `${read} were read, ${faults} were not`)
  t.strictSame(
    [...kinds].sort((a, b) => a - b),
    [0, ...Object.values(EXPECTED)],
    'every fault occurs',
  )
})

t.test(
  '… for as long as one likes',
  { skip: LONGER_S > 0 ? false : 'POLARIS_FUZZ_S is not set' },
  async t => {
    const until = performance.now() + LONGER_S * 1_000
    let seed = 10_000
    for (; performance.now() < until && t.passing(); seed++) {
      const next = venueFrames(prng(seed, 'frames'))
      for (let i = 0; i < 60; i++) {
        const bytes = next()
        const differs = difference(bytes)
        if (differs !== undefined) t.fail(`seed ${seed}, frame ${i}: ${differs}`)
      }
    }
    t.comment(`${(seed - 10_000) * 60} frames`)
  },
)

t.test('what is read in the usual form is read the same way in any form', async t => {
  const other = new Frame()
  let usual = 0
  for (let seed = 1; seed <= 100; seed++) {
    const next = venueFrames(prng(seed, 'usual'))
    for (let i = 0; i < 60; i++) {
      const bytes = next()
      if (bytes[0] !== 123 || !readFrame(bytes, ids, frame) || frame.messageCount !== 1) continue
      other.restart()
      anyMessage(bytes, 0, ids, other)
      if (JSON.stringify(flatOf(frame)) !== JSON.stringify(flatOf(other))) {
        t.fail(`seed ${seed}, frame ${i}: ${bytes.toString()}`)
        return
      }
      usual++
    }
  }
  t.ok(usual > 1_000)
})

/** A message of today's form, of known tokens and now and then of another, or with a figure that is odd. */
function usualMessage(rng: Prng): string {
  const one = (): string => {
    const price = ['0.5', '0.51', '0.001', '0.9999', '.5', '1', '0', '0.12345'][
      rng.below(rng.oneIn(9) ? 8 : 4)
    ]
    const size = ['10', '0', '1234567.891', '0.000001', '12.3456789', '-1'][
      rng.below(rng.oneIn(9) ? 6 : 4)
    ]
    const asset = ASSETS[rng.below(rng.oneIn(40) ? ASSETS.length : 4)]
    const best = `"best_bid":"${['0.4', '', '0'][rng.below(3)]}","best_ask":"${['0.6', '', '1'][rng.below(3)]}"`
    return `{"asset_id":"${asset}","price":"${price}","size":"${size}","side":"${rng.oneIn(2) ? 'BUY' : 'SELL'}","hash":"${'ab'.repeat(20)}",${best}}`
  }
  const changes = Array.from({ length: 1 + rng.below(rng.oneIn(50) ? 90 : 4) }, one)
  return `{"market":"0x${'cd'.repeat(32)}","price_changes":[${changes.join()}],"timestamp":"17867284${10_000 + rng.below(80_000)}","event_type":"price_change"}`
}

t.test(
  'the usual message, natively and in TypeScript, wherever it stands',
  { skip: handle ? false : 'the addon is not built' },
  async t => {
    const readers = [tsUsual(), nativeUsual(addon as Addon)]
    for (const [token, asset] of ASSETS.slice(0, 4).entries())
      for (const reader of readers) reader.register(asset, token + 1)
    const told = (reader: UsualReader, bytes: Uint8Array, at: number): string => {
      const one = new Frame()
      one.rowCount = 2 // rows of a message before it, which stay
      const behind = reader.read(bytes, at, one)
      const { rowCount, messageCount, isPlain, isOdd } = one
      const rows = one.rows.subarray(2 * CHANGE, rowCount * CHANGE)
      const places = one.places.subarray(2 * PLACES, rowCount * PLACES)
      const messages = one.messages.subarray(0, messageCount * MESSAGE)
      return JSON.stringify([
        behind,
        rowCount,
        isPlain,
        isOdd,
        [...rows],
        [...places],
        [...messages],
      ])
    }
    let read = 0
    for (let seed = 1; seed <= 100; seed++) {
      const rng = prng(seed, 'usual')
      const next = venueFrames(rng)
      for (let i = 0; i < 80; i++) {
        const frame = i % 2 === 0 ? next() : Buffer.from(usualMessage(rng))
        const bytes = Buffer.concat([Buffer.from(' '.repeat(i % 3)), frame])
        const [ts, native] = readers.map(reader => told(reader, bytes, i % 3))
        if (ts !== native) {
          t.fail(`seed ${seed}, frame ${i}: ${ts} ${native}`)
          return
        }
        if (!ts?.startsWith('[-1')) read++
      }
    }
    t.ok(read > 1_000, `${read} messages`)
  },
)

const samples = join(SHARED, '..', 'reference', 'venue-samples', 'ws-market')
const absent = existsSync(samples) ? false : 'the samples are not beside this clone'
t.test('the samples of the venue', { skip: absent }, async t => {
  for (const name of readdirSync(samples))
    t.equal(difference(readFileSync(join(samples, name))), undefined, name)
})

const RAW = [
  'polymarket-ws-frames-hash/ws_frames_fed.json',
  'polymarket-legacy-price-change/book_message_example.json',
  'polymarket-legacy-price-change/price_change_message_example.json',
  'ssmd-testdata/polymarket_book.jsonl',
  'ssmd-testdata/polymarket_trade.jsonl',
]
for (const name of RAW) {
  const file = join(SHARED, name)
  const skip = existsSync(file) ? false : 'the recordings are not beside this clone'
  t.test(`every frame of ${name}`, { skip }, async t => {
    const text = readFileSync(file, 'utf8')
    const frames = name.endsWith('.jsonl')
      ? text.split('\n').filter(Boolean)
      : [JSON.parse(text) as unknown].flat().map(one => JSON.stringify(one))
    for (const one of frames) {
      t.equal(difference(Buffer.from(one)), undefined)
      t.equal(frame.fault, 0, expectedWords(frame.fault))
      // As it stands in the file, and laid out over lines.
      t.equal(difference(Buffer.from(JSON.stringify(JSON.parse(one), undefined, 2))), undefined)
    }
  })
}

t.test(
  'frames folded by both backends leave the same books and say the same',
  { skip },
  async t => {
    let folded = 0
    for (let seed = 1; seed <= 200; seed++) {
      const random = prng(seed, 'fold')
      const next = venueFrames(random)
      const native = new NativeFold(addon as Addon)
      const [ts, rust] = [tsFold(), native]
      const doors = [tsFrames(ts), nativeFrames(addon as Addon, native)]
      for (const fold of [ts, rust]) {
        for (let token = 1; token <= 4; token++) fold.list(token, 100)
        fold.setTrigger(1, { test: 'asks', limit: 9_000, tokens: [1, 2] })
      }
      for (const api of doors)
        for (const [k, asset] of ASSETS.slice(0, 4).entries()) t.ok(api.register(asset, k + 1))
      for (let batch = 0; batch < 8; batch++) {
        const frames = Array.from({ length: 1 + random.below(8) }, next)
        const isLines = random.oneIn(2)
        const bytes = Buffer.concat(
          isLines ? frames.flatMap(one => [one, Buffer.from('\n')]) : frames,
        )
        let end = 0
        const ends = Float64Array.from(frames, one => (end += one.length))
        const told = doors.map(api => {
          const story: number[][] = []
          let done = 0
          for (let start = 0; start < bytes.length;) {
            const of = isLines ? { start } : { start, ends: ends.subarray(done) }
            const out = new Float64Array(FRAMES_HEAD)
            api.frames(bytes, of, out)
            const whole = new Float64Array(lengthOf(out))
            whole.set(out)
            api.again(whole)
            story.push([...whole])
            start = out[FRAMES.next]!
            done += out[FRAMES.frames]! + Number(out[FRAMES.code] !== 0)
            folded += out[FRAMES.frames]!
          }
          return JSON.stringify(story)
        })
        if (told[0] !== told[1]) {
          t.equal(told[1], told[0], `seed ${seed}, batch ${batch}`)
          return
        }
      }
      if (packed(rust.save()) !== packed(ts.save())) {
        t.fail(`seed ${seed}: other books`)
        return
      }
    }
    t.ok(folded > 4_000, `${folded} frames were folded`)
  },
)
