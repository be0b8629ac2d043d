import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const dir = t.testdir()
const backends = typeof loadAddon() === 'string' ? ['ts'] : ['ts', 'native']

interface Imported {
  readonly read: number
  readonly inputs: number
  readonly settlements?: { readonly checked: number; readonly agreed: number }
  readonly book: {
    readonly checks: number
    readonly agreeBefore: number
    readonly agreeAfter: number
    readonly hashChecked: number
    readonly hashOk: number
    readonly crossed: number
  }
}

const FED = join(DATA, 'polymarket-fed-june-allegs')

const RECORDINGS: readonly (readonly [
  kind: string,
  folder: string,
  holds: (t: Test, of: Imported) => void,
  words?: readonly string[],
])[] = [
  [
    'polymarket-frames',
    'polymarket-ws-frames-hash',
    (t, { book }) => t.match(book, { hashChecked: 26, hashOk: 26, crossed: 0 }),
  ],
  [
    'tickscope',
    'polymarket-tickscope-stanleycup',
    (t, { book }) => {
      t.ok(book.checks > 200_000)
      t.ok(
        book.agreeBefore / book.checks >= 0.995,
        `${book.agreeBefore} of ${book.checks} before correction`,
      )
      t.ok(book.agreeAfter / book.checks >= 0.996, `${book.agreeAfter} after`)
      t.equal(book.crossed, 0)
    },
  ],
  ['l2-snapshots', 'polymarket-l2-snapshots', (t, { book }) => t.equal(book.crossed, 0)],
  ['kalshi-ws', 'kalshi-ws', (t, { book }) => t.equal(book.crossed, 0)],
  [
    'polymarket-books',
    'polymarket-fed-june-allegs',
    (t, { book }) => t.match(book, { hashChecked: 10, hashOk: 10, crossed: 0 }),
    ['--meta', join(FED, 'gamma-event.json')],
  ],
  ['kalshi-tops', 'kalshi-multileg-snapshots', (t, { book }) => t.equal(book.crossed, 0)],
  [
    'polymarket-settlements',
    'polymarket-btc5m-settlement',
    (t, { settlements }) => {
      t.ok(settlements && settlements.checked > 200)
      t.equal(settlements?.agreed, settlements?.checked)
    },
  ],
]

for (const [kind, folder, holds, words = []] of RECORDINGS) {
  const from = join(DATA, folder)
  const skip = existsSync(from) ? false : 'the recordings are not beside this clone'
  t.test(`${folder}: imported, run, replayed and verified`, { skip }, async t => {
    const run = join(dir, kind)
    const imported = polaris('import', kind, from, ...words, '--out', run, '--json')
    t.equal(imported.code, 0, imported.err)
    holds(t, imported.json as unknown as Imported)
    const traded = `${run}-run`
    t.equal(polaris('run', '--source', run, '--out', traded).code, 0)
    for (const one of [run, traded]) {
      const states = backends.map(backend => {
        const { code, json } = polaris('replay', one, '--verify', '--backend', backend, '--json')
        t.equal(code, 0, `${one} replays by ${backend}`)
        return json['stateHash']
      })
      t.equal(new Set(states).size, 1, 'to one state')
      t.equal(polaris('verify', one).code, 0, `${one} verifies`)
    }
    t.equal(polaris('summary', traded).code, 0)
  })
}

interface Raised {
  readonly data: {
    readonly strategy: string
    readonly cost: number
    readonly fee: number
    readonly edge: number
    readonly worst: number
    readonly depth: number
    readonly spread: number
    readonly size: number
  }
}

/** The first signal of a strategy, as `explain` tells it. */
function firstOf(run: string, strategy: string): Raised {
  const rows = polaris(
    'sql',
    run,
    `SELECT signal_id FROM signals WHERE strategy = '${strategy}' ORDER BY seq LIMIT 1`,
    '--json',
  ).json as unknown as { rows: string[][] }
  const said = polaris('explain', run, `signal:${String(rows.rows[0]?.[0])}`, '--json')
  const { chain } = said.json as unknown as { chain: Raised[] }
  return chain.at(-1)!
}

const skip = existsSync(FED) ? false : 'the recordings are not beside this clone'
t.test('docs/RECORDINGS.md: the two signals worked by hand', { skip }, async t => {
  const fed = join(dir, 'fed-by-hand')
  const lowered = ['--set', 'parity.min_edge_bps=-100', '--set', 'basket.min_edge_bps=-100']
  const larger = [
    '--set',
    'basket.size_max_micro=400000000',
    '--set',
    'risk.signal_notional_max_micro=500000000',
  ]
  const source = join(dir, 'polymarket-books')
  t.equal(polaris('run', '--source', source, ...lowered, ...larger, '--out', fed).code, 0)
  t.match(firstOf(fed, 'basket').data, {
    ...{ size: 400_000_000, cost: 401_600_000, fee: 829_920, edge: -61 },
    ...{ worst: 1, depth: 519_923_300, spread: 1_819 },
  })
  const hour = join(dir, 'hour-by-hand')
  const of = ['run', '--source', join(dir, 'l2-snapshots'), '--set', 'parity.min_edge_bps=0']
  t.equal(polaris(...of, '--out', hour).code, 0)
  t.match(firstOf(hour, 'parity').data, {
    ...{ size: 48_000_000, cost: 48_000_000, fee: 0, edge: 0 },
    ...{ worst: 1, depth: 309_709_800 },
  })
})

t.test('thresholds that overlap are no complete set, whatever the margin', { skip }, async t => {
  const run = join(dir, 'ladder')
  const of = ['run', '--source', join(dir, 'kalshi-tops'), '--mode', 'shadow', '--out', run]
  t.equal(polaris(...of, '--set', 'basket.min_edge_bps=-10000').code, 0)
  const said = polaris('summary', run, '--json').json as { byStrategy: Record<string, unknown> }
  t.same(Object.keys(said.byStrategy), [])
})
