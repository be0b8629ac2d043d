// A paper run by the machine's clock in a process of its own, so that it has one core for itself: inputs of the simulated exchange at a rate,
// whatever the engine does, into the loop, the strategies and the log of a live run. Prints what it measured as one line of JSON.
//
//   node live-desk.js DIR INPUTS PER_SECOND SEED
import { createHistogram, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { decisionPart, defaults } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import { CHANGE } from '#schemas/levels.js'
import { SCHEMA, typeOf, type TypeName } from '#schemas/registry.js'
import type { Feed, FeedInput } from '#engine/feeds/feed.js'
import { simulatorFeed } from '#engine/feeds/simulator/simulator.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import type { LogWriter } from '#engine/log/event-log.js'
import { runLive } from '#engine/run/live.js'
import { machineClock } from '#cli/machine-clock.js'
import { orRefuse } from '#cli/runs.js'

const [dir = '', inputs = '100000', perSecond = '20000', seed = '7'] = process.argv.slice(2)
const rate = Number(perSecond)
/** Seconds at the beginning that count for nothing: what lists markets and states books is no load, and code has to be compiled. */
const WARM_S = Math.min(3, Number(inputs) / rate / 4)

const clock = machineClock()
const turn = createHistogram()
const durable = createHistogram()
const gc = { count: 0, longestMs: 0 }
new PerformanceObserver(list => {
  for (const { duration } of list.getEntries()) {
    gc.count++
    gc.longestMs = Math.max(gc.longestMs, duration)
  }
}).observe({ entryTypes: ['gc'] })

let beganUs = 0
let counted = 0
let updates = 0
let decisions = 0
let lateUs = 0

/** The simulator's inputs, each due at its place in time: a batch holds what is due by now. */
function paced(of: Feed): Feed {
  return {
    source: of.source,
    isReceived: true,
    open: async function* (opening) {
      const rest: FeedInput[] = []
      const listed: FeedInput[] = []
      for await (const batch of of.open(opening))
        for (const input of batch)
          (rest.length === 0 && isOpening(input) ? listed : rest).push(input)
      for (let k = 0; k < listed.length; k += 1_000) {
        yield listed.slice(k, k + 1_000).map(({ event }) => ({ tUs: clock.nowUs(), event }))
        await setTimeout(5)
      }
      await setTimeout(500)
      const startUs = clock.nowUs()
      beganUs = startUs + WARM_S * 1e6
      const perUs = rate / 1e6
      for (let k = 0; k < rest.length && !opening.signal.aborted;) {
        const due = Math.min(rest.length, Math.floor((clock.nowUs() - startUs) * perUs) + 1)
        if (due <= k) {
          const waitMs = ((k + 1) / perUs + startUs - clock.nowUs()) / 1_000
          await (waitMs > 1.5 ? setTimeout(waitMs - 1) : setImmediate())
          continue
        }
        const some = rest.slice(k, Math.min(due, k + 4_000))
        const batch = some.map(({ event }, i) => ({
          tUs: Math.floor(startUs + (k + i) / perUs),
          event,
        }))
        k += batch.length
        yield batch
      }
    },
  }
}

const isOpening = ({ event }: FeedInput): boolean =>
  ['MarketListed', 'TokenListed', 'GroupListed', 'BookSnapshot'].includes(event.type)

const isFed = (type: TypeName): boolean => typeOf(type).kind === 'feed'

/** The log, with a look at the clock when a turn is handed to it and when it is on the disk. */
function timed(log: LogWriter): LogWriter {
  const waiting: { readonly seq: number; readonly tUs: number }[] = []
  let at = 0
  const own = Object.create(log) as LogWriter & { append: LogWriter['append'] }
  Object.defineProperty(own, 'append', {
    value: (rows: Parameters<LogWriter['append']>[0]) => {
      const fault = log.append(rows)
      const [first] = rows
      if (first && isFed(first.event.type) && beganUs > 0 && first.tUs >= beganUs) {
        const tookUs = clock.nowUs() - first.tUs
        turn.record(Math.max(1, Math.round(tookUs * 1_000)))
        lateUs = Math.max(lateUs, tookUs)
        counted++
        if (first.event.type === 'BookChanged') updates += first.event.data.d.length / CHANGE
        decisions += rows.length - 1
        waiting.push({ seq: rows[rows.length - 1]!.seq, tUs: first.tUs })
      }
      return fault
    },
  })
  for (const name of ['onDurable', 'ready', 'flush', 'seal', 'close'] as const)
    Object.defineProperty(own, name, {
      value: (log[name] as (...of: unknown[]) => unknown).bind(log),
    })
  Object.defineProperty(own, 'durableSeq', { get: () => log.durableSeq })
  log.onDurable(seq => {
    const nowUs = clock.nowUs()
    for (; at < waiting.length && waiting[at]!.seq <= seq; at++)
      durable.record(Math.max(1, Math.round((nowUs - waiting[at]!.tUs) * 1_000)))
  })
  return own
}

const config = decisionPart(defaults())
const feed = simulatorFeed({ scenario: 'exchange', seed: Number(seed), events: Number(inputs) })
const start = {
  runId: 'desk',
  mode: 'paper_live',
  parent: '',
  source: feed.source,
  startedUs: 0,
} as const
const about = {
  runTag: '',
  node: '',
  backend: 'ts',
  durability: 'commit',
  machine: {},
  configDigest: '',
} as const
const keep = { durability: 'commit', commitEvents: 256, commitMs: 2 } as const
const log = timed(orRefuse(await folderStore('runs', {}).create(dir, { ...start, ...about }, keep)))
const started = RunStarted.make({
  ...{ parent: '', mode: 'paper_live', source: feed.source, digest: '' },
  ...{ schema: SCHEMA, seed: Number(seed), faults: [], config, clock: 'wall' },
})
const cpu = process.cpuUsage()
const wall = performance.now()
const stop = new AbortController()
const ended = await runLive({ started, feeds: [paced(feed)], log, clock, stop: stop.signal })
if (E.isLeft(ended)) throw new Error(JSON.stringify(ended.left))
const used = process.cpuUsage(cpu)
const of = (histogram: typeof turn) => ({
  p50Ns: histogram.percentile(50),
  p99Ns: histogram.percentile(99),
  p999Ns: histogram.percentile(99.9),
  maxNs: histogram.max,
})
console.log(
  JSON.stringify({
    ...{ counted, updates, decisions, lateMs: lateUs / 1_000, gc },
    cpuShare: (used.user + used.system) / 1_000 / (performance.now() - wall),
    lastSeq: ended.right.lastSeq,
    turn: of(turn),
    durable: of(durable),
  }),
)
