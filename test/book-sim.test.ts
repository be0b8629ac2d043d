import { spawnSync } from 'node:child_process'
import t from 'tap'
import { prng } from '#engine/feeds/simulator/prng.js'
import { answerToLine, type BookSimOptions } from '#compat/book-sim/book-sim.js'
import { BOOK_SIM, hasBookSim, NO_BOOK_SIM } from '#compat/book-sim-program.js'
import { BOOK, requestOf } from '#compat/book-sim/testing/requests.js'
import { spokenLine } from './helpers/book-sim-garbage.js'

const skip = hasBookSim() ? false : NO_BOOK_SIM
/** Seconds that the two are held together beyond the fixed seeds: `POLARIS_FUZZ_S`. */
const LONGER_S = Number(process.env['POLARIS_FUZZ_S'] ?? 0)
const LINES = 2_000

const FLAGS: readonly (readonly [flags: readonly string[], options: BookSimOptions])[] = [
  [[], {}],
  [['--guard-legs'], { guardsLegs: true }],
  [['--guard-legs', '--keep-size'], { guardsLegs: true, raisesToMinSize: false }],
]

const told = (words: readonly string[], input: string) =>
  spawnSync(BOOK_SIM, words, { input, encoding: 'utf8', maxBuffer: 1 << 28 })

/** What the two answer differently to the lines of a seed; nothing, if all is well. */
function differences(seed: number): string[] {
  const random = prng(seed, 'book-sim')
  const [flags, options] = FLAGS[seed % FLAGS.length]!
  const lines = Array.from({ length: LINES }, () => spokenLine(random))
  const wanted = lines.flatMap(line => {
    const answer = answerToLine(line, options)
    return answer === undefined ? [] : [{ line, answer }]
  })
  const { stdout, stderr, status } = told(['daemon', ...flags], `${lines.join('\n')}\n`)
  const got = stdout.split('\n').slice(0, -1)
  if (status !== 0 || got.length !== wanted.length)
    return [`seed ${seed}: exit ${status}, ${got.length} of ${wanted.length} answers; ${stderr}`]
  return wanted.flatMap(({ line, answer }, k) =>
    got[k] === answer
      ? []
      : [`seed ${seed}\n  line       ${line}\n  TypeScript ${answer}\n  process    ${got[k]}`],
  )
}

t.test('the process answers every line as TypeScript does, to the character', { skip }, async t => {
  const kinds = new Set<string>()
  for (let seed = 1; seed <= 12; seed++) {
    t.same(differences(seed).slice(0, 2), [], `seed ${seed}`)
    const random = prng(seed, 'book-sim')
    for (let k = 0; k < LINES; k++)
      for (const [, word = ''] of (answerToLine(spokenLine(random)) ?? '').matchAll(
        /"(?:message|error)":"([a-z_]+)/g,
      ))
        kinds.add(word)
  }
  const all =
    'below_min_order_size insufficient_liquidity invalid_price invalid_request invalid_size missing_snapshot paper_fill paper_partial_fill preflight_price_drift'
  const seen = [...kinds].sort()
  t.same(
    all.split(' ').filter(kind => kind !== 'below_min_order_size' && !seen.includes(kind)),
    [],
    'the garbage reaches every answer',
  )
})

t.test(
  '… for as long as one likes',
  { skip: skip || (LONGER_S > 0 ? false : 'POLARIS_FUZZ_S is not set') },
  async t => {
    const until = performance.now() + LONGER_S * 1_000
    let seed = 1_000
    while (performance.now() < until && t.passing()) t.same(differences(seed++).slice(0, 2), [])
    t.comment(`${(seed - 1_000) * LINES} lines`)
  },
)

t.test('one request in, one answer out', { skip }, async t => {
  const golden = requestOf([{ shares: 25, limit_price: 0.49 }])
  const { status, stdout } = told(['simulate-paper'], JSON.stringify(golden))
  t.equal(status, 0)
  t.match(JSON.parse(stdout), { capital_used_usd: 12.15, fills: [{ fill_price: 0.486 }] })
  const wrong = told(['simulate-paper'], JSON.stringify(requestOf([{ shares: -1 }], { t1: BOOK })))
  t.equal(wrong.status, 2)
  t.match(wrong.stderr, /invalid_request: intents.shares is -1, expected number ≥ 0/)
})

t.test('what is no command and what is no JSON ends with 2', { skip }, async t => {
  for (const words of [[], ['simulate'], ['daemon', '--fast']]) {
    const { status, stderr } = told(words, '')
    t.equal(status, 2)
    t.match(stderr, /simulate-paper \| daemon \| bench-orderbook/)
  }
  for (const command of ['simulate-paper', 'bench-orderbook'])
    t.equal(told([command], '{').status, 2)
})

t.test('a conversation ends with its input, blank lines and all', { skip }, async t => {
  const { status, stdout } = told(['daemon'], '\n  \n{"id":"a"}\n{')
  t.equal(status, 0)
  const [first, second] = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as unknown)
  t.match(first, { id: 'a', ok: false, result: null, error: /^invalid_request: value is missing/ })
  t.match(second, { id: 'unknown', ok: false, error: /^invalid_request: / })
})
