import fc from 'fast-check'
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VIEWS, viewNamed } from './registry.js'
import { eventful } from './testing/eventful.js'
import { linesFrom } from './view.js'
import { World } from './world.js'

const { rows } = eventful()
const ROOT = join(import.meta.dirname, '..', '..')

t.test('any cut of the log gives the same view', async t => {
  for (const view of VIEWS) {
    const whole = linesFrom(view, rows)
    t.same(linesFrom(view, rows, { cuts: () => true }), whole, `${view.name}, cut everywhere`)
    fc.assert(
      fc.property(fc.func(fc.boolean()), cuts => {
        t.strictSame(linesFrom(view, rows, { cuts }), whole)
      }),
      { numRuns: 20, seed: 7 },
    )
  }
})

t.test('looking at a view does not change it', async t => {
  for (const of of VIEWS) {
    const world = new World()
    const view = of.open('run')
    const lines: string[] = []
    for (const row of rows) {
      world.take(row)
      view.take(row, world)
      view.rest(world)
      lines.push(...view.drain())
    }
    t.strictSame([...lines, ...view.rest(world)], linesFrom(of, rows), of.name)
    t.strictSame(view.rest(world), view.rest(world))
  }
})

t.test('rows of market data leave memory as soon as they are drained', async t => {
  for (const name of ['ticks', 'snapshots', 'trades', 'health']) {
    const world = new World()
    const view = viewNamed(name)?.open('run')
    if (!view) throw new Error(name)
    let most = 0
    let all = 0
    for (const row of rows) {
      world.take(row)
      view.take(row, world)
      const drained = view.drain()
      most = Math.max(most, drained.length)
      all += drained.length
    }
    t.ok(most <= 1 && all > 0, `${name}: at most a row an event, none kept`)
    t.same(view.drain(), [])
  }
})

t.test('every view has something to say of an eventful run, and no two share a file', async t => {
  for (const view of VIEWS) t.ok(linesFrom(view, rows).length > 0, view.name)
  t.equal(new Set(VIEWS.map(({ file }) => file)).size, VIEWS.length)
  t.equal(viewNamed('nothing'), undefined)
})

t.test('every row has a cell for each column', async t => {
  for (const { name, columns, ...view } of VIEWS) {
    if (columns.length === 0) continue
    for (const line of linesFrom({ name, columns, ...view }, rows)) {
      const cells = line.replace(/"[^"]*"/g, '').split(',').length
      if (cells !== columns.length) t.fail(`${name}: ${cells} cells for ${columns.length}: ${line}`)
    }
  }
})

t.test('docs/VIEWS.md names every file and column', async t => {
  const docs = readFileSync(join(ROOT, 'docs', 'VIEWS.md'), 'utf8')
  for (const { file, columns } of VIEWS) {
    const part = docs.split(`## \`${file}\``)[1]?.split('\n## ')[0] ?? ''
    t.ok(part, file)
    const missing = columns.filter(name => !part.includes(`\`${name.replace(/^leg\d/, 'leg0')}\``))
    t.same(missing, [], file)
  }
})
