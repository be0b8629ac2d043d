import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './helpers/cli.js'

interface Named {
  readonly file: string
  readonly test: string
}

/** The last cell of each row of docs/FLAWS.md: a file and the name of a test in it. */
function named(text: string): Named[] {
  const cells = text.matchAll(/\| `([^`]+\.test\.ts)`: (.+?) +\|$/gm)
  return [...cells].map(([, file = '', test = '']) => ({ file, test }))
}

function isThere({ file, test }: Named): boolean {
  const path = join(ROOT, file)
  if (!existsSync(path)) return false
  const text = readFileSync(path, 'utf8')
  return ["'", '`', '"'].some(quote => text.includes(`${quote}${test}${quote}`))
}

t.test('every flaw of docs/FLAWS.md has the test that it names', async t => {
  const text = readFileSync(join(ROOT, 'docs', 'FLAWS.md'), 'utf8')
  const all = named(text)
  const rows = text.split('\n').filter(line => /^\| (?!flaw\b|-)/.test(line))
  t.equal(all.length, rows.length, 'every row names one')
  t.same(
    all.filter(one => !isThere(one)),
    [],
  )
})

t.test('the check bites', async t => {
  t.notOk(isThere({ file: 'schemas/units.test.ts', test: 'no such test' }))
  t.notOk(isThere({ file: 'schemas/no.test.ts', test: 'constructors assert' }))
  t.ok(isThere({ file: 'schemas/units.test.ts', test: 'constructors assert' }))
})

t.test('every test that is named after a flaw stands in the table', async t => {
  const table = named(readFileSync(join(ROOT, 'docs', 'FLAWS.md'), 'utf8'))
  const files = [...new Set(table.map(({ file }) => file))]
  const flaws = files.flatMap(file => {
    const found = readFileSync(join(ROOT, file), 'utf8').matchAll(/'(flaw: [^']+)'/g)
    return [...found].map(([, test = '']) => ({ file, test }))
  })
  t.ok(flaws.length > 10)
  const isListed = (one: Named): boolean =>
    table.some(({ file, test }) => file === one.file && test === one.test)
  t.same(
    flaws.filter(one => !isListed(one)),
    [],
  )
})
