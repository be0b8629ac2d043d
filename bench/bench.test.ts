import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { hasBookSim } from '#compat/book-sim-program.js'
import { bench as append, PEERS } from './append.bench.js'
import { bench as book } from './book.bench.js'
import { peerBooks } from './contenders/peer-books.js'
import { missing } from './contenders/stores.js'
import { bench as desk } from './desk.bench.js'
import { decodeBench } from './decode.bench.js'
import { bench as imports } from './import.bench.js'
import { bench as line } from './line.bench.js'
import { bench as long } from './long.bench.js'
import { bench as plan } from './plan.bench.js'
import { bench as project } from './project.bench.js'
import { bench as quoting } from './quoting.bench.js'
import { bench as replay } from './replay.bench.js'
import { bench as sign } from './sign.bench.js'
import { bench as sweep } from './sweep.bench.js'
import { quantile, timings } from './stopwatch.js'
import { hasRustBooks } from './rust-books.js'
import { bench as t2t } from './t2t.bench.js'
import { bench as verify } from './verify.bench.js'
import { quietCall } from './testing/quiet-call.js'

const stores = PEERS.filter(name => missing(name) === undefined).length
const books = Object.keys(await peerBooks()).length
const hasAddon = typeof loadAddon() !== 'string'

// Each bench asserts that its contenders agree before it races them; what it measures is nobody's business here.
const SIZES = [
  {
    bench: book,
    events: 2_000,
    contenders: 30 + 2 * books + (hasAddon ? 12 : 0) + (hasRustBooks() ? 16 : 0),
  },
  { bench: decodeBench(undefined), events: 600, contenders: 3 + (hasAddon ? 3 : 0) },
  { bench: imports, events: 2_000, contenders: 2 + (hasAddon ? 2 : 0) },
  { bench: line, events: 50, contenders: 8 },
  { bench: append, events: 1_100, contenders: 3 * (8 + (hasAddon ? 3 : 0) + stores) },
  { bench: replay, events: 3_000, contenders: 3 + (hasAddon ? 2 : 0) },
  { bench: sweep, events: 3_000, contenders: 3 + (hasAddon ? 3 : 0) },
  { bench: quoting, events: 6_000, contenders: 3 + (hasAddon ? 3 : 0) },
  { bench: verify, events: 3_000, contenders: 2 + (hasAddon ? 1 : 0) },
  { bench: long, events: 3_000, contenders: 1 },
  { bench: project, events: 3_000, contenders: 19 },
  { bench: t2t, events: 2_000, contenders: 18 + (hasAddon ? 12 : 0) },
  { bench: desk, events: 20_000, contenders: 4 },
  { bench: sign, events: 4, contenders: 5 + (hasAddon ? 2 : 0) },
  { bench: plan, events: 20, contenders: 3 + (hasAddon ? 2 : 0) + (hasBookSim() ? 4 : 0) },
]

for (const { bench, events, contenders } of SIZES)
  t.test(`the contenders of ${bench.name} agree and finish`, async t => {
    const found = await bench.run({ events, samples: 1 }, quietCall)
    t.equal(found.contenders.length, contenders)
    for (const { medianNs, opsPerS, ratio } of found.contenders)
      t.ok(medianNs > 0 && opsPerS > 0 && ratio > 0)
    t.ok(bench.question.endsWith('?'))
  })

t.test('a table of samples', async t => {
  const [ours, rival] = timings(
    [{ name: 'ours' }, { name: 'rival' }],
    [
      [10, 20, 30],
      [50, 40, 60],
    ],
  )
  t.match(ours, { medianNs: 20, p99Ns: 30, opsPerS: 50_000_000, ratio: 1 })
  t.match(rival, { medianNs: 50, ratio: 2.5 })
  t.equal(quantile([], 0.5), 0)
})
