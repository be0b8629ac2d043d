import { setTimeout } from 'node:timers/promises'
import { decisionPart } from '#schemas/config.js'
import { csvLine } from '#projections/csv.js'
import { isoOf } from '#projections/iso.js'
import { summary, summaryOver, tally } from '#projections/summary.js'
import { isoMicros } from '#engine/feeds/recorded/times.js'
import { passOver } from '#engine/run/pass.js'
import { RULE_TYPES } from '#engine/strategies/rules/registry.js'
import type { Tape } from '#engine/book/tape.js'
import type { EngineState } from '#engine/run/state.js'
import { BACKEND_HELP, backendOf, servingOf, tapingOf } from '../backend.js'
import { Refusal, textOf, textsOf, wordOf, type Call, type Command } from '../command.js'
import { dollars } from '../format/money.js'
import { tableOf } from '../format/table.js'
import { passConfig, startedWith } from '../passes.js'
import { kpisOf, messageOf, RuleHits, rulesAlone, type RuleHit } from '../rules/backtest.js'
import { slugOf, type RuleInstance } from '../rules/dsl.js'
import { RULE_NAMES } from '../rules/fields.js'
import { rulesIn } from '../rules/files.js'
import { runDirOf, startOf } from '../runs.js'
import { withStrategies } from '../strategies/own.js'
import { tapesOf } from '../tape.js'
import { writeWhole } from '../write-whole.js'

const USAGE =
  'backtest DIR --rule R [--rules PATH…] [--start T] [--end T] [--speed N] [--csv-out FILE] [--trade]'
/** Longest pause between two hits that are told at a speed, ms. */
const PAUSE_MAX_MS = 2_000
/** Hits that are told where nobody wants a file. */
const TOLD_MAX = 20

/** `polaris backtest`: rules over the feed of a run, in its own time. */
export const backtestCommand: Command = {
  name: 'backtest',
  summary: 'what a rule would have said over the feed of a run, by its own time, day by day',
  usage: USAGE,
  example: 'backtest runs/demo --rule SUM_LT_1 --csv-out hits.csv',
  options: {
    rule: { type: 'string' },
    rules: { type: 'string', multiple: true },
    start: { type: 'string' },
    end: { type: 'string' },
    speed: { type: 'string' },
    'csv-out': { type: 'string' },
    trade: { type: 'boolean' },
    backend: { type: 'string' },
  },
  help: {
    '--rule R': 'a type (with its defaults where no file has one), the name of a rule, or all',
    '--rules PATH': 'files of rules, or folders of them, repeatable (default: those of code.rules)',
    '--start T': 'only hits from this time on, ISO 8601 in UTC: 2026-06-07T01:30:00Z',
    '--end T': 'only hits before this time',
    '--speed N':
      'tells the hits with the pauses between them, N times as fast; 0: at once (default)',
    '--csv-out FILE': 'all hits: ts, market_id, message, score',
    '--trade': 'each rule also trades on paper, on an account of its own; its profit is told',
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const rules = rulesOf(call)
    const span = { fromUs: timeOf(call, 'start') ?? 0, untilUs: timeOf(call, 'end') ?? Infinity }
    const speed = speedOf(call)
    const { data } = await startOf(dir)
    const config = passConfig(call.values, data)
    const backend = backendOf(textOf(call.values, 'backend') ?? config.run.backend, 'replay')
    const { tapes, inputs } = await tapesOf(dir, tapingOf(backend, call))
    const pass = async (some: readonly RuleInstance[], trades: boolean) => {
      const alone = { ...config, ...rulesAlone(decisionPart(config), some, trades) }
      const served = withStrategies(servingOf(backend, call.note), alone)
      try {
        return over(await startedWith(data, alone), { tapes, parts: served.parts, span })
      } finally {
        served.close()
      }
    }
    const { hits, state } = await pass(rules, false)
    const profits: { readonly rule: string; readonly pnlMicro: number; readonly orders: number }[] =
      []
    if (call.values['trade'] === true)
      for (const rule of rules) {
        call.progress(`trading ${rule.id}`)
        const { view } = await pass([rule], true)
        const pnlMicro = view.pnlMicro.realised + view.pnlMicro.open
        profits.push({ rule: rule.id, pnlMicro, orders: view.orders })
      }
    const kpis = kpisOf(hits, tUs => isoOf(tUs).slice(0, 10))
    const file = textOf(call.values, 'csv-out')
    if (file !== undefined) writeWhole(file, csvOf(hits, state))
    await tell(call, { hits, state, speed, isAll: file === undefined })
    for (const line of tableOf([
      ['day', 'rule', 'signals', 'P1', 'mean edge bps', 'best edge bps', 'mean score'],
      ...kpis.map(of => [
        ...[of.day, of.rule, of.signals, of.p1, of.edgeMeanBps, of.edgeMostBps].map(String),
        (of.scoreMean1e2 / 100).toFixed(2),
      ]),
    ]))
      call.say(line)
    for (const { rule, pnlMicro, orders } of profits)
      call.say(
        `${rule} on paper: ${orders} orders, profit (realised and open) ${dollars(pnlMicro)}`,
      )
    if (file !== undefined) call.say(`${hits.length} hits in ${file}`)
    const json = {
      runDir: dir,
      inputs,
      rules,
      hits: hits.map(hit => named(hit, state)),
      kpis,
      profits,
    }
    return { code: call.stop.aborted ? 130 : hits.length > 0 ? 0 : 1, json }
  },
}

function over(
  started: Awaited<ReturnType<typeof startedWith>>,
  of: {
    readonly tapes: readonly Tape[]
    readonly parts: Parameters<typeof passOver>[0]['parts']
    readonly span: ConstructorParameters<typeof RuleHits>[0]
  },
) {
  const found = new RuleHits(of.span)
  const counts = summary.initialState()
  const { tapes, parts } = of
  const { state } = passOver({ started, tapes, ...(parts && { parts }) }, turn => {
    found.take(turn)
    for (const row of turn.rows) tally(counts, row)
  })
  const view = summaryOver(counts, token => state.fold.view(token)?.bestBid ?? 0)
  return { hits: found.all, state, view }
}

/** The rules that are meant. */
function rulesOf({ values }: Call): readonly RuleInstance[] {
  const word = textOf(values, 'rule') ?? ''
  const paths = textsOf(values, 'rules')
  const known = rulesIn(paths.length > 0 ? paths : [])
  const type = RULE_NAMES.find(name => name === word)
  const expected = `a type (${RULE_NAMES.join(', ')}), the name of a rule in --rules, or all`
  if (word === '') throw new Refusal('usage', 'which rule is not said', '--rule', expected)
  const meant = known.filter(
    ({ id, strategy }) =>
      word === 'all' || id === slugOf(word) || (type && strategy === RULE_TYPES[type].name),
  )
  if (meant.length > 0) return meant
  if (type) return [{ id: slugOf(type), strategy: RULE_TYPES[type].name, params: {} }]
  throw new Refusal('usage', `there is no rule '${word}'`, '--rule', expected)
}

function timeOf({ values }: Call, name: string): number | undefined {
  const text = textOf(values, name)
  const tUs = text === undefined ? undefined : isoMicros(text)
  if (text === undefined || tUs !== undefined) return tUs
  throw new Refusal('usage', `'${text}' is no time`, `--${name}`, '2026-06-07T01:30:00Z')
}

function speedOf({ values }: Call): number {
  const text = textOf(values, 'speed') ?? '0'
  const speed = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && Number.isFinite(speed)) return speed
  throw new Refusal('usage', `'${text}' is no speed`, '--speed', 'a number ≥ 0; 0: at once')
}

const marketOf = (state: EngineState, id: number): { key: string; question: string } =>
  state.market(id)

const named = (hit: RuleHit, state: EngineState) => {
  const { key, question } = marketOf(state, hit.market)
  return { ...hit, market: key, question, time: isoOf(hit.tUs) }
}

const csvOf = (hits: readonly RuleHit[], state: EngineState): string =>
  ['ts,market_id,message,score', ...hits.map(hit => csvLine(cellsOf(hit, state)))].join('\n') + '\n'

function cellsOf(hit: RuleHit, state: EngineState): readonly string[] {
  const { key, question } = marketOf(state, hit.market)
  return [isoOf(hit.tUs), key, messageOf(hit, question), (hit.score / 100).toFixed(2)]
}

/** Tells hits, at a speed with the pauses that lay between them. */
async function tell(
  call: Call,
  of: {
    readonly hits: readonly RuleHit[]
    readonly state: EngineState
    readonly speed: number
    readonly isAll: boolean
  },
): Promise<void> {
  const { hits, state, speed } = of
  const told = speed > 0 ? hits : of.isAll ? hits.slice(0, TOLD_MAX) : []
  let lastUs = hits[0]?.tUs ?? 0
  for (const hit of told) {
    if (call.stop.aborted) return
    const waitMs = speed > 0 ? Math.min(PAUSE_MAX_MS, (hit.tUs - lastUs) / 1_000 / speed) : 0
    if (waitMs >= 1)
      await setTimeout(waitMs, undefined, { signal: call.stop }).catch(() => undefined)
    lastUs = hit.tUs
    const [ts = '', , message = '', score = ''] = cellsOf(hit, state)
    call.say(`${ts}  ${score}  ${message}`)
  }
  if (of.isAll && told.length < hits.length)
    call.say(`… and ${hits.length - told.length} more (--csv-out and --json have them all)`)
}
