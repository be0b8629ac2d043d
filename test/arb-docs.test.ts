import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const dir = join(t.testdir(), 'runs')
mkdirSync(dir)
polaris('demo', '--out', join(dir, 'demo'))
polaris('run', '--source', 'sim:closing', '--seed', '9', '--out', join(dir, 'closing'))
const page = readFileSync(join(ROOT, 'docs', 'arb-tables.md'), 'utf8')
const shown = [...page.matchAll(/```\n\$ \.\/polaris ([^\n]*)\n([^]*?)\n?```/g)]

t.test('docs/arb-tables.md shows what the verbs say', async t => {
  t.ok(shown.length > 7)
  for (const [, words = '', answer] of shown) {
    const said = polaris(...words.split(' ').map(word => word.replace(/^runs(?=\/)/, dir)))
    t.equal(said.out.replaceAll(dir, 'runs').replace(/\n$/, ''), answer, words)
  }
})
