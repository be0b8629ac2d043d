import { resolve } from 'node:path'
import t from 'tap'
import { affectedTests, graphOf, importsIn } from './affected.js'

/** A small clone: a rule, a registry that imports it, a run that imports the registry, and their tests. */
const CLONE = new Map<string, readonly string[]>([
  ['engine/rule.ts', ['engine/window.ts']],
  ['engine/window.ts', []],
  ['engine/registry.ts', ['engine/rule.ts', 'engine/other.ts']],
  ['engine/other.ts', []],
  ['engine/run.ts', ['engine/registry.ts', 'engine/run.ts']],
  ['engine/rule.test.ts', ['engine/rule.ts']],
  ['engine/window.test.ts', ['engine/window.ts']],
  ['engine/other.test.ts', ['engine/other.ts']],
  ['test/run.test.ts', ['engine/run.ts']],
  ['test/all.test.ts', ['engine/run.ts', 'engine/rule.ts']],
])

t.test('a change concerns the tests that import it, the nearest first', async t => {
  t.same(affectedTests(CLONE, ['engine/rule.ts']), [
    { test: 'engine/rule.test.ts', distance: 0 },
    { test: 'test/all.test.ts', distance: 2 },
    { test: 'test/run.test.ts', distance: 4 },
  ])
  t.same(
    affectedTests(CLONE, ['engine/window.ts']).map(({ test }) => test),
    ['engine/window.test.ts', 'engine/rule.test.ts', 'test/all.test.ts', 'test/run.test.ts'],
  )
})

t.test('a test that changed comes first, and a file that nobody imports concerns none', async t => {
  t.same(affectedTests(CLONE, ['engine/other.test.ts', 'engine/rule.ts'])[0], {
    test: 'engine/other.test.ts',
    distance: 0,
  })
  t.same(affectedTests(CLONE, ['engine/gone.ts']), [])
  t.same(affectedTests(CLONE, ['engine/gone.test.ts']), [], 'a test that is gone cannot run')
})

t.test('imports are found in every form that runs', async t => {
  // Written with capitals, so that the law of imports does not read them as this file's own.
  const lines = [
    "import t from 'tap'",
    "import { a,\n  type B } FROM './near.js'",
    "import type { C } FROM './types.js'",
    "export type { D } FROM './types.js'",
    "export { e } FROM '../up.js'",
    "import '#schemas/effect.js'",
    "const late = () => import('#cli/late.js')",
    "new Worker(new URL('./thread.js', import.meta.url))",
  ]
  const text = lines.join('\n').replaceAll('FROM', 'from')
  t.same(importsIn('engine/log/x.ts', text).sort(), [
    'cli/late.ts',
    'engine/log/near.ts',
    'engine/log/thread.ts',
    'engine/up.ts',
    'schemas/effect.ts',
  ])
})

t.test('in this clone a rule concerns its own test first, and not all tests', async t => {
  const graph = graphOf(resolve(import.meta.dirname, '..', '..'))
  for (const [file, imports] of graph)
    for (const imported of file === 'test/affected.test.ts' ? [] : imports)
      if (!graph.has(imported)) t.fail(`${file} imports ${imported}, which is not there`)
  const tests = [...graph.keys()].filter(file => file.endsWith('.test.ts'))
  const found = affectedTests(graph, ['engine/strategies/parity.ts'])
  t.same(found[0], { test: 'engine/strategies/parity.test.ts', distance: 0 })
  t.match(found[1], { test: /^engine\/strategies\//, distance: 1 })
  t.ok(found.length < tests.length / 2, `${found.length} of ${tests.length}`)
})
