import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const dir = t.testdir()
const demo = join(dir, 'demo')
const stricter = join(dir, 'demo-300')
polaris('run', '--source', 'sim:mixed', '--seed', '9', '--out', demo)
polaris('run', '--source', demo, '--set', 'parity.min_edge_bps=300', '--out', stricter)

const page = readFileSync(join(ROOT, 'docs', 'analytics.md'), 'utf8')
const asked = [...page.matchAll(/## (\d+\. .*)\n[^]*?```sql\n([^]*?)\n```\n\n```\n([^]*?)```/g)]

t.test('the page has twenty questions', async t => {
  t.equal(asked.length, 20)
})

for (const [, title = '', query = '', answer] of asked)
  t.test(title, async t => {
    const runs = title.includes('Two runs') ? [demo, stricter] : [demo]
    const said = polaris('sql', ...runs, query)
    t.equal(said.code, 0, said.err)
    t.equal(said.out, answer)
  })
