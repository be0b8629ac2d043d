// Each fault of the twin in each state of an order or a run: lives of an engine with real sockets, signatures and a live market. Prints
// the table of docs/reliability.md, and of each cell that breaks a law which one.
//
//   node dist/test/helpers/fault-matrix.js [FAULT,FAULT | all] [STATE,STATE | all] [AT ONCE]
import { writeFile } from 'node:fs/promises'
import { PRICE_MAX } from '#schemas/units.js'
import { replayRun } from '#cli/replay-run.js'
import { FAULT_KINDS, ORDER_FAULTS, type FaultKind } from '#twin/faults.js'
import { cellOf, ORDER_STATES, type Cell, type OrderStateName } from './fault-cell.js'

/** Faults of the market side that concern orders: what is decided on, and what reconciles. */
export const MATRIX_FAULTS: readonly FaultKind[] = [
  ...ORDER_FAULTS,
  ...(['stale-rest', 'rest-500', 'rest-429', 'rest-slow', 'close', 'half-open'] as const),
]

/** What came of a cell: how many orders and fills there were, what stopped trading, and the law that does not hold. */
export interface Verdict {
  readonly fault: FaultKind
  readonly state: OrderStateName
  readonly orders: number
  readonly fills: number
  readonly voided: number
  readonly stop: string
  readonly broken: string
}

/** Runs one cell and holds it against the laws. */
export async function judged(
  fault: FaultKind,
  state: OrderStateName,
  seed?: number,
): Promise<Verdict> {
  const cell = await cellOf(fault, state, seed === undefined ? {} : { seed })
  try {
    const law = await broken(cell)
    if (law !== '' && KEPT !== undefined) await keep(cell, `${KEPT}/${fault}-${state}.json`)
    const of = (type: string): number => cell.rows.filter(({ event }) => event.type === type).length
    const stops = cell.rows.flatMap(({ event }) =>
      event.type === 'HardStopTripped' ? event.data.why : [],
    )
    return {
      ...{ fault, state, orders: of('OrderPlaced'), fills: of('OrderFilled') },
      ...{
        voided: of('FillVoided'),
        stop: [...new Set(stops)].join(' '),
        broken: await broken(cell),
      },
    }
  } finally {
    await cell.venue.stop()
  }
}

/** A folder for what cells that break a law have seen; undefined for none. */
const KEPT = process.env['POLARIS_KEEP_CELLS']

/** Writes down what a cell's log and the venue say, for whoever wants to know why. */
async function keep({ rows, venue, owner }: Cell, file: string): Promise<void> {
  const { orders, positions, submissions, cancels } = venue.truth.account(owner)
  const text = JSON.stringify({ rows, orders, positions: [...positions], submissions, cancels })
  await writeFile(file, text)
}

/** The first law that a cell breaks, in words; empty for none. */
async function broken(cell: Cell): Promise<string> {
  const { ground, end, venue, owner, rows } = cell
  const truth = venue.truth.account(owner)
  if (truth.openOrders.length > 0) return `${truth.openOrders.length} orders are open at the venue`
  const executed = new Map<string, number>()
  for (const { orderId, isExecuted, isDuplicate } of truth.submissions)
    if (isExecuted && !isDuplicate) executed.set(orderId, (executed.get(orderId) ?? 0) + 1)
  const twice = [...executed].find(([, times]) => times > 1)
  if (twice) return `order ${twice[0]} was executed ${twice[1]} times`
  const sent = new Map<string, number>()
  // One that was refused before it was read has no id.
  for (const { orderId } of truth.submissions)
    if (orderId !== '') sent.set(orderId, (sent.get(orderId) ?? 0) + 1)
  const repeated = [...sent].find(([, times]) => times > 1)
  if (repeated) return `order ${repeated[0]} was sent ${repeated[1]} times`
  const stopUs = rows.find(({ event }) => event.type === 'HardStopTripped')?.tUs
  // What was on its way to the venue when trading stopped arrives soon, even where many cells share a processor.
  const late = truth.submissions.filter(
    ({ atMs }) => stopUs !== undefined && atMs > stopUs / 1_000 + 1_000,
  )
  if (late.length > 0) return `${late.length} orders were sent after the stop`
  const stopSeq = rows.find(({ event }) => event.type === 'HardStopTripped')?.seq ?? Infinity
  const after = rows.filter(({ seq, event }) => seq > stopSeq && event.type === 'OrderSigned')
  const signed = new Set(
    after.flatMap(({ event }) => (event.type === 'OrderSigned' ? event.data.venueOrder : [])),
  )
  const sentAfter = truth.submissions.find(({ orderId }) => signed.has(orderId))
  if (sentAfter) return `order ${sentAfter.orderId} was signed after the stop and sent`
  const { instruments, purses, config } = end.loop.state
  const held = new Map<string, number>()
  for (const token of purses.tokens) {
    const size = purses.held(token)
    if (size !== 0) held.set(instruments.native(token)?.token ?? `${token}`, size)
  }
  for (const key of new Set([...held.keys(), ...truth.positions.keys()])) {
    const [here, there] = [held.get(key) ?? 0, truth.positions.get(key) ?? 0]
    if (here !== there) return `token …${key.slice(-6)}: ${here} here, ${there} at the venue`
  }
  const cash = end.loop.state.exposure.cash - config.risk.bankroll_micro
  const theirs = truth.cash - venue.exchange.ledger.startCash
  const fills = rows.filter(({ event }) => event.type === 'OrderFilled').length
  // Costs round up and proceeds down here, fill by fill; the venue's fee has a rounding of its own.
  if (Math.abs(cash - theirs) > 2 * fills + PRICE_MAX / 100)
    return `cash changed by ${cash} here, by ${theirs} at the venue`
  const { status, sealed } = await ground.store.verify(ground.run)
  if (status !== 'intact' || !sealed) return `the log is ${status}`
  const { result } = await replayRun(ground.run, { store: ground.store })
  return result.identical ? '' : `it replays otherwise: ${JSON.stringify(result.firstDivergence)}`
}

/** A cell takes some ten seconds; one that never ends has broken a law too. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('it does not end within two minutes'))
    }, 120_000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Cells, so many at one time, each verdict told as it comes. */
export async function matrix(
  cells: readonly (readonly [FaultKind, OrderStateName])[],
  atOnce: number,
  tell: (verdict: Verdict) => void,
): Promise<void> {
  const left = [...cells]
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [fault, state] = next
      tell(
        await inTime(judged(fault, state)).catch((error: unknown): Verdict => {
          const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
          return { fault, state, orders: 0, fills: 0, voided: 0, stop: '', broken: why }
        }),
      )
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** The table of what the cells came to: a fault a line, a state a column. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const faults = [...new Set(verdicts.map(({ fault }) => fault))].sort()
  const cell = (fault: string, state: string): string => {
    const one = verdicts.find(of => of.fault === fault && of.state === state)
    if (!one) return ''
    if (one.broken !== '') return `**${one.broken.split('\n')[0]}**`
    return `✓ ${one.orders}/${one.fills}${one.voided > 0 ? ` −${one.voided}` : ''}${one.stop === '' ? '' : ` ${one.stop}`}`
  }
  const lines = faults.map(
    fault => `| \`${fault}\` | ${ORDER_STATES.map(state => cell(fault, state)).join(' | ')} |`,
  )
  const head = `| fault | ${ORDER_STATES.join(' | ')} |`
  return [head, `| --- |${' --- |'.repeat(ORDER_STATES.length)}`, ...lines].join('\n')
}

async function main([
  faults = 'all',
  states = 'all',
  atOnce = '6',
]: readonly string[]): Promise<void> {
  const wantedFaults =
    faults === 'all' ? MATRIX_FAULTS : FAULT_KINDS.filter(kind => faults.split(',').includes(kind))
  const wantedStates =
    states === 'all' ? ORDER_STATES : ORDER_STATES.filter(one => states.split(',').includes(one))
  const cells = wantedFaults.flatMap(fault => wantedStates.map(state => [fault, state] as const))
  const verdicts: Verdict[] = []
  await matrix(cells, Number(atOnce), verdict => {
    verdicts.push(verdict)
    process.stderr.write(
      `${verdicts.length}/${cells.length} ${verdict.fault} × ${verdict.state}: ${verdict.broken || `holds, ${verdict.orders} orders, ${verdict.fills} fills ${verdict.stop}`}\n`,
    )
  })
  process.stdout.write(`${tableOf(verdicts)}\n`)
  // Nothing that a cell began may keep the process alive: that would be a law broken too.
  process.exitCode = verdicts.some(({ broken: why }) => why !== '') ? 1 : 0
}

if (process.argv[1]?.endsWith('fault-matrix.js') === true) await main(process.argv.slice(2))
