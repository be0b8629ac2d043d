import { cellsOf, csvOf } from '#projections/reports/csv-table.js'
import { FROZEN } from '#projections/reports/day14.js'
import { compare } from '#projections/reports/ledger.js'
import { COMPARE_COLUMNS, judge, type Compared } from '#projections/reports/run-compare.js'
import { summary, summaryOver, tally } from '#projections/summary.js'
import type { World } from '#projections/world.js'
import { Refusal, textOf, type Call, type Command } from '../command.js'
import { tableOf } from '../format/table.js'
import { ledgerOf, runDirsOf, stopped } from '../ledgers.js'
import { FOLDERS } from '../runs.js'
import { PROFILE_HELP, PROFILE_OPTIONS, profileOf } from '../shadow-profile.js'
import { writeWhole } from '../write-whole.js'

const USAGE = 'run-compare DIR DIR… [--out FILE]'

/** `polaris run-compare`: runs side by side, by what they decided, earned, and would have earned. */
export const runCompareCommand: Command = {
  name: 'run-compare',
  summary: 'runs side by side: what they decided, what they earned, what their shadows earned',
  usage: USAGE,
  example: 'run-compare runs/demo runs/demo-300',
  options: { out: { type: 'string' }, ...PROFILE_OPTIONS },
  help: { '--out FILE': 'also as CSV, one row a run (default: no file)', ...PROFILE_HELP },
  run: async call => {
    const profile = profileOf(call.values)
    const dirs = runDirsOf(call, USAGE)
    if (dirs.length < 2)
      throw new Refusal('usage', 'there is one run only', 'command line', 'two or more runs')
    const runs: Compared[] = []
    for (const dir of dirs) {
      const run = await comparedOf(dir, call, profile)
      if (!run) return stopped(call)
      runs.push(run)
    }
    runs.sort(({ ledger: a }, { ledger: b }) => a.firstUs - b.firstUs || compare(a.runId, b.runId))
    const columns = cellsOf(COMPARE_COLUMNS, runs)
    const lines = (columns[0] ?? []).map((_, k) => columns.map(row => row[k] ?? ''))
    for (const line of tableOf(lines)) call.say(line)
    const file = textOf(call.values, 'out')
    if (file !== undefined) {
      writeWhole(file, csvOf(COMPARE_COLUMNS, runs))
      call.say(`wrote ${file}`)
    }
    return { code: 0, json: { runs: runs.map(factsOf), file: file ?? null } }
  },
}

async function comparedOf(
  dir: string,
  call: Call,
  profile: ReturnType<typeof profileOf>,
): Promise<Compared | undefined> {
  const { status } = await FOLDERS.info(dir)
  const state = summary.initialState()
  let last: World | undefined
  const ledger = await ledgerOf(dir, call, (row, world) => {
    tally(state, row)
    last = world
  })
  if (!ledger) return undefined
  return {
    ...{ ledger, status, digest: ledger.digest },
    summary: summaryOver(state, token => last?.books.view(token)?.bestBid ?? 0),
    judged: judge(ledger, { profile, thresholds: FROZEN }),
  }
}

function factsOf({ ledger, status, digest, summary: of, judged }: Compared) {
  const { runId, mode, source, schema, head, firstUs, lastUs } = ledger
  const { signals, dropped, orders, fills, setsMicro, pnlMicro, inputs } = of
  return {
    ...{ runId, status, mode, source, schema, configDigest: digest, head, firstUs, lastUs },
    ...{ inputs, signals, dropped, orders, fills, setsMicro, pnlMicro },
    shadow: {
      ...{ rowsOk: judged.tally.rows, rowsBad: judged.bad, totalPnlMicro: judged.tally.pnl },
      ...{ setRatioMicro: judged.tally.ratioAverage, leggingMicro: judged.tally.legging },
      go: judged.isGo,
    },
  }
}
