import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { polaris, ROOT } from './helpers/cli.js'

const DATA = process.env['POLARIS_DATA'] ?? resolve(ROOT, '..', 'shared', 'data')
const dir = t.testdir()

interface Imported {
  readonly read: number
  readonly inputs: number
  readonly book: {
    readonly checks: number
    readonly agreeBefore: number
    readonly agreeAfter: number
    readonly hashChecked: number
    readonly hashOk: number
    readonly crossed: number
  }
}

const RECORDINGS: readonly (readonly [
  kind: string,
  folder: string,
  holds: (t: Test, of: Imported) => void,
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
]

for (const [kind, folder, holds] of RECORDINGS) {
  const from = join(DATA, folder)
  const skip = existsSync(from) ? false : 'the recordings are not beside this clone'
  t.test(`${folder}: imported, run, replayed and verified`, { skip }, async t => {
    const run = join(dir, kind)
    const imported = polaris('import', kind, from, '--out', run, '--json')
    t.equal(imported.code, 0, imported.err)
    holds(t, imported.json as unknown as Imported)
    const traded = `${run}-run`
    t.equal(polaris('run', '--source', run, '--out', traded).code, 0)
    for (const one of [run, traded]) {
      t.equal(polaris('replay', one, '--verify').code, 0, `${one} replays`)
      t.equal(polaris('verify', one).code, 0, `${one} verifies`)
    }
    t.equal(polaris('summary', traded).code, 0)
  })
}
