import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import t from 'tap'
import { BID, CHANGE, UNSAID } from '../levels.js'
import type { Recorded } from '../recorded.js'
import { allTypes, typeOf, type Event } from '../registry.js'
import { anyEvent, eventOf } from '../testing/arbitraries.js'
import { BAD, COLD, HOT, LineReader, TRADE } from './reader.js'
import { LineWriter } from './writer.js'
import { price, shares } from '../units.js'
import { xxh32 } from './xxh32.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const sumOf = (text: string): string => {
  const b = bytes(text)
  return xxh32(new DataView(b.buffer), 0, b.length).toString(16).padStart(8, '0')
}
const envelope = fc.record({
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  tUs: fc.oneof(
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: 99 }).map(n => 1_780_796_251_000_000 + n),
  ),
  cause: fc.nat(),
})

function lineOf({ seq, tUs, cause, event }: Recorded): string {
  const writer = new LineWriter(8)
  writer.event(seq, tUs, cause, event)
  return new TextDecoder().decode(writer.bytes)
}

/** The slow way: JSON and the io-ts codec. What the byte decoder is held against. */
function oracle(line: string): Recorded {
  const { n, t: tUs, c, e, x: _x, ...fields } = JSON.parse(line) as Record<string, unknown>
  const name = String(e).split('.')[0] as Event['type']
  const data = typeOf(name).codec.decode(fields)
  if (E.isLeft(data)) throw new Error(`the oracle refuses ${line}`)
  return {
    seq: Number(n),
    tUs: Number(tUs),
    cause: Number(c),
    event: { type: name, data: data.right } as Event,
  }
}

function read(line: string): E.Either<unknown, Recorded> {
  const of = bytes(line)
  const reader = new LineReader().over(of)
  const kind = reader.read(0, of.length - (line.endsWith('\n') ? 1 : 0))
  return kind === BAD ? E.left(reader.fault) : reader.recorded(kind)
}

t.test('xxh32 gives the sums of the specification', async t => {
  t.equal(sumOf(''), '02cc5d05')
  t.equal(sumOf('a'), '550d7456')
  t.equal(sumOf('abc'), '32d153ff')
  t.equal(sumOf('Nobody inspects the spammish repetition'), 'e2293b2f')
})

t.test('the lines of the format, byte for byte', async t => {
  const writer = new LineWriter()
  writer.segment({ segment: 1, run: 'example', first: 1, head: '0'.repeat(64) })
  const d = [12, 0, 5230, 1_500_000, 5220, 5240, 13, 1, 4770, 1_500_000, 4760, 4780]
  writer.event(2, 1_780_796_251_000_000, 0, { type: 'BookChanged', data: { d } })
  const head = 'f67cfd5a0ac9732b5099f8a0a21a90e6de6ec8bacef23841813cd1a6275ce1c2'
  writer.commit({ commit: 1, n: 3, head })
  t.equal(
    new TextDecoder().decode(writer.bytes),
    `{"segment":1,"run":"example","first":1,"head":"${'0'.repeat(64)}","x":"ebb53b34"}\n` +
      '{"n":2,"t":1780796251000000,"c":0,"e":"BookChanged.1","d":[[12,0,5230,1500000,5220,5240],' +
      '[13,1,4770,1500000,4760,4780]],"x":"b54f69c4"}\n' +
      `{"commit":1,"n":3,"head":"${head}","x":"6ace97de"}\n`,
  )
})

t.test('one change takes at most 125 bytes, two at most 160', async t => {
  const one = [12, 1, 5230, 21_006_065_000_000, 5220, 5240]
  const row = (d: number[]): Recorded => ({
    seq: 9_999_999,
    tUs: 1_780_796_251_000_000,
    cause: 0,
    event: { type: 'BookChanged', data: { d } },
  })
  t.ok(lineOf(row(one)).length <= 125)
  t.ok(lineOf(row([...one, ...one])).length <= 160)
})

for (const type of allTypes())
  t.test(`${type.name}: written, read back and read by the oracle, it is the same`, async () => {
    fc.assert(
      fc.property(envelope, eventOf(type), (of, event) => {
        const row = { ...of, event }
        const line = lineOf(row)
        const back = read(line)
        if (E.isLeft(back)) throw new Error(`${JSON.stringify(back.left)} in ${line}`)
        t.same(back.right, row)
        t.same(oracle(line), row)
        t.equal(lineOf(back.right), line)
      }),
      { numRuns: 60 },
    )
  })

t.test('a change of any byte is noticed', async t => {
  fc.assert(
    fc.property(
      envelope,
      anyEvent(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (of, event, at, by) => {
        const line = bytes(lineOf({ ...of, event }))
        const place = at % (line.length - 1)
        line[place]! ^= by
        return new LineReader().over(line).read(0, line.length - 1) === BAD
      },
    ),
    { numRuns: 300 },
  )
  t.end()
})

t.test('a line in another form is refused even with a right sum', async t => {
  const signed = (body: string): string => `${body},"x":"${sumOf(body)}"}`
  const bad = [
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[]',
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[[1,2,5,5]]',
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[[1,0,10001,5]]',
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[[1,0,5,-5]]',
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[[1,0,5,5,4]]',
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[[1,0,5,5,4,6,7]]',
    '{"n":1,"t":5,"c":0,"e":"BookChanged.1","d":[[1,0,5,5]],"z":1',
    '{"n":1, "t":5,"c":0,"e":"BookChanged.1","d":[[1,0,5,5]]',
    '{"n":1,"t":5,"c":0,"e":"FeedResumed.1","feed":"a","b":1',
    '{"n":1,"t":5,"c":0,"e":"FeedResumed.1"',
    '{"n":1,"c":0,"t":5,"e":"FeedResumed.1","feed":"a"',
    '{"n":1,"t":5,"c":0,"e":"FeedResumed.1","feed":5',
  ]
  for (const body of bad) t.ok(E.isLeft(read(signed(body))), body)
  t.ok(E.isRight(read(signed('{"n":1,"t":5,"c":0,"e":"FeedResumed.1","feed":"a"'))))
})

t.test('an unknown version is a located error that names it', async t => {
  const body = '{"n":7,"t":5,"c":0,"e":"BookChanged.2","d":[[1,0,5,5]]'
  const found = read(`${body},"x":"${sumOf(body)}"}`)
  t.match(found, { left: { kind: 'unknown-event', message: /BookChanged\.2/ } })
})

t.test('many lines after one another, hot and cold', async t => {
  const rows = fc.sample(fc.tuple(envelope, anyEvent()), { numRuns: 200, seed: 7 })
  const writer = new LineWriter(16)
  for (const [{ seq, tUs, cause }, event] of rows) writer.event(seq, tUs, cause, event)
  const all = writer.bytes
  const reader = new LineReader().over(all)
  let start = 0
  for (const [of, event] of rows) {
    const end = all.indexOf(10, start)
    const kind = reader.read(start, end)
    const usual = event.type === 'BookChanged' ? [HOT] : [COLD, TRADE]
    t.ok(usual.includes(kind), `${event.type} is read as ${kind}`)
    if (kind !== BAD) t.same(reader.recorded(kind), E.right({ ...of, event }))
    start = end + 1
  }
  t.equal(start, all.length)
})

t.test('a change without the venue best keeps it unsaid', async t => {
  const d = [3, BID, 100, 5, UNSAID, UNSAID]
  const line = lineOf({ seq: 1, tUs: 0, cause: 0, event: { type: 'BookChanged', data: { d } } })
  t.match(line, /"d":\[\[3,0,100,5\]\]/)
  t.equal(d.length, CHANGE)
})

t.test('a usual trade is read without its codec, any other with it', async t => {
  const trade = (id: string, lag?: number): Recorded => {
    const data = { token: 7, side: BID as 0, price: price(5_100), size: shares(1_000_000), id }
    const event: Event = { type: 'TradePrinted', data: lag === undefined ? data : { ...data, lag } }
    return { seq: 5, tUs: 1_780_796_251_000_000, cause: 0, event }
  }
  for (const [id, lag, kind] of [
    ['0xab12', undefined, TRADE],
    ['', -3, TRADE],
    ['a "b"', undefined, COLD],
    ['é', 4, COLD],
  ] as const) {
    const line = bytes(lineOf(trade(id, lag)))
    const reader = new LineReader().over(line)
    t.equal(reader.next(0), kind, id)
    t.same(reader.recorded(kind), E.right(trade(id, lag)))
  }
})

t.test('numbers have one form: no leading zeros, none missing, no minus zero', async t => {
  const good = '{"n":12,"t":1780796251000000,"c":0,"e":"BookChanged.1","d":[[7,0,5000,60000]],"l":5'
  const isRead = (body: string): boolean => {
    const line = bytes(`${body},"x":"${sumOf(body)}"}\n`)
    return new LineReader().over(line).next(0) !== BAD
  }
  t.ok(isRead(good))
  for (const [from, to] of [
    ['"n":12', '"n":012'],
    ['"n":12', '"n":'],
    ['"t":1780796251000000', '"t":0780796251000000'],
    ['"t":1780796251000000', '"t":05'],
    ['"c":0', '"c":00'],
    ['[[7', '[[07'],
    ['5000,', '05000,'],
    ['60000', '060000'],
    ['60000', '00'],
    ['"l":5', '"l":05'],
    ['"l":5', '"l":-0'],
    ['"l":5', '"l":'],
  ] as const)
    t.notOk(isRead(good.replace(from, to)), to)
})

t.test('what the reader would refuse is not written', async t => {
  const sizes = [2 ** 53, -1, 0.5, Number.NaN]
  for (const size of sizes) {
    const line = (): number =>
      new LineWriter().event(1, 1, 0, {
        type: 'BookChanged',
        data: { d: [1, 0, 4_000, size, -1, -1] },
      })
    t.throws(line, /cannot be written/, `${size}`)
  }
  for (const d of [
    [1, 2, 4_000, 1, -1, -1],
    [1, 0, 10_001, 1, -1, -1],
    [1, 0, 1, 1, 10_001, 1],
  ])
    t.throws(
      () => new LineWriter().event(1, 1, 0, { type: 'BookChanged', data: { d } }),
      /Invariant/,
    )
  const clock = (due: number) => ({ type: 'ClockTicked', data: { due } }) as const
  for (const due of [2 ** 53, 0.5, Number.POSITIVE_INFINITY])
    t.throws(() => new LineWriter().event(1, 1, 0, clock(due)), /cannot be written/)
})
