import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blake3 } from 'hash-wasm'
import t from 'tap'
import { VIEWS } from '../registry.js'
import { eventful } from '../testing/eventful.js'
import { ViewFiles, type ViewResult } from './files.js'

const { rows } = eventful()

async function projected(
  dir: string,
  { writes = true, step = rows.length }: { writes?: boolean; step?: number } = {},
): Promise<ViewResult[]> {
  const files = await ViewFiles.open(dir, { runId: 'r1', views: VIEWS, writes })
  for (let k = 0; k < rows.length; k += step) await files.take(rows.slice(k, k + step))
  return files.end()
}
const filesIn = (dir: string): Record<string, string> =>
  Object.fromEntries(readdirSync(dir).map(name => [name, readFileSync(join(dir, name), 'utf8')]))

t.test('the same bytes, whatever the commits of the log', async t => {
  const dir = t.testdir()
  const [one, other] = [join(dir, 'one'), join(dir, 'other')]
  t.same(await projected(one), await projected(other, { step: 7 }))
  t.same(filesIn(one), filesIn(other))
  t.same(readdirSync(one).sort(), VIEWS.map(({ file }) => file).sort(), 'no temporary file is left')
})

t.test('what is written is what was hashed and counted', async t => {
  const dir = join(t.testdir(), 'views')
  const results = await projected(dir)
  const files = filesIn(dir)
  for (const { file, rows: lines, bytes, blake3: hash, same, name } of results) {
    const text = files[file] ?? ''
    const hasHeader = (VIEWS.find(view => view.name === name)?.columns.length ?? 0) > 0
    t.equal(await blake3(text), hash)
    t.equal(Buffer.byteLength(text), bytes)
    t.equal(text.split('\n').length - 1 - (hasHeader ? 1 : 0), lines)
    t.ok(text.endsWith('\n') && !text.includes('\r'))
    t.equal(same, false, 'nothing lay there')
  }
})

t.test(
  'a check writes nothing and finds a changed, a cut, a longer and a missing file',
  async t => {
    const dir = join(t.testdir(), 'views')
    t.ok((await projected(dir, { writes: false })).every(({ same }) => !same))
    t.notOk(existsSync(dir), 'a check makes no folder')
    await projected(dir)
    t.ok((await projected(dir, { writes: false })).every(({ same }) => same))
    const path = join(dir, 'ticks.csv')
    const text = readFileSync(path, 'utf8')
    const found = async (bad: string): Promise<number | undefined> => {
      writeFileSync(path, bad)
      const wrong = (await projected(dir, { writes: false })).filter(({ same }) => !same)
      t.same(
        wrong.map(({ file }) => file),
        ['ticks.csv'],
      )
      t.equal(readFileSync(path, 'utf8'), bad)
      return wrong[0]?.differsAt
    }
    t.equal(await found(`${text.slice(0, 500)}#${text.slice(501)}`), 500)
    t.equal(await found(text.slice(0, -1)), text.length - 1)
    t.equal(await found(`${text}\n`), text.length)
    t.equal(await found(''), 0)
  },
)

t.test('a log that breaks off leaves the old files as they were', async t => {
  const dir = join(t.testdir(), 'views')
  await projected(dir)
  const before = filesIn(dir)
  const files = await ViewFiles.open(dir, { runId: 'r1', views: VIEWS, writes: true })
  await files.take(rows.slice(0, 50))
  await files.abandon()
  t.same(filesIn(dir), before)
})
