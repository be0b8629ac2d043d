import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './helpers/cli.js'

const PAGE = readFileSync(join(ROOT, 'docs', 'research.md'), 'utf8')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const cwd = t.testdir()

/** The page from top to bottom: each command with what it says to print; empty where it says nothing. */
const steps = [...PAGE.matchAll(/^```sh\n(.*)\n```$(?:\n\n^```\n([^]*?)^```$)?/gm)]

t.test('every command of docs/research.md prints what the page says, in its order', async t => {
  const toml = /^```toml\n([^]*?)^```$/m.exec(PAGE)?.[1] ?? ''
  writeFileSync(join(cwd, 'polaris.toml'), toml)
  for (const [, line = '', wanted = ''] of steps) {
    const [command = '', exit = ''] = line.split(' # ')
    const [program, ...words] = command.split(' ')
    t.equal(program, 'polaris', line)
    const env = { PATH: process.env['PATH'], POLARIS_STATE_DIR: cwd }
    const done = spawnSync(process.execPath, [MAIN, ...words], { cwd, env, encoding: 'utf8' })
    t.equal(done.status, exit === 'exit 1' ? 1 : 0, `${line}\n${done.stderr}`)
    t.equal(done.stdout, wanted, line)
  }
  const verbs = steps.map(([, line = '']) => line.split(' ')[1])
  t.same(new Set(verbs), new Set(['run', 'sweep', 'arb-optimize', 'check-lookahead', 'what-if']))
  for (const file of ['sweep.html', 'runs/optimize_suggest.toml', 'runs/tried'])
    t.ok(existsSync(join(cwd, file)), file)
})

t.test('what is said of the first optimisation and of the second is not the same', async t => {
  const said = steps.flatMap(([, line = '', wanted = '']) =>
    line.startsWith('polaris arb-optimize') ? [wanted] : [],
  )
  t.equal(said.length, 2)
  t.match(said[0], /suggested: m2-20260528-1, in/)
  t.match(said[1], /failed {2}throughout[^]*nothing is suggested: m2-20260528-1 failed a gate/)
})
