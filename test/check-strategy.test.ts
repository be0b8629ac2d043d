import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownRule } from './helpers/own-rule.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const { file, source, changed, mine, MARKET } = ownRule(dir)

t.test('each thing that a strategy must not use is told with its line', async t => {
  const bad = join(dir, 'bad.ts')
  const lines = [
    "import { readFileSync } from 'node:fs'",
    "import { strategy } from 'polaris/strategy'",
    'let count = 0',
    'const now = Date.now() + performance.now()',
    'const luck = Math.random() ** Math.exp(1)',
    "const late = setTimeout(() => fetch('x'), 1)",
    "const far = import('node:os'), near = require('x')",
    'const all = [process, globalThis, crypto, Math]',
    "const code = (() => 1).constructor('return 1')",
    "const text = 'a'.localeCompare('b')",
    'async function later() {}',
    'const date = { Date: 1 }.Date // a key is no clock',
  ]
  writeFileSync(bad, lines.join('\n'))
  const { code, json } = polaris('check-strategy', bad, '--json')
  t.equal(code, 1)
  const { why } = (json as { first: { why: string } }).first
  const found = why.split('\n').map(line => line.trim().replace(`${bad}:`, ''))
  const wanted = [
    [1, /'node:fs'/],
    [3, /let outside of functions/],
    [4, /Date reads a clock/],
    [4, /performance reads a clock/],
    [5, /\*\* is not the same/],
    [5, /Math\.random is random/],
    [5, /Math\.exp is not the same/],
    [6, /setTimeout acts later/],
    [6, /fetch reaches outside/],
    [7, /import\(…\) reaches outside/],
  ] as const
  for (const [k, [line, what]] of wanted.entries())
    t.match(found[k], new RegExp(`^${line}:\\d+ .*${what.source}`))
  t.match(found[wanted.length], /and \d+ more/)
  const rest = join(dir, 'rest.ts')
  writeFileSync(rest, lines.slice(7).join('\n'))
  const { first } = polaris('check-strategy', rest, '--json').json as { first: { why: string } }
  for (const what of [
    /:1:\d+ process/,
    /:1:\d+ globalThis/,
    /:1:\d+ crypto/,
    /:1:\d+ Math as a whole/,
  ])
    t.match(first.why, what)
  for (const what of [/:2:\d+ \.constructor/, /:3:\d+ \.localeCompare/, /:4:\d+ async/])
    t.match(first.why, what)
  t.notMatch(first.why, /:5:/)
})

t.test('what does not fit the types is told with file and line, and does not trade', async t => {
  const bad = changed('typed.ts', ["tag !== 'book'", "tag !== 'boook'"])
  const said = polaris('check-strategy', bad)
  t.equal(said.code, 1)
  t.match(said.out, /typed\.ts:\d+:\d+ This comparison appears to be unintentional/)
  const out = join(dir, 'untyped')
  t.equal(polaris('run', ...MARKET, '--out', out, ...mine(bad)).code, 2)
  t.equal(
    polaris(
      'run',
      ...MARKET,
      '--out',
      out,
      ...mine(changed('gone.ts', ['price_max:', 'price_mix:'])),
    ).code,
    2,
  )
})

t.test(
  'a strategy that remembers outside of its memory is refused with the first difference',
  async t => {
    const bad = changed(
      'impure.ts',
      ['export const', 'const seen = new Set<number>()\n\nexport const'],
      ['bought.', 'seen.'],
      ['memory: bought', 'memory: _'],
    )
    const said = polaris('check-strategy', bad, '--json')
    t.equal(said.code, 1)
    t.match(said.json, { isSound: false, first: { difference: { expected: /SignalRaised/ } } })
    const out = join(dir, 'impure')
    const run = polaris('run', ...MARKET, '--out', out, ...mine(bad), '--json')
    t.equal(run.code, 2)
    t.match(run.json, { error: { code: 'unsound' } })
    t.notOk(existsSync(join(out, 'strategies')))
  },
)

t.test('a memory that no checkpoint can hold is refused, and so is a rule that fails', async t => {
  const held = changed(
    'class.ts',
    ['export const', 'class Kept { readonly all = new Set<number>() }\n\nexport const'],
    ['Set<number>>({', 'Kept>({'],
    ['new Set(),', 'new Kept(),'],
    ['memory: bought', 'memory: { all: bought }'],
  )
  t.match(polaris('check-strategy', held).out, /a state holds no instance of a class/)
  const failing = changed('failing.ts', [
    'bought.add(market)',
    "if (bought.add(market).size > 0) throw new Error('no luck')",
  ])
  t.match(polaris('check-strategy', failing).out, /not sound: it fails: no luck \(sim:mixed\)/)
})

t.test('names that are taken, and files without a strategy', async t => {
  const taken = changed('parity.ts', ["name: 'my-rule'", "name: 'parity'"])
  t.match(
    polaris('config', '--set', `code.strategies=["${taken}"]`).err,
    /'parity' is a strategy of the program/,
  )
  const section = changed('risk.ts', ["name: 'my-rule'", "name: 'risk'"])
  t.match(polaris('check-strategy', section).out, /\[risk\] is a section/)
  const two = polaris('config', '--set', `code.strategies=["${file}", "${changed('copy.ts')}"]`)
  t.match(two.err, /two files name 'my-rule'/)
  writeFileSync(join(dir, 'empty.ts'), 'export const nothing = 1\n')
  t.match(polaris('check-strategy', join(dir, 'empty.ts')).out, /it exports 0 strategies/)
  t.equal(polaris('check-strategy', join(dir, 'none.ts')).code, 2)
  t.equal(polaris('new-strategy', 'basket', '--dir', dir).code, 2)
  t.match(polaris('new-strategy', 'my-rule', '--dir', dir).err, /there is a file already/)
  t.equal(readFileSync(file, 'utf8'), source)
})

t.test('the test that comes with it passes, and fails where the rule does otherwise', async t => {
  const test = join(dir, 'my-rule.test.ts')
  t.match(polaris('test-strategy', test, '--json').json, {
    failed: 0,
    tests: [{ isOk: true }, { isOk: true }],
  })
  const other = join(dir, 'other')
  mkdirSync(other)
  cpSync(test, join(other, 'my-rule.test.ts'))
  writeFileSync(join(other, 'my-rule.ts'), source.replace('bought.add(market)', ''))
  const said = polaris('test-strategy', join(other, 'my-rule.test.ts'))
  t.equal(said.code, 1)
  t.match(said.out, /not ok {2}buys the first outcome/)
  t.match(said.err, /once/)
})
