import { csvOf } from '#projections/reports/csv-table.js'
import { bestOf, SWEEP_COLUMNS } from '#projections/reports/shadow-sweep.js'
import { riskOf } from '#projections/reports/split.js'
import { Refusal } from './command.js'
import { readText } from './private-file.js'

/** A row of a `shadow_sweep.csv`: cash and ratios in 1e-6. */
interface SweepRow {
  /** Shares, slippage and threshold, as the file has them. */
  readonly key: string
  readonly tally: {
    readonly rows: number
    readonly pnl: number
    readonly pnlAverage: number
    readonly ratioAverage: number
    readonly legging: number
    readonly worst: number
  }
}

/** Risk of one step by two sweeps that were written before: the best of the first, and what it came to in the second. */
export function riskOfFiles(pair: string): number | undefined {
  const [trainFile = '', validationFile = '', ...more] = pair.split(',')
  if (trainFile === '' || validationFile === '' || more.length > 0)
    throw new Refusal('usage', `--results ${pair}`, '--results', 'TRAIN.csv,VALIDATION.csv')
  const [train, validation] = [rowsIn(trainFile), rowsIn(validationFile)]
  const best = bestOf(train)
  const there = validation.find(({ key }) => key === best?.key)
  if (!best || !there)
    throw new Refusal(
      'differs',
      'the best point of the first sweep is not in the second',
      validationFile,
      'two sweeps over one grid',
    )
  return riskOf(averaged(best), averaged(there))
}

/** Sums do not compare where parts differ in length: a row is judged by what it earned on average. */
const averaged = ({ tally: { rows, pnlAverage, legging } }: SweepRow) => ({
  ...{ rows: Math.min(1, rows), pnl: pnlAverage, legging },
})

function rowsIn(file: string): readonly SweepRow[] {
  const [header, ...lines] = readText(file, 'a shadow sweep').trimEnd().split('\n')
  if (`${header ?? ''}\n` !== csvOf(SWEEP_COLUMNS, []))
    throw new Refusal('unreadable', 'it has other columns', `${file}:1`, 'a shadow_sweep.csv')
  return lines.map((line, k) => rowOf(line, `${file}:${k + 2}`))
}

function rowOf(line: string, where: string): SweepRow {
  const cells = line.split(',').slice(-(SWEEP_COLUMNS.length - 1)) // a name may hold a comma
  const [, ok = '', , liquid = '', thin = '', dump = '', ratio = ''] = cells
  if (!/^\d+$/.test(ok)) throw new Refusal('unreadable', `'${ok}' rows`, where, 'a whole number')
  const [pnl, pnlAverage, ratioAverage, legging, worst] = cells.slice(7).map(cell => {
    if (/^-?\d+\.\d{6}$/.test(cell)) return Number(cell.replace('.', ''))
    throw new Refusal('unreadable', `'${cell}' is no amount`, where, 'a decimal with 6 places')
  })
  return {
    key: [liquid, thin, dump, ratio].join(),
    tally: {
      ...{ rows: Number(ok), pnl: pnl ?? 0, pnlAverage: pnlAverage ?? 0 },
      ...{ ratioAverage: ratioAverage ?? 0, legging: legging ?? 0, worst: worst ?? 0 },
    },
  }
}
