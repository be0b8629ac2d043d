import t from 'tap'
import { importsOf, runningImportsOf, sourcesIn, type Import } from './helpers/imports.js'

const PURE = ['schemas', 'engine/core', 'node:assert']
const PORTS = ['engine/log/event-log.ts', 'engine/feeds/feed.ts', 'engine/gateways/gateway.ts']
const RULES = ['engine/book', 'engine/strategies', 'engine/risk', 'engine/oms', 'engine/venues']
const LOG = ['schemas', 'engine/log/event-log.ts', 'npm', 'node']
const READING = ['disk', 'read', 'prove', 'compress'].map(room => `engine/log/${room}`)
const STORE_PORTS = ['run-store', 'checkpoint', 'event-index'].map(
  port => `engine/log/store/${port}.ts`,
)
const STORY = 'engine/run' // tests may tell a whole story and replay it

/** The table of docs/ARCHITECTURE.md: who may import whom. The longest folder that fits a file decides. */
const LAYERS: ReadonlyArray<readonly [folder: string, mayImport: readonly string[]]> = [
  ['schemas', ['schemas', 'npm:io-ts', 'npm:fp-ts', 'node:assert']],
  ['engine/core', PURE],
  ['engine/book', [...PURE, 'engine/book']],
  [
    'engine/native',
    [
      'schemas',
      'engine/book',
      'engine/log/write/journal.ts',
      'engine/log/prove/scan.ts',
      'engine/gateways/polymarket/sign/native-signer.ts',
      'engine/feeds/polymarket/decode', // the reference of the frames
      'engine/native',
      'node',
    ],
  ],
  // Connections that are kept: feeds and gateways use them.
  ['engine/transport', ['engine/transport', 'npm', 'node']],
  ['engine/venues', [...PURE, 'engine/venues']],
  ['engine/strategies', [...PURE, 'engine/strategies', 'engine/book', 'engine/venues']],
  ['engine/risk', [...PURE, 'engine/risk', 'engine/book', 'engine/venues']],
  ['engine/oms', [...PURE, 'engine/oms']],
  // The pure exchange is made with the engine, from RunStarted alone.
  [
    'engine/run',
    [
      ...[...PURE, ...RULES, ...PORTS, 'engine/run', 'npm:fp-ts'],
      ...['engine/gateways/sim', 'engine/gateways/recorded', 'engine/gateways/venue-gateway.ts'],
    ],
  ],
  ['engine/log', ['schemas', 'engine/log', 'npm', 'node']],
  // Within the log nothing that reads knows who writes, and only a store knows all.
  ['engine/log/disk', [...LOG, 'engine/log/disk', 'engine/log/prove/blake3.ts']],
  ['engine/log/read', [...LOG, ...READING]],
  ['engine/log/prove', [...LOG, ...READING]],
  ['engine/log/compress', [...LOG, ...READING, 'engine/log/index', ...STORE_PORTS]],
  ['engine/log/index', [...LOG, ...READING, 'engine/log/index', ...STORE_PORTS]],
  ['engine/log/checkpoint', [...LOG, ...READING, 'engine/log/checkpoint', ...STORE_PORTS]],
  ['engine/log/write', [...LOG, ...READING, 'engine/log/write', ...STORE_PORTS]],
  [
    'engine/feeds',
    // What a fold needs of a source that it walks over.
    [
      'schemas',
      'engine/feeds',
      'engine/transport',
      'engine/core',
      'engine/venues',
      'engine/book/fold.ts',
      'engine/book/frame-walk.ts',
      'engine/log/compress/zstd-frames.ts', // what is packed is unpacked and checked in one way
      'npm',
      'node',
    ],
  ],
  // Slow collectors: a feed like the others, with the one way of all to wait.
  [
    'engine/harvest',
    [
      ...['schemas', 'engine/core', 'engine/harvest', 'engine/transport', 'engine/feeds/feed.ts'],
      ...['engine/feeds/decimal.ts', 'engine/gateways/sim/keyed-random.ts', 'npm', 'node'],
    ],
  ],
  ['engine/gateways', [...PURE, 'engine/gateways']],
  [
    'engine/gateways/polymarket',
    [
      ...[
        'schemas',
        'engine/core',
        'engine/gateways',
        'engine/transport',
        'engine/feeds/decimal.ts',
      ],
      ...['npm', 'node'],
    ],
  ],
  // What is signed knows nothing of who asks for it, or of how it is sent.
  [
    'engine/gateways/polymarket/sign',
    ['schemas', 'engine/gateways/polymarket/sign', 'npm:@noble', 'node'],
  ],
  [
    'engine/gateways/sim',
    [...PURE, 'engine/book', 'engine/venues', 'engine/gateways/sim', 'engine/gateways/gateway.ts'],
  ],
  // The bridge to the earlier system: nothing of the engine needs it.
  [
    'compat',
    ['schemas', 'compat', 'engine/gateways/sim/sweep.ts', 'engine/feeds/decimal.ts', 'npm', 'node'],
  ],
  [
    'compat/book-sim',
    [...PURE, 'compat/book-sim', 'engine/feeds/decimal.ts', 'npm:io-ts', 'npm:fp-ts'],
  ],
  ['projections/sinks', ['schemas', 'projections', 'npm', 'node']],
  [
    'projections',
    ['schemas', 'projections', 'engine/book', 'engine/core', 'engine/venues', 'node:assert'],
  ],
  // The server looks at runs through views, and says things to them through what the command line hands it.
  [
    'api',
    [
      ...['schemas', 'projections', 'api', 'engine/book', 'engine/risk/gate.ts'],
      ...['engine/log/store', 'npm', 'node'],
    ],
  ],
  // The counterpart of the venue shares no code with what is tested against it.
  [
    'twin',
    [
      'schemas',
      'twin',
      'engine/core',
      'engine/feeds/feed.ts',
      'engine/feeds/simulator',
      'npm',
      'node',
    ],
  ],
  [
    'cli',
    ['schemas', 'engine', 'projections', 'api', 'compat', 'twin', 'cli', 'bench', 'npm', 'node'],
  ],
  [
    'bench',
    [
      'schemas',
      'engine',
      'projections',
      'api',
      'compat',
      'twin',
      'cli',
      'bench',
      'test',
      'npm',
      'node',
    ],
  ],
  [
    'test',
    [
      'schemas',
      'engine',
      'projections',
      'api',
      'compat',
      'twin',
      'cli',
      'bench',
      'test',
      'npm',
      'node',
    ],
  ],
]

t.test('every import is one that the table allows', async t => {
  const files = LAYERS.flatMap(([folder]) => sourcesIn(folder))
  t.ok(files.length > 100, 'the sources are there')
  const wrong = [...new Set(files)].flatMap(importsOf).filter(of => !isAllowed(of))
  t.same(wrong, [])
})

t.test('no file imports itself by way of others', async t => {
  const files = LAYERS.flatMap(([folder]) => sourcesIn(folder))
  const graph = new Map(files.map(file => [file, runningImportsOf(file)]))
  t.same(circlesIn(graph), [])
  const one = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a']],
  ])
  t.same(circlesIn(one), [['a', 'b', 'c']], 'one that is there is found')
})

/** The circles of a graph: one of each that a walk from file to file comes back on. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): void => {
    const at = path.indexOf(file)
    if (at >= 0) circles.push(path.slice(at))
    if (at >= 0 || done.has(file)) return
    path.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return circles
}

t.test('the table bites', async t => {
  t.notOk(isAllowed({ file: 'engine/run/step.ts', target: 'engine/log/write/jsonl-log.ts' }))
  t.notOk(isAllowed({ file: 'engine/book/book.ts', target: 'engine/risk/gate.ts' }))
  t.notOk(isAllowed({ file: 'engine/log/read/tail.ts', target: 'engine/log/write/recover.ts' }))
  t.notOk(isAllowed({ file: 'schemas/units.ts', target: 'node:fs' }))
  t.notOk(isAllowed({ file: 'projections/summary.ts', target: 'engine/run/state.ts' }))
  t.notOk(isAllowed({ file: 'projections/summary.ts', target: 'node:fs' }))
  t.ok(isAllowed({ file: 'projections/sinks/files.ts', target: 'node:fs' }))
  t.ok(isAllowed({ file: 'engine/log/write/jsonl-log.ts', target: 'node:fs' }))
})

function isAllowed({ file, target }: Import): boolean {
  const isTest = /\.(test|contract|bench)\.ts$/.test(file) || file.includes('/testing/')
  const layer = [...LAYERS]
    .filter(([folder]) => file.startsWith(`${folder}/`))
    .sort(([a], [b]) => b.length - a.length)[0]
  const allowed = [
    ...(layer?.[1] ?? []),
    ...(isTest && file.startsWith('engine/log/') ? ['engine/log'] : []),
    ...(isTest ? ['npm', 'node', STORY, 'engine/strategies', 'engine/core', 'engine/native'] : []),
  ]
  return allowed.some(
    one =>
      target === one ||
      target.startsWith(`${one}/`) ||
      target.startsWith(`${one}:`) ||
      isFamily(one, target),
  )
}

/** `npm` allows every package, `node` every built-in. */
function isFamily(allowed: string, target: string): boolean {
  return (
    (allowed === 'npm' && target.startsWith('npm:')) ||
    (allowed === 'node' && target.startsWith('node:'))
  )
}
