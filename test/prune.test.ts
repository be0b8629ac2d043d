import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { judge, type Candidate, type Retention } from '#cli/retention.js'
import { nodeDisk } from '#engine/log/disk/node-disk.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const ALL: Retention = { beforeUs: undefined, keepBytes: 0, viewsOnly: false, parents: false }
const run = (name: string, of: Partial<Candidate> = {}): Candidate => ({
  runId: name,
  run: name,
  name,
  startedUs: Number(name.slice(1)),
  head: `head of ${name}`,
  parent: '',
  bytes: 10,
  bar: '',
  ...of,
})
const going = (runs: readonly Candidate[], of: Partial<Retention>): string =>
  judge(runs, { ...ALL, ...of })
    .filter(({ goes }) => goes)
    .map(({ run: { name } }) => name)
    .join()

t.test('which runs go', async t => {
  const four = ['r1', 'r2', 'r3', 'r4'].map(name => run(name))
  t.equal(going(four, { keepBytes: undefined, beforeUs: 3 }), 'r1,r2')
  t.equal(going(four, { keepBytes: 25 }), 'r1,r2')
  t.equal(going(four, { keepBytes: 40 }), '')
  t.equal(going(four, { keepBytes: 25, beforeUs: 4 }), 'r1,r2,r3')
  const barred = [run('r1', { bar: 'not sealed' }), run('r2'), run('r3')]
  t.equal(going(barred, { keepBytes: 15 }), 'r2,r3', 'what can never go counts')
  const family = [
    run('r1'),
    run('r2', { parent: 'head of r1' }),
    run('r3', { parent: 'head of r2' }),
  ]
  t.equal(going(family, { keepBytes: 10 }), '', 'parents of parents of a kept run stay')
  t.match(judge(family, { ...ALL, keepBytes: 10 })[0], { why: /parent of r2/ })
  t.equal(going(family, { keepBytes: 10, parents: true }), 'r1,r2')
  t.equal(going(family, { keepBytes: 0 }), 'r1,r2,r3', 'a whole family goes')
})

/** A runs directory: two sealed runs, a crashed one, a link and a folder that is no run. */
function runsIn(t: Test): string {
  const dir = join(t.testdir(), 'runs')
  const outside = join(t.testdirName, 'outside')
  for (const name of ['a', 'b'])
    polaris('run', '--source', 'sim:parity/400', '--out', join(dir, name), '--durability', 'none')
  polaris('project', join(dir, 'a'))
  polaris('run', '--source', 'sim:parity/400', '--out', outside, '--durability', 'none')
  mkdirSync(join(dir, 'crashed'))
  for (const name of ['manifest.json', 'events-000001.jsonl'])
    writeFileSync(join(dir, 'crashed', name), readFileSync(join(dir, 'a', name)))
  const manifest = join(dir, 'crashed', 'manifest.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('sealed', 'open'))
  symlinkSync(outside, join(dir, 'link'))
  mkdirSync(join(dir, 'notes'))
  return dir
}

t.test('prune', async t => {
  const dir = runsIn(t)
  const prune = (...words: string[]) => polaris('prune', '--runs-dir', dir, ...words)
  const there = (): string => readdirSync(dir).sort().join()
  const all = there()

  t.test('asks which runs, and says what is no age or size', async t => {
    for (const words of [[], ['--older-than', '30'], ['--keep-bytes', 'much']])
      t.match(prune(...words, '--json'), { code: 2, json: { error: { code: 'usage' } } })
    t.match(prune('--keep-bytes', '0', '--archive', join(dir, 'x'), '--json'), { code: 2 })
  })

  t.test('has nothing to do', async t => {
    t.equal(prune('--older-than', '1d').code, 1)
    t.equal(prune('--keep-bytes', '50GB').code, 1)
  })

  t.test('says first what it would do', async t => {
    const said = prune('--keep-bytes', '0', '--dry-run', '--json')
    t.match(said, { code: 0, json: { dryRun: true, failed: [] } })
    const { pruned, kept } = said.json as { pruned: { name: string }[]; kept: { name: string }[] }
    t.same(
      pruned.map(({ name }) => name),
      ['a', 'b'],
    )
    t.ok(kept.some(({ name }) => name === 'link'))
    t.match(prune('--keep-bytes', '0', '--dry-run').out, /would remove a: .*\nwould remove b/)
    t.equal(there(), all)
  })

  t.test('removes views only', async t => {
    t.ok(existsSync(join(dir, 'a', 'views')))
    t.equal(prune('--keep-bytes', '0', '--views-only').code, 0)
    t.notOk(existsSync(join(dir, 'a', 'views')))
    t.equal(polaris('verify', join(dir, 'a')).code, 0)
  })

  t.test('keeps a run that a process holds', async t => {
    const release = await nodeDisk.lock(join(dir, 'a', 'lock'))
    const said = prune('--keep-bytes', '0', '--archive', join(t.testdir(), 'kept'), '--json')
    t.match(said, { code: 2, json: { failed: [{ runId: 'a' }] } })
    t.ok(existsSync(join(dir, 'a', 'manifest.json')))
    t.notOk(existsSync(join(t.testdirName, 'kept', 'a')))
    await release?.()
  })

  t.test('archives a verified copy, and never over another', async t => {
    const archive = join(t.testdir({ b: {} }), '.')
    polaris('run', '--source', 'sim:parity/400', '--out', join(dir, 'b'), '--durability', 'none')
    const said = prune('--keep-bytes', '0', '--archive', archive, '--json')
    t.match(said, { code: 2, json: { failed: [{ runId: 'b' }] } })
    t.notOk(existsSync(join(dir, 'a')))
    t.match(polaris('verify', join(archive, 'a'), '--json').json, {
      status: 'intact',
      sealed: true,
    })
    t.ok(existsSync(join(dir, 'b', 'manifest.json')))
  })

  t.test('leaves what is no sealed run, and nothing behind', async t => {
    t.equal(prune('--keep-bytes', '0').code, 0)
    t.equal(there(), 'crashed,link,notes,polaris.db', 'the pointer to a run that went goes')
    t.equal(polaris('verify', join(dir, 'link')).code, 0, 'what a link points to is untouched')
  })
})
