import {
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { blake3 } from 'hash-wasm'
import t from 'tap'
import { polarisWarm as polaris } from './helpers/cli.js'

const dir = t.testdir()
const run = join(dir, 'run')
const SET = ['--set', 'log.checkpoint_events=3000']
polaris('run', '--source', 'sim:parity-busy/20000', '--out', run, '--durability', 'none', ...SET)
const bare = join(dir, 'bare')
cpSync(run, bare, { recursive: true })
rmSync(join(bare, 'checkpoints'), { recursive: true })
const checkpoints = readdirSync(join(run, 'checkpoints'))
const [signal = ''] = /s\d+-\d+/.exec(readFileSync(join(run, 'events-000001.jsonl'), 'utf8')) ?? []

/** The facts of a verb, without how fast it came to them. */
const factsOf = (...words: string[]): unknown => {
  const { code, json } = polaris(...words, '--json')
  const { eventsPerSecond: _e, fromSeq: _f, checkpoints: _c, ...facts } = json
  return { code, ...facts }
}

t.test('checkpoints change no answer', async t => {
  // How many there are depends on how fast the disk takes them; the first is always there.
  t.ok(checkpoints.length > 0, `${checkpoints.length} checkpoints`)
  for (const words of [
    ['replay', '--until', '17000'],
    ['replay', '--until', '9000'],
    ['replay', '--until', '100'],
    ['book', '--at', '17001', '--depth', '0'],
    ['book', '--at', '40', '--depth', '0'],
    ['book'],
    ['explain', `signal:${signal}`],
    ['explain', 'seq:16000'],
  ]) {
    const [verb = '', ...rest] = words
    t.same(factsOf(verb, run, ...rest), factsOf(verb, bare, ...rest), words.join(' '))
  }
  const until = polaris('replay', run, '--until', '17000', '--json').json as { fromSeq: number }
  t.ok(until.fromSeq >= 3_000 && until.fromSeq <= 17_000, `from ${until.fromSeq}`)
})

t.test('replay --verify begins at the first event and proves the checkpoints', async t => {
  const whole = polaris('replay', run, '--verify', '--json')
  const checked = { proven: checkpoints.length, wrong: [] }
  t.match(whole, { code: 0, json: { identical: true, fromSeq: 0, checkpoints: checked } })
  const other = join(dir, 'forged')
  cpSync(run, other, { recursive: true })
  const [name = ''] = checkpoints
  const file = join(other, 'checkpoints', name)
  const text = readFileSync(file, 'utf8')
  const body = text
    .slice(0, text.lastIndexOf(',"sum":'))
    .replace('"isPaused":false', '"isPaused":true')
  writeFileSync(file, `${body},"sum":"${await blake3(body)}"}\n`)
  const wrong = [Number(name.replace('.json', ''))]
  t.match(polaris('replay', other, '--verify', '--json'), {
    code: 1,
    json: { identical: true, checkpoints: { wrong } },
  })
})

t.test('a crashed run goes on from its newest checkpoint, and ends as if undisturbed', async t => {
  const log = 'events-000001.jsonl'
  const length = statSync(join(run, log)).size
  const wanted = factsOf('summary', run) as Record<string, unknown>
  for (const share of [0.05, 0.5, 0.97]) {
    const crashed = join(dir, `crashed-${share}`)
    cpSync(run, crashed, { recursive: true })
    truncateSync(join(crashed, log), Math.floor(length * share))
    for (const name of ['head.json', 'manifest.json']) rmSync(join(crashed, name))
    const said = polaris('run', '--resume', crashed, ...SET)
    t.equal(said.code, 0)
    if (share > 0.2) t.match(said.err, /the last \d+ events replayed/)
    t.match(polaris('replay', crashed, '--verify', '--json'), {
      code: 0,
      json: { identical: true },
    })
    const { inputs: _i, ...facts } = factsOf('summary', crashed) as Record<string, unknown>
    t.match(wanted, facts)
  }
})

t.test('a damaged line is told by explain', async t => {
  const other = join(dir, 'damaged')
  cpSync(bare, other, { recursive: true })
  const file = join(other, 'events-000001.jsonl')
  const bytes = readFileSync(file)
  bytes[bytes.indexOf('{"n":5000,') + 40]! ^= 1
  writeFileSync(file, bytes)
  const said = polaris('explain', other, 'seq:5000', '--json')
  t.match(said, { code: 2, json: { error: { code: 'damaged' } } })
})
