import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { ROOT } from './helpers/cli.js'

const PAGE = readFileSync(join(ROOT, 'docs', 'extending.md'), 'utf8')
/** What is compiled: the program, and of the tests only what the page adds. */
const COPIED = ['schemas', 'engine', 'projections', 'api', 'compat', 'twin', 'cli', 'bench']
const FILES_MAX = 3
/** Tests, and what tests import, that are compiled besides. */
const ADDED = ['engine/log/store/audited-store.test.ts', 'engine/run/testing/story.ts']

/** The blocks of one section: whole files, and changes of files that are there. */
interface Block {
  readonly path: string
  readonly isNew: boolean
  readonly text: string
}

const sections = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map(text => [text.slice(0, text.indexOf('\n')), blocksOf(text)] as const),
)

void t.test('docs/extending.md adds one of each, in three files at most', async t => {
  const kinds = ['strategy', 'venue', 'recording format', 'view', 'verb', 'store']
  const adding = ['An event', ...kinds.map(kind => `A ${kind}`)]
  for (const what of adding) {
    const files = new Set(sections.get(what)?.map(({ path }) => path))
    t.ok(files.size >= 2 && files.size <= FILES_MAX, `${what}: ${[...files].join(', ')}`)
  }
})

void t.test('what docs/extending.md adds compiles and works', async t => {
  const dir = t.testdir()
  for (const name of COPIED) cpSync(join(ROOT, name), join(dir, name), { recursive: true })
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.program.json', 'native'])
    symlinkSync(join(ROOT, name), join(dir, name))
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  for (const block of [...sections.values()].flat()) apply(t, dir, block)
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const config = { extends: './tsconfig.program.json', exclude: ['**/*.test.ts'], files: ADDED }
  writeFileSync(join(dir, 'tsconfig.added.json'), JSON.stringify(config))
  const compiled = run(dir, tsc, '-p', join(dir, 'tsconfig.added.json'), '--incremental', 'false')
  t.equal(compiled.out + compiled.err, '', 'it compiles')

  const polaris = (...words: string[]) => run(dir, join(dir, 'dist', 'cli', 'main.js'), ...words)
  const runDir = join(dir, 'runs', 'one')

  void t.test('the strategy trades', async t => {
    const set = ['--set', 'strategy.names=["cheap-outcome"]']
    const said = polaris(
      'run',
      '--source',
      'sim:mixed/20000',
      '--seed',
      '9',
      ...set,
      '--out',
      runDir,
    )
    t.equal(said.code, 0, said.err)
    t.equal(polaris('replay', runDir).code, 0, 'and replays')
    t.match(countsOf(polaris('count', runDir, '--json')), {
      OrderPlaced: Number,
      OrderFilled: Number,
    })
  })

  void t.test('the verb is listed', async t => {
    t.match(polaris('help').out, /count +count the events of a run by type/)
  })

  void t.test('the view is projected', async t => {
    t.equal(polaris('project', runDir).code, 0)
    t.match(
      readFileSync(join(runDir, 'views', 'traded_volume.csv'), 'utf8'),
      /^token,volume\n1,\d+\.\d{6}\n/,
    )
  })

  void t.test('the event is an input that acts', async t => {
    const script = `
      import { Story } from '#engine/run/testing/story.js'
      import { TradingHalted } from '#schemas/events/market.js'
      const story = new Story().market(1)
      story.say(10, TradingHalted.make({ market: 1 }))
      console.log(story.rows.at(-1).event.type)
    `
    const said = run(dir, '--input-type=module', '--eval', script)
    t.same([said.out, said.err], ['TradingHalted\n', ''])
  })

  void t.test('the venue has its fees', async t => {
    const script = `
      import { rulesOf, venueNamed } from '#engine/venues/registry.js'
      console.log(rulesOf('predictit', 3), venueNamed('predictit').ticks.join())
    `
    t.equal(run(dir, '--input-type=module', '--eval', script).out, 'predictit 100\n')
  })

  void t.test('the recording format is imported', async t => {
    const file = join(dir, 'one.trades')
    writeFileSync(file, '1780796251000,a,Yes,buy,0.51,10\n1780796252000,a,No,sell,0.49,5\n')
    const imported = join(dir, 'runs', 'two')
    const said = polaris('import', 'trade-lines', file, '--out', imported)
    t.equal(said.code, 0, said.err)
    t.match(countsOf(polaris('count', imported, '--json')), { MarketListed: 1, TradePrinted: 2 })
  })

  void t.test('the store keeps the contract of all stores', async t => {
    const test = join(dir, 'dist', 'engine', 'log', 'store', 'audited-store.test.js')
    const said = run(dir, test)
    t.equal(said.code, 0, said.out)
    t.match(said.out, /^ok 1/m)
  })
})

function blocksOf(section: string): Block[] {
  const blocks: Block[] = []
  let path = ''
  for (const [, named, language, text = ''] of section.matchAll(
    /^`([^`\n]+)`$|^```(ts|diff)\n([^]*?)^```$/gm,
  )) {
    if (named !== undefined) path = named
    else blocks.push({ path, isNew: language === 'ts', text })
  }
  return blocks
}

/** A block of the page as a change of a file. A part that is not there, or there twice, fails. */
function apply(t: Test, dir: string, { path, isNew, text }: Block): void {
  const file = join(dir, path)
  if (isNew) {
    t.notOk(existsSync(file), `${path} is new`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return
  }
  const lines = text.split('\n').slice(0, -1)
  const side = (sign: string): string =>
    lines
      .filter(line => !line.startsWith(sign))
      .map(line => `${line.slice(1)}\n`)
      .join('')
  const parts = readFileSync(file, 'utf8').split(side('+'))
  t.equal(parts.length, 2, `${path} has the place that the page shows, once`)
  writeFileSync(file, parts.join(side('-')))
}

function run(dir: string, ...words: string[]) {
  const done = spawnSync(process.execPath, words, { cwd: dir, encoding: 'utf8' })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

const countsOf = ({ out }: { out: string }): unknown =>
  (JSON.parse(out.trimEnd().split('\n').pop() ?? '{}') as { counts: unknown }).counts
