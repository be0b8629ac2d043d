import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import type { FeedInput } from '#engine/feeds/feed.js'
import { Tally } from '#engine/feeds/recorded/import-feed.js'
import { ObjectScan } from '#engine/feeds/recorded/json-objects.js'
import { MessageScan } from '#engine/feeds/recorded/message-scan.js'
import { PolymarketDecoder } from '#engine/feeds/polymarket/decode/messages.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { marketFrames } from '#bench/market-frames.js'
import { ROOT } from './helpers/cli.js'
import { venueFrames } from './helpers/venue-frames.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const dir = t.testdir()

/** What an import makes of a file: inputs and account, or the fault it ends with; and how many messages came as bytes. */
interface Made {
  readonly said: string
  readonly usual: number
}

/** Every message by `JSON.parse`, each taken before the next is looked at. */
async function parsed(path: string): Promise<Made> {
  const tally = new Tally()
  const decoder = new PolymarketDecoder(tally, [])
  const scan = new ObjectScan(path.split('/').at(-1)!)
  const made = await toEnd(decoder, tally, async () => {
    for (const char of new TextDecoder().decode(readFileSync(path)))
      for (const wire of scan.push(char)) decoder.take(wire)
    scan.end()
  })
  return { said: made, usual: 0 }
}

/** The usual ones out of their bytes, the file in pieces of so many bytes. */
async function scanned(path: string, piece: number): Promise<Made> {
  const tally = new Tally()
  const decoder = new PolymarketDecoder(tally, [])
  let usual = 0
  const scan = new MessageScan(path.split('/').at(-1)!, {
    bytes: (bytes, at, place) => {
      const behind = decoder.takeUsual(bytes, at, place)
      if (behind >= 0) usual++
      return behind
    },
    wire: wire => {
      decoder.take(wire)
    },
  })
  const bytes = readFileSync(path)
  const said = await toEnd(decoder, tally, async () => {
    for (let at = 0; at < bytes.length; at += piece) scan.push(bytes.subarray(at, at + piece))
    scan.end()
  })
  return { said, usual }
}

async function toEnd(
  decoder: PolymarketDecoder,
  tally: Tally,
  read: () => Promise<void>,
): Promise<string> {
  let fault: unknown
  try {
    await read()
    decoder.end()
  } catch (error) {
    const { name, message, where } = error as { name: string; message: string; where?: string }
    fault = { name, message, where }
  }
  const inputs: readonly FeedInput[] = decoder.drained()
  // What was taken before a fault depends on where the pieces end.
  return JSON.stringify(fault ?? { inputs, report: tally.report() })
}

t.test('frames of the market, one a line and as one array, whatever the pieces', async t => {
  const { opening, live } = marketFrames(3, 400, 11)
  const frames = [...opening, ...live].map(String)
  const laid = JSON.stringify(
    frames.map(one => JSON.parse(one) as unknown),
    undefined,
    1,
  )
  for (const [name, text] of [
    ['lines.jsonl', `${frames.join('\n')}\n`],
    ['array.json', `[${frames.join(',\n ')}]`],
    ['laid-out.json', laid],
    ['marked.jsonl', `\uFEFF${frames.join('\r\n\n')}`],
  ] as const) {
    const path = join(dir, name)
    writeFileSync(path, text)
    const wanted = await parsed(path)
    for (const piece of [7, 601, 1 << 16, 1 << 20]) {
      const made = await scanned(path, piece)
      t.equal(made.said, wanted.said, `${name} by ${piece}`)
      if (piece > 1_000) t.equal(made.usual > 500, name !== 'laid-out.json')
    }
  }
})

t.test('seeded frames of every kind, broken ones too', async t => {
  let [usual, faults] = [0, 0]
  for (let seed = 1; seed <= 300; seed++) {
    const random = prng(seed, 'import-frames')
    const next = venueFrames(random)
    const isBroken = random.oneIn(3)
    const frames: Buffer[] = []
    while (frames.length < 60) {
      const one = next()
      if (isSound(one) || (isBroken && random.oneIn(20))) frames.push(one, Buffer.from('\n'))
    }
    const path = join(dir, `seeded-${seed}.jsonl`)
    writeFileSync(path, Buffer.concat(frames))
    const wanted = await parsed(path)
    if (wanted.said.startsWith('{"name"')) faults++
    for (const piece of [1 + random.below(40), 1 << 20]) {
      const made = await scanned(path, piece)
      usual += made.usual
      if (made.said !== wanted.said) {
        t.equal(made.said, wanted.said, `seed ${seed} by ${piece}`)
        return
      }
    }
  }
  t.ok(usual > 100 && faults > 20, `${usual} came as bytes, ${faults} files end in a fault`)
})

const RECORDED = [
  'polymarket-ws-frames-hash/ws_frames_fed.json',
  'ssmd-testdata/polymarket_book.jsonl',
  'ssmd-testdata/polymarket_trade.jsonl',
]
for (const name of RECORDED) {
  const path = join(DATA, name)
  const skip = existsSync(path) ? false : 'the recordings are not beside this clone'
  t.test(name, { skip }, async t => {
    // As it is, and with a message a line, so that it is in the usual form.
    const lines = join(dir, name.replace('/', '-'))
    const text = readFileSync(path, 'utf8')
    const all = name.endsWith('.json') ? ([JSON.parse(text)] as unknown[]).flat(2) : []
    writeFileSync(lines, all.length === 0 ? text : all.map(one => JSON.stringify(one)).join('\n'))
    for (const file of [path, lines]) {
      const wanted = await parsed(file)
      const made = await scanned(file, 1 << 16)
      t.equal(made.said, wanted.said)
      t.equal(made.usual > 20, file === lines && all.length > 0)
    }
  })
}

const fixtures = join(ROOT, 'engine/feeds/recorded/fixtures/polymarket/frames.jsonl')
t.test('the fixtures', async t => {
  t.equal((await scanned(fixtures, 1 << 16)).said, (await parsed(fixtures)).said)
})

/** Whether an import takes a frame without a fault. */
function isSound(bytes: Buffer): boolean {
  try {
    const scan = new ObjectScan('one')
    const decoder = new PolymarketDecoder(new Tally(), [])
    for (const wire of scan.push(bytes.toString())) decoder.take(wire)
    scan.end()
    return true
  } catch {
    return false
  }
}
