import assert from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordableHistogram } from 'node:perf_hooks'
import { folderStore } from '#engine/log/store/folder-store.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import type { JournalApi } from '#engine/log/write/journal.js'
import type { LogWriter } from '#engine/log/event-log.js'
import { orRefuse } from '#cli/runs.js'
import type { Call } from '#cli/command.js'
import type { Bench, Found } from './question.js'
import type { Timing } from './stopwatch.js'
import { coldLines } from './t2t/cold-lines.js'
import { decoders } from './t2t/decoders.js'
import { framesOf, type Frame } from './t2t/market.js'
import { overSocket, readers } from './t2t/over-socket.js'
import { offersIn, openLoop, type Latencies } from './t2t/open-loop.js'
import { Path, type Decode } from './t2t/path.js'

const RATES = [2_000, 20_000] as const
/** Over a socket: what two hundred tokens bring, and forty times that. */
const SOCKET_RATES = [500, 20_000] as const
/** Between two intents at the lower rate. */
const PAUSE_MS = 10
/** Frames that the agreement is checked on. */
const SAMPLE = 2_000

/** From the bytes of a frame to a risk-checked order in the log, and to that order on the disk: how long? */
export const bench: Bench = {
  name: 't2t',
  question:
    'How long from the bytes of a frame to an order that is enqueued, and to one that is durable?',
  events: 100_000,
  samples: 1,
  dominates:
    'Enqueued: decoding the frame and making the turn; in the tail the event loop, which also carries the acknowledgements. Durable: the sync of the disk.',
  run: async ({ events }, call) => {
    const frames = [...framesOf(events, 7)]
    const root = mkdtempSync(join(tmpdir(), 'polaris-t2t-'))
    try {
      await agree(root, frames.slice(0, SAMPLE))
      for (const variant of variants()) await warm(root, frames, variant)
      const found: Found[] = []
      for (const perSecond of RATES) {
        // At most ten seconds of frames.
        const some = frames.slice(0, Math.min(events, perSecond * 10))
        for (const { name, decode, journal } of variants()) {
          call.progress(`${perSecond} frames a second, ${name}`)
          const dir = join(root, `${perSecond}-${name.replaceAll(/\W+/g, '-')}`)
          const log = await opened(dir, journal)
          const path = new Path(log, decode)
          const latencies = await openLoop({ path, log, frames: some, perSecond })
          await log.close()
          rmSync(dir, { recursive: true, force: true })
          found.push(foundOf(`${perSecond} frames/s, ${name}`, latencies))
        }
      }
      found.push(...(await socketsOf(root, events, call)))
      const lines = coldLines(PAUSE_MS)
      const machine = {
        'ns a cache line of 32 KiB, at once': lines.atOnce,
        [`ns a cache line of 32 KiB, ${PAUSE_MS} ms later`]: lines.after,
      }
      return {
        contenders: found.flatMap(({ contenders }) => contenders),
        facts: Object.assign(machine, ...found.map(({ facts }) => facts)) as Record<string, number>,
      }
    } finally {
      rmSync(root, { recursive: true, force: true, maxRetries: 9, retryDelay: 50 })
    }
  },
}

/** The same over a loopback socket, from a venue in a process of its own: what a live feed does. */
async function socketsOf(root: string, events: number, call: Call): Promise<Found[]> {
  const addon = addonOf()
  const found: Found[] = []
  for (const perSecond of SOCKET_RATES) {
    const count = Math.min(events, perSecond * 10)
    const offers = [...framesOf(count, 7)].map(({ isOffer }) => isOffer)
    for (const [name, decode] of readers(addon)) {
      call.progress(`${perSecond} frames a second over a socket, ${name}`)
      const dir = join(root, `socket-${perSecond}-${name.replaceAll(/\W+/g, '-')}`)
      const log = await opened(dir, addon)
      const path = new Path(log, decode)
      const latencies = await overSocket({ path, log }, { count, perSecond, offers })
      await log.close()
      rmSync(dir, { recursive: true, force: true })
      found.push(foundOf(`${perSecond} frames/s over a socket, ${name}`, latencies))
    }
  }
  return found
}

function addonOf(): Addon | undefined {
  const found = loadAddon()
  return typeof found === 'string' ? undefined : found
}

/** A process that trades has done so for hours: what it does seldom is compiled as well as what it does always. */
async function warm(
  root: string,
  frames: readonly Frame[],
  { name, decode, journal }: Variant,
): Promise<void> {
  const dir = join(root, `warm-${name.replaceAll(/\W+/g, '-')}`)
  const log = await opened(dir, journal)
  const path = new Path(log, decode)
  for (const [k, { bytes }] of frames.entries()) {
    path.take(bytes, 1_000 + 50 * k)
    await log.ready()
  }
  await log.close()
  rmSync(dir, { recursive: true, force: true })
}

interface Variant {
  readonly name: string
  readonly decode: Decode
  readonly journal: JournalApi | undefined
}

/** By bytes into the log of either writer, and by `JSON.parse` into the one that serves by itself. */
function variants(): Variant[] {
  const addon = addonOf()
  const all = decoders().map(([name, decode]) => ({ name, decode, journal: addon }))
  const [first] = all
  if (!addon || !first) return all
  return [...all, { ...first, name: `${first.name}, TypeScript log`, journal: undefined }]
}

/** Every decoder leads to the same log, and every offer to an order. */
async function agree(root: string, frames: readonly Frame[]): Promise<void> {
  const heads: string[] = []
  for (const { name, decode, journal } of variants()) {
    const log = await opened(join(root, name.replaceAll(/\W+/g, '-')), journal)
    const path = new Path(log, decode)
    for (const [k, { bytes, isOffer }] of frames.entries()) {
      path.take(bytes, 1_000 + 500 * k)
      assert.equal(
        path.placedSeq > 0,
        isOffer,
        `${name}: an order at frame ${k} where one is offered`,
      )
    }
    path.end()
    heads.push(orRefuse(await log.seal()).head)
    assert.ok(path.orders >= offersIn(frames.length))
  }
  assert.equal(new Set(heads).size, 1, 'one log, whoever decodes')
}

async function opened(dir: string, journal: JournalApi | undefined): Promise<LogWriter> {
  const start = {
    runId: 't2t',
    mode: 'paper_live',
    parent: '',
    source: 'bench',
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
  const keep = { durability: 'commit', commitEvents: 256, commitMs: 0 } as const
  return orRefuse(await folderStore('runs', { journal }).create(dir, { ...start, ...about }, keep))
}

function foundOf(of: string, { tick, intent, durable, gc }: Latencies): Found {
  const facts: Record<string, number> = {}
  const rows = { tick, 'tick to intent enqueued': intent, 'tick to intent durable': durable }
  const contenders = Object.entries(rows).map(([name, histogram]): Timing => {
    facts[`${of}: ${name}, p99.9 µs`] = micros(histogram.percentile(99.9))
    facts[`${of}: ${name}, max µs`] = micros(histogram.max)
    const medianNs = histogram.percentile(50)
    return {
      ...{ name, group: of, medianNs, p99Ns: histogram.percentile(99) },
      ...{ opsPerS: 1e9 / medianNs, ratio: medianNs / tick.percentile(50) },
    }
  })
  facts[`${of}: intents`] = intent.count
  facts[`${of}: GC pauses`] = gc.count
  facts[`${of}: longest GC pause ms`] = Number(gc.longestMs.toFixed(3))
  return { contenders, facts }
}

const micros = (ns: RecordableHistogram['max']): number => Number((ns / 1_000).toFixed(1))
