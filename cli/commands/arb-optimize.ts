import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { decisionPart, type Config } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import { BACKEND_HELP, backendOf, tapingOf, type Backend } from '../backend.js'
import { Refusal, textOf, textsOf, wholeOf, wordOf, type Call, type Command } from '../command.js'
import { digestOf, loadConfig } from '../config.js'
import { sayVerdict } from '../format/verdict.js'
import { axesOf, type Chosen } from '../grid.js'
import { defaultAxes, distinct, neighbourhood, versionOf } from '../optimize/candidates.js'
import { bordersOf, optimized, spanOf, type TriedRun } from '../optimize/optimize.js'
import { leggingOf } from '../optimize/score.js'
import type { Verdict } from '../optimize/walk-forward.js'
import { WORKERS_HELP, workersOf } from '../pass-threads.js'
import { startedWith } from '../passes.js'
import { runDirOf, runIdOf, runsDirOf, startOf } from '../runs.js'
import { sectionIn } from '../strategies/own-params.js'
import { codeIn } from '../strategies/own.js'
import { requireSound } from '../strategies/sound.js'
import { tapesOf, type Taped } from '../tape.js'
import { writeWhole } from '../write-whole.js'

const USAGE =
  'arb-optimize DIR… [--vary KEY=V1,V2…] [--folds N] [--suggest FILE] [--workers N] [--set KEY=VALUE…] [--backend B]'
const FOLDS = 4
/** Below the runs directory, where nobody names a file. */
const SUGGESTION = 'optimize_suggest.toml'
const MICRO = 1_000_000

/** `polaris arb-optimize`: how other values would have traded what was recorded, judged on what came after. */
export const arbOptimizeCommand: Command = {
  name: 'arb-optimize',
  summary:
    'how other values would have traded recorded runs; suggests one that holds on later data too',
  usage: USAGE,
  example: 'arb-optimize runs/demo --vary parity.min_edge_bps=80,100,150,200',
  options: {
    vary: { type: 'string', multiple: true },
    folds: { type: 'string' },
    suggest: { type: 'string' },
    workers: { type: 'string' },
    backend: { type: 'string' },
  },
  help: {
    '--vary KEY=V1,V2…':
      'a key and values to try, alone and with each other key (default: both least edges, 0.8 to 1.25 of what they are)',
    '--folds N': `parts of the time that each choose for the next (${FOLDS}; with fewer than 3 nothing passes)`,
    '--suggest FILE': `written where a candidate passes all gates (default: ${SUGGESTION} in the runs directory)`,
    '--set KEY=VALUE': 'a value that the base and all candidates share',
    '--workers N': WORKERS_HELP,
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const folds = wholeOf(call.values, 'folds', 1) ?? FOLDS
    const candidates = await candidatesOf(call)
    const [base] = candidates
    const wanted = textOf(call.values, 'backend') ?? base!.config.run.backend
    const backend = backendOf(wanted, 'replay')
    const runs = await runsOf(call, { backend, candidates })
    const borders = bordersOf(
      runs.map(({ span }) => span),
      folds,
    )
    const bankrolls = candidates.map(({ config }) => config.risk.bankroll_micro)
    await requireSound(candidates[0]!.config, call)
    const code = codeIn(candidates[0]!.config)
    const ground = { backend, code, workers: workersOf(call.values), call }
    const verdict = await optimized(runs, borders, { bankrolls, ground })
    if (!verdict) return { code: 130, json: { runs: runs.map(factsOf) } }
    const lastUs = Math.max(...runs.map(({ span: [, last = 0] }) => last))
    const told = { verdict, candidates, runs, borders, lastUs }
    const suggest = suggested(call, told)
    sayVerdict(call, {
      ...{ verdict, suggest, inputs: runs.reduce((sum, { inputs }) => sum + inputs, 0) },
      ...{ runs: runs.length, sets: candidates.map(({ set }) => set) },
      versions: candidates.map((_, k) => versionOf(lastUs, k)),
    })
    return { code: verdict.isPromoted ? 0 : 1, json: { ...jsonOf(told), suggest } }
  },
}

/** What one candidate changes, and the configuration that this makes. */
interface Candidate {
  readonly set: Chosen
  readonly config: Config
  readonly digest: string
}

interface Run extends TriedRun {
  readonly dir: string
  readonly span: readonly number[]
}

interface Told {
  readonly verdict: Verdict
  readonly candidates: readonly Candidate[]
  readonly runs: readonly Run[]
  readonly borders: readonly number[]
  readonly lastUs: number
}

/** The configuration of today first, then what differs from it and from each other. */
async function candidatesOf(call: Call): Promise<readonly Candidate[]> {
  const { config } = loadConfig(call.values)
  const varied = textsOf(call.values, 'vary')
  const axes = varied.length > 0 ? axesOf(varied) : defaultAxes(config)
  const world = axes.find(({ key }) => key.startsWith('sim.'))
  if (world)
    throw new Refusal(
      'usage',
      `${world.key} says what the exchange is like`,
      '--vary',
      'a key that one may choose; --set for what the exchange is like',
    )
  const all = neighbourhood(axes).map(async (set): Promise<Candidate> => {
    const chosen = Object.entries(set).map(([key, value]) => `${key}=${value}`)
    const values = { ...call.values, set: [...textsOf(call.values, 'set'), ...chosen] }
    const { config: own } = loadConfig(values)
    return { set, config: own, digest: await digestOf(decisionPart(own)) }
  })
  const found = distinct(await Promise.all(all))
  if (found.length > 1) return found
  const expected = 'a key that decides, and a value other than it has'
  throw new Refusal('usage', 'no candidate differs from the configuration', '--vary', expected)
}

/** The runs in the order of their first inputs, each put on tapes once; what an operator said to them is left out. */
async function runsOf(
  call: Call,
  { backend, candidates }: { backend: Backend; candidates: readonly Candidate[] },
): Promise<readonly Run[]> {
  wordOf(call, 0, 'DIR', USAGE)
  const dirs = call.positionals.map(word => runDirOf(word, call.values))
  const twice = dirs.find((dir, k) => dirs.indexOf(dir) < k)
  if (twice !== undefined)
    throw new Refusal('usage', 'a run is named twice', twice, 'each run once')
  const runs: Run[] = []
  for (const dir of dirs) {
    const { data } = await startOf(dir)
    const without = ['CommandGiven', 'ConfigChanged'] as const
    const taped: Taped = await tapesOf(dir, { ...tapingOf(backend, call), without })
    const started = candidates.map(({ config }) => startedOf(data, config))
    runs.push({ ...taped, dir, started: await Promise.all(started), span: spanOf(taped) })
  }
  const found = runs.filter(({ inputs }) => inputs > 0)
  if (found.length === 0) throw new Refusal('no-inputs', 'nothing was recorded', dirs.join(', '))
  return found.sort(
    (a, b) => (a.span[0] ?? 0) - (b.span[0] ?? 0) || (a.dir < b.dir ? -1 : 1), // ties by name
  )
}

/** On paper and by the rules of today, whatever the run was: what is suggested is for tomorrow. */
const startedOf = (
  data: EventOf<'RunStarted'>['data'],
  config: Config,
): Promise<EventOf<'RunStarted'>> => startedWith({ ...data, mode: 'import' }, config)

/** Writes what passed; answers the file, or null where nothing did. Nothing else reads it, and no configuration is touched. */
function suggested(call: Call, { verdict, candidates, runs, lastUs }: Told): string | null {
  if (!verdict.isPromoted) return null
  const file = textOf(call.values, 'suggest') ?? join(runsDirOf(call.values), SUGGESTION)
  const { set, config } = candidates[verdict.winner]!
  const sections: Record<string, Record<string, unknown>> = {}
  for (const key of Object.keys(set)) {
    const [section = '', name = ''] = key.split('.') // the configuration took it: it is a key
    sections[section] = { ...sections[section], [name]: sectionIn(config, section)[name] }
  }
  const head = [
    `# ${versionOf(lastUs, verdict.winner)}: suggested by polaris arb-optimize, over data of ${runs.map(({ dir }) => runIdOf(dir)).join(', ')}.`,
    '# Nothing reads this by itself: put it into your configuration, or try it with --config.',
  ]
  writeWhole(file, `${head.join('\n')}\n\n${stringify(sections).trimEnd()}\n`)
  return file
}

const factsOf = ({ dir, inputs, span: [firstUs, lastUs] }: Run) => {
  return { runDir: dir, inputs, firstUs, lastUs }
}

function jsonOf({ verdict, candidates, runs, borders, lastUs }: Told) {
  const { rated, steps, overfit, winner, test, gates, isPromoted } = verdict
  const version = (k: number): string => versionOf(lastUs, k)
  const { chance, chanceMax, ...compared } = test
  return {
    runs: runs.map(factsOf),
    folds: borders.slice(1).map((endUs, k) => ({ startUs: borders[k], endUs })),
    candidates: rated.map(({ score, train, validationNet, throughoutNet, whole }, k) => {
      const { total, ...breakdown } = score
      const status = k === 0 ? 'active' : isPromoted && k === winner ? 'suggested' : 'candidate'
      const { signals, refused, executed } = whole
      return {
        ...{ version: version(k), status, params: candidates[k]!.set },
        ...{ scoreTotal: total, scoreBreakdown: breakdown, scoreTrain: train.total },
        ...{ validationNet, throughoutNet },
        ...{ signals, refused, executed, legging: leggingOf(whole) / MICRO },
        ...{ windowStartUs: borders[0], windowEndUs: borders.at(-1) },
      }
    }),
    steps: steps.map(({ winner: of, risk, ...step }) => {
      return { ...step, winner: version(of), risk: risk / MICRO }
    }),
    ...{ overfitScore: overfit / MICRO, winner: version(winner), isPromoted, gates },
    test: { ...compared, chance: chance / MICRO, chanceMax: chanceMax / MICRO },
  }
}
