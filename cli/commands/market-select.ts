import { join, resolve } from 'node:path'
import { microCell } from '#projections/csv.js'
import { cellsOf, csvOf } from '#projections/reports/csv-table.js'
import { BRAIN_GRID } from '#projections/reports/brain.js'
import { MarketScores } from '#projections/reports/market-scores.js'
import {
  GATES,
  ranked,
  SCORE_COLUMNS,
  type Prefer,
  type Scored,
} from '#projections/reports/market-select.js'
import { VIEWS_DIR } from '#projections/sinks/files.js'
import { World } from '#projections/world.js'
import { Refusal, textOf, wholeOf, wordOf, type Call, type Command } from '../command.js'
import { tableOf } from '../format/table.js'
import { endOf, rowsOf, runDirOf, runIdOf } from '../runs.js'
import { writeWhole } from '../write-whole.js'

const USAGE = 'market-select DIR [--prefer any|liquid|thin] [--top N] [--out DIR]'
const PREFERENCES: readonly Prefer[] = ['any', 'liquid', 'thin']
const [MIN_EDGE, PREMIUM] = [BRAIN_GRID.minEdge[0], BRAIN_GRID.premium[1]]

/** `polaris market-select`: which of the markets that were recorded are worth watching. */
export const marketSelectCommand: Command = {
  name: 'market-select',
  summary: 'score the markets of a run by a look a second, and suggest which to watch',
  usage: USAGE,
  example: 'market-select runs/demo --prefer thin --top 5',
  options: {
    prefer: { type: 'string' },
    top: { type: 'string' },
    'min-edge': { type: 'string' },
    premium: { type: 'string' },
    'min-snapshots': { type: 'string' },
    'min-trades': { type: 'string' },
    out: { type: 'string' },
  },
  help: {
    '--prefer KIND': 'liquid, thin, or any of both (which is the default)',
    '--top N': 'how many are suggested at most (default: 10)',
    '--min-edge N': `bps a look must earn, fees and premium taken off, to be a pass (default: ${MIN_EDGE})`,
    '--premium N': `bps taken off for risk (default: ${PREMIUM})`,
    '--min-snapshots N': `looks that a market needs (default: ${GATES.snapshots})`,
    '--min-trades N': `trades that a market needs (default: ${GATES.trades})`,
    '--out DIR':
      "where market_scores.csv, recommendation.json and suggest.toml go (default: the run's views/)",
  },
  run: async call => {
    const { values } = call
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), values)
    const prefer = preferredBy(call)
    const top = wholeOf(values, 'top', 1) ?? 10
    const asked = {
      minEdge: wholeOf(values, 'min-edge') ?? MIN_EDGE,
      premium: wholeOf(values, 'premium') ?? PREMIUM,
    }
    const gates = {
      ...GATES,
      snapshots: wholeOf(values, 'min-snapshots') ?? GATES.snapshots,
      trades: wholeOf(values, 'min-trades') ?? GATES.trades,
    }
    const probe = await probed(dir, new MarketScores(asked), call)
    const all = ranked(probe.scores, { runId: runIdOf(resolve(dir)), prefer, gates })
    const picked = all.filter(({ pick }) => pick !== undefined).slice(0, top)
    const facts = { ...recommended(all, picked, probe), prefer, asked }
    const out = textOf(values, 'out') ?? join(dir, VIEWS_DIR)
    const files = ['market_scores.csv', 'recommendation.json', 'suggest.toml'].map(name =>
      join(out, name),
    )
    const texts = [csvOf(SCORE_COLUMNS, all), `${JSON.stringify(facts, null, 2)}\n`, tomlOf(picked)]
    for (const [k, file] of files.entries()) writeWhole(file, texts[k] ?? '')
    say(call, all, picked)
    if (!probe.isWhole) call.note(`stopped at event ${probe.read}: scored as far as it was read`)
    for (const file of files) call.say(`wrote ${file}`)
    return { code: probe.isWhole ? (picked.length > 0 ? 0 : 1) : 130, json: { ...facts, files } }
  },
}

interface Probe {
  readonly scores: MarketScores
  readonly head: string
  /** Events that were read, of how many. */
  readonly read: number
  readonly total: number
  readonly isWhole: boolean
}

/** Looks at the markets of a log, as far as the operator lets it. */
async function probed(dir: string, scores: MarketScores, call: Call): Promise<Probe> {
  const { head, lastSeq: total } = await endOf(dir)
  const world = new World()
  let read = 0
  for await (const rows of rowsOf(dir, { untilSeq: total })) {
    if (call.stop.aborted) break
    for (const row of rows) {
      scores.before(row, world)
      world.take(row)
      scores.take(row, world)
    }
    read = rows.at(-1)?.seq ?? read
    call.progress(`${read.toLocaleString('en')} of ${total} events`)
  }
  return { scores, head, read, total, isWhole: read >= total }
}

function preferredBy({ values }: Call): Prefer {
  const text = textOf(values, 'prefer') ?? 'any'
  const prefer = PREFERENCES.find(one => one === text)
  if (prefer) return prefer
  throw new Refusal('usage', `--prefer is '${text}'`, '--prefer', PREFERENCES.join(', '))
}

function recommended(
  all: readonly Scored[],
  picked: readonly Scored[],
  { scores, head, read, total, isWhole }: Probe,
) {
  return {
    run_id: all[0]?.runId ?? '',
    head,
    progress: {
      ...{ complete: isWhole, events_read: read, events_total: total, looks: scores.looks },
      markets: all.length,
    },
    recommended: picked.map(({ score, pick, passesPerHour, tradesPerMinute }, k) => ({
      ...{ rank: k + 1, pick, condition_id: score.facts.key, question: score.facts.question },
      ...{ tokens: score.tokens, passes_per_hour_micro: passesPerHour },
      trades_per_min_micro: tradesPerMinute,
    })),
    rejected: all
      .filter(({ pick }) => pick === undefined)
      .map(({ score, reasons }) => ({ condition_id: score.facts.key, reasons })),
  }
}

/** A suggestion for a person. A string of JSON is one of TOML too. */
function tomlOf(picked: readonly Scored[]): string {
  const list = (texts: readonly string[]): string => `[${texts.map(toml).join(', ')}]`
  return [
    '# Suggestions for a person: nothing reads this file, no configuration changes by itself.',
    '# To hear of these markets: polaris record --tokens A,B',
    '[run]',
    `market_ids = ${list(picked.map(({ score }) => score.facts.key))}`,
    `tokens = ${list(picked.flatMap(({ score }) => score.tokens))}`,
    '',
  ].join('\n')
}

const toml = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f')

function say(call: Call, all: readonly Scored[], picked: readonly Scored[]): void {
  const shown =
    /^(condition_id|snapshots_total|thin_rate|trades_per_min|passes_per_hour|expected_net_bps_max)$/
  const columns = SCORE_COLUMNS.filter(([name]) => shown.test(name))
  const [heading = [], ...rows] = cellsOf(columns, all)
  const verdicts = all.map(({ pick, reasons }) => pick ?? reasons.join(', '))
  const lines = [[...heading, 'pick'], ...rows.map((row, k) => [...row, verdicts[k] ?? ''])]
  for (const line of tableOf(lines)) call.say(line)
  const best = picked[0]
  if (!best) call.say('no market passes the gates')
  else
    call.say(
      `best: ${best.score.facts.key}, ${best.pick}, ${microCell(best.passesPerHour)} passes an hour`,
    )
}
