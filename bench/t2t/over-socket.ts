import assert from 'node:assert'
import { spawn } from 'node:child_process'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { CHANGE } from '#schemas/levels.js'
import { Frame as Read } from '#engine/feeds/polymarket/decode/frame.js'
import { tsUsual, type UsualReader } from '#engine/feeds/polymarket/decode/usual-reader.js'
import type { LogWriter } from '#engine/log/event-log.js'
import type { Addon } from '#engine/native/addon.js'
import { nativeUsual } from '#engine/native/usual-reader.js'
import { assetOf, MARKETS } from './market.js'
import type { Latencies } from './open-loop.js'
import type { Decode, Path } from './path.js'

/** Who reads the frames of the live feed, the one that serves first. */
export function readers(addon: Addon | undefined): (readonly [name: string, decode: Decode])[] {
  const ts = ['TypeScript reader', decodeBy(tsUsual())] as const
  return addon ? [['native reader', decodeBy(nativeUsual(addon))], ts] : [ts]
}

function decodeBy(reader: UsualReader): Decode {
  for (let token = 1; token <= 2 * MARKETS; token++) reader.register(assetOf(token), token)
  const frame = new Read()
  return bytes => {
    frame.restart()
    assert.ok(reader.read(bytes, 0, frame) > 0, 'a frame of the bench is a usual one')
    return Array.from(frame.rows.subarray(0, frame.rowCount * CHANGE))
  }
}

/**
 * Frames of a venue in a process of its own, over a socket: from the moment at which each left it, kernel and event loop included. The first
 * fifth warms the machine up and counts for nothing.
 */
export async function overSocket(
  { path, log }: { path: Path; log: LogWriter },
  { count, perSecond, offers }: { count: number; perSecond: number; offers: readonly boolean[] },
): Promise<Latencies> {
  const server = spawn(
    process.execPath,
    [fileURLToPath(new URL('socket-server.js', import.meta.url)), `${count}`, `${perSecond}`, '7'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const port = await new Promise<number>(resolve =>
      server.stdout.once('data', (text: Buffer) => {
        resolve(Number(text.toString()))
      }),
    )
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
    const done: bigint[] = []
    const durable = new Map<number, bigint>()
    const waiting: { seq: number; k: number }[] = []
    log.onDurable(seq => {
      while (waiting.length > 0 && waiting[0]!.seq <= seq)
        durable.set(waiting.shift()!.k, process.hrtime.bigint())
    })
    const left = await new Promise<readonly bigint[]>((resolve, reject) => {
      socket.on('open', () => {
        socket.send('GO')
      })
      socket.on('error', reject)
      socket.on('message', (data: Buffer) => {
        const k = done.length
        if (k === count) {
          resolve(data.toString('latin1', 6).split(',').map(BigInt))
          return
        }
        path.take(data, 1_000 + Math.round((k * 1e6) / perSecond))
        done.push(process.hrtime.bigint())
        if (path.placedSeq > 0) waiting.push({ seq: path.placedSeq, k })
      })
    })
    await log.flush()
    socket.terminate()
    return latenciesOf({ left, done, durable, offers })
  } finally {
    server.kill()
  }
}

function latenciesOf(of: {
  readonly left: readonly bigint[]
  readonly done: readonly bigint[]
  readonly durable: ReadonlyMap<number, bigint>
  readonly offers: readonly boolean[]
}): Latencies {
  const { left, done, durable, offers } = of
  const found = { tick: histogram(), intent: histogram(), durable: histogram() }
  for (let k = Math.floor(done.length / 5); k < done.length; k++) {
    const since = left[k]!
    const into = offers[k] === true ? found.intent : found.tick
    into.record(Math.max(1, Number(done[k]! - since)))
    const kept = durable.get(k)
    if (kept !== undefined) found.durable.record(Math.max(1, Number(kept - since)))
  }
  return { ...found, gc: { count: 0, longestMs: 0, totalMs: 0 } }
}

const histogram = (): RecordableHistogram =>
  createHistogram({ lowest: 1, highest: 3_600_000_000_000, figures: 3 })
