import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { RULE_NAMES } from '#cli/rules/fields.js'
import { rulesOf } from '#cli/rules/files.js'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const dir = t.testdir()
const EXAMPLES = join(ROOT, 'docs', 'rules')

const refused = (text: string): { message: string; where: string; expected: string } => {
  try {
    rulesOf(text, 'r.yaml')
  } catch (error) {
    return error as { message: string; where: string; expected: string }
  }
  throw new Error('it was taken')
}

t.test('the examples fit, and every type has one', async t => {
  const { code, json } = polaris('rules', 'check', EXAMPLES, '--json')
  t.equal(code, 0)
  const { rules } = json as {
    rules: { id: string; strategy: string; params: Record<string, unknown> }[]
  }
  t.same(
    rules.map(({ id }) => id),
    [
      'dutch-book',
      'endgame',
      'cross-market',
      'dates',
      'trend',
      'spike',
      'sum-below-one',
      'synonyms',
    ],
  )
  const sum = rules.find(({ id }) => id === 'sum-below-one')
  t.match(sum, {
    strategy: 'sum-lt-1',
    params: {
      sum_below: 10_000,
      liquidity_min_micro: 300_000_000,
      cooldown_ms: 600_000,
      level: 'P1',
      base: 70,
      weights: { edge: 40, liquidity: 40, spread: 30, time_to_end: 30 },
    },
  })
  const texts = readFileSync(join(EXAMPLES, 'more.yaml'), 'utf8')
  t.match(texts, /ORDER_BOOK_IMBALANCE/)
  const types = polaris('rules', 'types', '--json').json['types'] as { type: string }[]
  t.same(
    types.map(({ type }) => type),
    RULE_NAMES,
  )
})

t.test('what is wrong is said with its line, and what would be right', async t => {
  const head = 'type: SPIKE_DETECT\nname: a\n'
  t.match(refused(`${head}params:\n  window_secs: soon\n`), {
    message: /it is "soon"/,
    where: 'r.yaml:4: params.window_secs',
    expected: /seconds/,
  })
  t.match(refused(`${head}params:\n  move_min: 0.00001\n`), { expected: /four decimals/ })
  t.match(refused(`${head}params:\n  sum_lt: 1\n`), {
    message: /has no 'sum_lt'/,
    expected: /window_secs/,
  })
  t.match(refused(`${head}colour: red\n`), { message: /'colour' is no key/, where: /r.yaml:3/ })
  t.match(refused(`${head}dedupe: { cooldown: 3 }\n`), { message: /'cooldown'/ })
  t.match(refused(`${head}outputs: { score: { weights: { luck: 1 } } }`), { message: /no metric/ })
  t.match(refused(`${head}outputs: { score: { base: 101 } }`), { message: /101/ })
  t.match(refused('type: SPIKE\nname: a\n'), { message: /SPIKE_DETECT/ })
  t.match(refused(`${head}name: b\n`), { message: /YAML/, where: 'r.yaml:3' })
  t.match(refused(`${head}scope: &a { keywords: [x] }\nnoise_filter: *a\n`), {
    message: /[Aa]lias/,
  })
  t.match(refused('type: SPIKE_DETECT\nname: "!!"\n'), { message: /gives no name/ })
  t.match(refused('- a\n- b\n'), { message: /it is no rule/ })
  t.match(refused('type: [\n'), { message: /YAML/ })
  t.same(rulesOf('# nothing\n', 'r.yaml'), [])
  t.same(rulesOf(`${head}enabled: false\n`, 'r.yaml'), [])
  const twice = join(dir, 'twice')
  mkdirSync(twice)
  for (const name of ['a', 'b']) writeFileSync(join(twice, `${name}.yaml`), head)
  const said = polaris('rules', 'check', twice, '--json')
  t.equal(said.code, 2)
  t.match(said.json, { error: { message: /two rules are called 'a'/ } })
})

t.test('the schema knows the same keys', async t => {
  const { schema } = polaris('rules', 'schema', '--json').json as {
    schema: { oneOf: { properties: { type: { const: string }; params: { properties: object } } }[] }
  }
  t.same(
    schema.oneOf.map(({ properties }) => properties.type.const),
    RULE_NAMES,
  )
  for (const { properties } of schema.oneOf)
    t.ok(Object.keys(properties.params.properties).includes('edge_min_bps'))
})

t.test('a run decides by them, and is replayed without their files', async t => {
  const rules = join(dir, 'rules')
  mkdirSync(rules)
  for (const name of ['sum-below-one', 'spike', 'dutch-book'])
    writeFileSync(join(rules, `${name}.yaml`), readFileSync(join(EXAMPLES, `${name}.yaml`)))
  writeFileSync(join(dir, 'p.toml'), '[strategy]\nnames = []\n[code]\nrules = ["rules"]\n')
  const out = join(dir, 'run')
  const said = polaris(
    'run',
    '--source',
    'sim:parity-busy/6000',
    '--config',
    join(dir, 'p.toml'),
    '--out',
    out,
    '--json',
  )
  t.equal(said.code, 0, said.err)
  writeFileSync(join(rules, 'spike.yaml'), 'gone')
  t.equal(polaris('replay', out, '--verify').code, 0)
  const rows = polaris(
    'sql',
    out,
    "SELECT instance, count(*), min(edge_bps) FROM signals WHERE instance IN ('dutch-book', 'sum-below-one', 'spike') GROUP BY 1 ORDER BY 1",
    '--json',
  ).json['rows'] as [string, number, number][]
  t.ok(
    rows.some(
      ([instance, signals, edge]) => instance === 'sum-below-one' && signals > 0 && edge >= 1,
    ),
  )
  const dropped = polaris('sql', out, 'SELECT DISTINCT reason FROM dropped', '--json')
  t.same(dropped.json['rows'], [['manual']])
  const broken = polaris(
    'run',
    '--source',
    'sim:parity/100',
    '--config',
    join(dir, 'p.toml'),
    '--out',
    join(dir, 'no'),
    '--json',
  )
  t.equal(broken.code, 2)
  t.match(broken.json, { error: { code: 'rules', where: /spike\.yaml:1/ } })
})

t.test('a backtest says what a run with the rule says, in the time of its feed', async t => {
  const of = join(dir, 'backtested')
  polaris('run', '--source', 'sim:parity-busy/6000', '--out', of, '--quiet')
  const csv = join(dir, 'hits.csv')
  const said = polaris(
    'backtest',
    of,
    '--rule',
    'sum below one',
    '--rules',
    EXAMPLES,
    '--csv-out',
    csv,
    '--trade',
    '--json',
  )
  t.equal(said.code, 0, said.err)
  const { hits, kpis, profits } = said.json as {
    hits: { tUs: number; time: string; rule: string; score: number; market: string; edge: number }[]
    kpis: { signals: number; p1: number; edgeMeanBps: number; edgeMostBps: number; day: string }[]
    profits: { rule: string; orders: number }[]
  }
  // The run that has the rule, above, is over the same feed.
  const recorded = polaris(
    'sql',
    join(dir, 'run'),
    "SELECT t_us FROM signals WHERE instance = 'sum-below-one' AND \"end\" <> 'repeat' ORDER BY 1",
    '--json',
  ).json['rows'] as [number][]
  t.same(
    hits.map(({ tUs }) => tUs),
    recorded.map(([tUs]) => tUs),
  )
  t.ok(hits.length > 1)
  const [kpi] = kpis
  const edges = hits.map(({ edge }) => edge)
  t.match(kpi, {
    day: '2026-05-28',
    signals: hits.length,
    p1: hits.length,
    edgeMostBps: Math.max(...edges),
  })
  t.equal(
    kpi?.edgeMeanBps,
    Math.floor(edges.reduce((a, b) => a + b, 0) / edges.length),
    'a mean, and of all',
  )
  t.ok((profits[0]?.orders ?? 0) > 0)
  const lines = readFileSync(csv, 'utf8').trim().split('\n')
  t.equal(lines[0], 'ts,market_id,message,score')
  t.equal(lines.length, hits.length + 1)
  const middle = hits[1]
  const later = polaris(
    'backtest',
    of,
    '--rule',
    'SUM_LT_1',
    '--rules',
    EXAMPLES,
    '--start',
    middle?.time ?? '',
    '--json',
  )
  t.equal((later.json['hits'] as unknown[]).length, hits.length - 1)
  const none = polaris(
    'backtest',
    of,
    '--rule',
    'SUM_LT_1',
    '--end',
    '2020-01-01T00:00:00Z',
    '--json',
  )
  t.equal(none.code, 1)
  t.equal(polaris('backtest', of, '--rule', 'NOPE', '--json').code, 2)
  t.equal(polaris('backtest', of, '--rule', 'SUM_LT_1', '--start', 'monday', '--json').code, 2)
})

t.test(
  'rules look at nothing that is to come, and a change of theirs takes effect where it stands',
  async t => {
    const of = join(dir, 'ahead')
    const all = `code.rules=${JSON.stringify([EXAMPLES])}`
    polaris('run', '--source', 'sim:mixed/6000', '--set', all, '--out', of, '--quiet')
    const rows = polaris(
      'sql',
      of,
      "SELECT count(*) FROM signals WHERE strategy IN ('trend', 'spike', 'sum-lt-1', 'dutch-book')",
      '--json',
    )
    t.ok(((rows.json['rows'] as [number][])[0]?.[0] ?? 0) > 10)
    t.equal(polaris('check-lookahead', of, '--cuts', '4').code, 0)
    t.equal(polaris('replay', of, '--verify').code, 0)
  },
)

t.test('a what-if takes other rules in the place of those that the run had', async t => {
  const other = join(dir, 'other.yaml')
  writeFileSync(other, 'type: SUM_LT_1\nname: sum below one\nparams: { edge_min_bps: 9000 }\n')
  const named = `code.rules=${JSON.stringify([other])}`
  const said = polaris(
    'what-if',
    join(dir, 'run'),
    '--set',
    named,
    '--out',
    join(dir, 'if'),
    '--json',
  )
  t.equal(said.code, 1, said.err)
  const { changed } = said.json as { changed: { kind: string; after: unknown }[] }
  t.ok(changed.length > 1)
  t.ok(changed.every(({ kind, after }) => kind === 'disappears' && after === null))
})
