import fc from 'fast-check'
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VIEWS, viewNamed } from './registry.js'
import { eventful } from './testing/eventful.js'
import { lineOf, linesFrom } from './view.js'
import { World } from './world.js'

const { rows } = eventful([])
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
      lines.push(...view.drain().map(cells => lineOf(of, cells)))
    }
    const rest = view.rest(world).map(cells => lineOf(of, cells))
    t.strictSame([...lines, ...rest], linesFrom(of, rows), of.name)
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

const SHAPES = {
  text: /^/,
  integer: /^(-?\d+)?$/,
  price: /^(-?\d+\.\d{4})?$/,
  micro: /^(-?\d+\.\d{6})?$/,
}

t.test('every row has a cell for each column, and it holds what the column says', async t => {
  for (const of of VIEWS) {
    const { name, columns, kinds, isWhole } = of
    t.equal(kinds.length, columns.length, name)
    const world = new World()
    const view = of.open('run')
    const drained = rows.flatMap(row => {
      world.take(row)
      view.take(row, world)
      return view.drain()
    })
    t.equal(isWhole, drained.length === 0, `${name} is written anew or added to`)
    for (const cells of [...drained, ...view.rest(world)]) {
      if (columns.length > 0 && cells.length !== columns.length) t.fail(`${name}: ${cells.join()}`)
      const wrong = kinds.findIndex((kind, k) => !SHAPES[kind].test(cells[k] ?? '?'))
      if (wrong >= 0) t.fail(`${name}.${columns[wrong]} is '${cells[wrong]}'`)
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
