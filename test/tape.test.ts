import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { BID } from '#schemas/levels.js'
import { LineReader } from '#schemas/line/reader.js'
import type { Recorded } from '#schemas/recorded.js'
import { kindOf, type Event } from '#schemas/registry.js'
import type { BookFold } from '#engine/book/fold.js'
import { FOUND, TapeReader, type Tape } from '#engine/book/tape.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { packed } from '#engine/core/saved.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { passOver } from '#engine/run/pass.js'
import { passed, startedWith } from '#cli/passes.js'
import { changedConfig } from '#cli/config.js'
import { rowsOf, startOf } from '#cli/runs.js'
import { tapesOf } from '#cli/tape.js'
import { completed } from '#schemas/config.js'
import { polarisWarm as polaris } from './helpers/cli.js'
import { seeds } from './helpers/seeds.js'
import { keep, storyOf, TOKENS } from './helpers/stories.js'

const addon = loadAddon()
const api = typeof addon === 'string' ? undefined : addon
const skip = typeof addon === 'string' ? addon : false
const RECORDINGS = join(import.meta.dirname, '..', '..', '..', 'shared', 'data')

const dir = mkdtempSync(join(tmpdir(), 'polaris-tape-test-'))
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

t.test('what is on a tape is what the log says, whoever put it there', async t => {
  for (const seed of seeds(40, 1 / 10)) {
    const random = prng(seed, 'tape')
    const rows = storyOf(random)
    const run = join(dir, `story-${seed}`)
    await keep(run, rows)
    const wanted = rows.flatMap(({ tUs, event }) =>
      kindOf(event.type) === 'feed' ? [JSON.stringify([tUs, bare(event)])] : [],
    )
    for (const through of api ? [undefined, api] : [undefined]) {
      const { tapes, inputs } = await tapesOf(run, { api: through })
      t.equal(inputs, wanted.length)
      const found = tapes.flatMap(said)
      const at = found.findIndex((one, k) => one !== wanted[k])
      if (at >= 0 || found.length !== wanted.length)
        t.equal(found[at], wanted[at], `seed ${seed}, input ${at}, ${through ? 'native' : 'ts'}`)
    }
    rmSync(run, { recursive: true })
    if (!t.passing()) return
  }
})

t.test('both folds name the same groups at the same inputs of a tape', { skip }, async t => {
  let [named, quiet] = [0, 0]
  for (const seed of seeds(60, 1 / 10)) {
    const random = prng(seed, 'tape-walk')
    const run = join(dir, `walk-${seed}`)
    await keep(run, storyOf(random))
    const { tapes } = await tapesOf(run, { api })
    const limit = random.below(12_000)
    const folds: BookFold[] = [tsFold(), new NativeFold(addon as Addon)]
    const [ts, native] = folds.map(fold => {
      for (let token = 1; token <= TOKENS + 1; token++) fold.list(token, 100)
      for (let token = 131_069; token < 131_075; token++) fold.list(token, 100)
      fold.setTrigger(1, { test: 'asks', limit, tokens: [1, 2] })
      fold.setTrigger(2, { test: 'spread', limit: 3_000, tokens: [3] })
      fold.setInterest(1, { isWhole: false, trades: false, levels: [BID, 5_000] })
      fold.setInterest(4, { isWhole: false, trades: true, levels: [] })
      fold.setInterest(5, { isWhole: true, trades: false, levels: [] })
      return walked(fold, tapes)
    })
    if (native!.story !== ts!.story) t.equal(native!.story, ts!.story, `seed ${seed}`)
    named += ts!.named
    quiet += ts!.quiet
    rmSync(run, { recursive: true })
    if (!t.passing()) return
  }
  t.ok(named > 500 && quiet > 500, `${named} inputs were named, ${quiet} passed quietly`)
})

t.test('a pass is the run over the same inputs', async t => {
  const sources = [
    ['sim:parity-busy/3000', 'parity.min_edge_bps=150'],
    ['sim:mixed/3000', 'sim.latency_ms=900'],
    ['sim:venue/3000', 'risk.open_max=1'],
  ] as const
  for (const [source, set] of sources) {
    const [run, other] = [join(dir, 'run'), join(dir, 'other')]
    t.equal(polaris('run', '--source', source, '--out', run).code, 0, source)
    t.ok(polaris('what-if', run, '--set', set, '--out', other).code !== 2, set)
    const { data } = await startOf(run)
    const started = await startedWith(
      data,
      changedConfig({ set: [set] }, completed(data.config)).config,
    )
    const lines = new Map<number, string>()
    for await (const rows of rowsOf(other)) for (const row of rows) lines.set(row.seq, lineOf(row))
    const { json } = polaris('summary', other, '--json')
    const fresh: (() => BookFold)[] = [tsFold, ...(api ? [() => new NativeFold(api)] : [])]
    for (const make of fresh) {
      const { tapes, inputs } = await tapesOf(run, { api })
      let [decisions, wrong] = [0, 0]
      const loop = passOver({ started, tapes, parts: { fold: make() } }, ({ rows }) => {
        for (const row of rows) {
          if (kindOf(row.event.type) === 'decision') decisions++
          if (lines.get(row.seq) !== lineOf(row) && row.event.type !== 'RunStarted') wrong++
        }
      })
      t.equal(wrong, 0, `every row stands in the log of ${set}`)
      t.equal(loop.lastSeq, lines.size)
      t.equal(loop.decisions, decisions)
      t.ok(loop.inputs >= inputs)
      t.same(passed(started, tapes, { fold: make() }), json, 'the summary is that of the log')
    }
    for (const one of [run, other]) rmSync(one, { recursive: true })
  }
})

t.test('polaris sweep', async t => {
  const run = join(dir, 'swept')
  polaris('run', '--source', 'sim:parity-busy/3000', '--out', run)
  const grid = ['--vary', 'parity.min_edge_bps=50,400', '--vary', 'sim.latency_ms=0,250']
  const { code, json, out } = polaris('sweep', run, ...grid, '--json')
  t.equal(code, 0, out)
  const { rows } = json as { rows: { set: object; summary: { signals: number } }[] }
  t.same(
    rows.map(({ set }) => Object.values(set).join()),
    ['50,0', '50,250', '400,0', '400,250'],
  )
  t.ok(rows[0]!.summary.signals > rows[2]!.summary.signals)
  t.same(polaris('sweep', run, ...grid, '--json', '--backend', 'ts').json, json)
  t.match(polaris('sweep', run, ...grid).out, /inputs decoded once, [\d.]+ bytes each; 4 passes/)
  const refused = (...words: string[]) => {
    const answer = polaris('sweep', run, ...words, '--json')
    t.equal(answer.code, 2, words.join(' '))
    return answer.json['error']
  }
  t.match(refused(), { message: 'nothing varies', where: '--vary' })
  t.match(refused('--vary', 'parity.min_edge_bps'), { expected: 'KEY=V1,V2…' })
  t.match(refused('--vary', 'parity.min_edge=1'), { expected: /did you mean/ })
  t.match(refused('--vary', 'sim.latency_ms=1', '--vary', 'sim.latency_ms=2'), {
    message: 'sim.latency_ms varies twice',
  })
})

t.test('recordings are on tape as they stand in their logs', { skip: skipped() }, async t => {
  const run = join(dir, 'recorded')
  const kalshi = join(RECORDINGS, 'kalshi-ws')
  const { code, err } = polaris('import', 'kalshi-ws', kalshi, '--out', run)
  t.equal(code, 0, err)
  const wanted: string[] = []
  for await (const rows of rowsOf(run))
    for (const { tUs, event } of rows)
      if (kindOf(event.type) === 'feed') wanted.push(JSON.stringify([tUs, bare(event)]))
  for (const through of api ? [undefined, api] : [undefined]) {
    const { tapes } = await tapesOf(run, { api: through })
    t.same(tapes.flatMap(said).length, wanted.length)
    t.ok(tapes.flatMap(said).every((one, k) => one === wanted[k]))
  }
})

function skipped(): string | false {
  return existsSync(join(RECORDINGS, 'kalshi-ws'))
    ? false
    : 'no recordings stand beside the project'
}

/** All inputs of a tape, as `bare` says them. */
function said(tape: Tape): string[] {
  const reader = new TapeReader().over(tape, 0, 0)
  const found: string[] = []
  for (;;) {
    const held = reader.next()
    if (held === FOUND.end) return found
    found.push(JSON.stringify([reader.tUs, eventAt(held)]))
  }

  function eventAt(held: number): unknown {
    if (held === FOUND.changes)
      return ['BookChanged', { d: Array.from(reader.changes.subarray(0, reader.length)) }]
    if (held === FOUND.trade) {
      const { token, side, price: at, size, id } = reader.trade()
      return ['TradePrinted', { token, side, price: at, size, id }]
    }
    return bare(eventIn(tape, reader.offset))
  }
}

function eventIn(tape: Tape, offset: number): Event {
  const lines = new LineReader().over(tape.lines)
  const kind = lines.next(offset)
  const row = kind === 0 ? undefined : lines.recorded(kind)
  if (row?._tag !== 'Right') throw new Error('a line that cannot be read')
  return row.right.event
}

/** Without how late it came. */
function bare({ type, data }: Event): unknown {
  if (type === 'BookChanged') return [type, { d: data.d }]
  if (type !== 'TradePrinted') return [type, data]
  const { token, side, price: at, size, id } = data
  return [type, { token, side, price: at, size, id }]
}

const lineOf = ({ tUs, cause, event }: Recorded): string => JSON.stringify([tUs, cause, event])

/** What a walk over tapes names, the lines of them passed over. */
function walked(fold: BookFold, tapes: readonly Tape[]) {
  const touched = untouched()
  const reader = new TapeReader()
  const story: string[] = []
  let [named, quiet] = [0, 0]
  for (const tape of tapes)
    for (let [at, tapeUs] = [0, 0]; ;) {
      clearTouched(touched)
      const end = tried(() =>
        fold.walkTape(tape, { at, tapeUs, tUs: 0, dueUs: Number.POSITIVE_INFINITY }, touched),
      )
      if (typeof end === 'string') return { story: [...story, end].join('\n'), named, quiet }
      quiet += end.inputs
      if (end.why === 'end') break
      reader.over(tape, end.at, end.tapeUs).next()
      ;({ at, tUs: tapeUs } = reader)
      if (end.why === 'unsupported') {
        const event = eventIn(tape, reader.offset)
        const fault = tried(() => {
          foldEvent(fold, event, tapeUs, touched)
        })
        if (fault !== undefined) return { story: [...story, fault].join('\n'), named, quiet }
      }
      const { tokens, notices, fired } = touched
      story.push(`${end.why} ${tapeUs}: ${fired.join()} ${notices.join()} ${tokens.join()}`)
      if (end.why === 'actionable') named++
    }
  return { story: story.join('\n') + packed(fold.save()), named, quiet }
}

function tried<A>(call: () => A): A | string {
  try {
    return call()
  } catch (error) {
    return String(error)
  }
}
