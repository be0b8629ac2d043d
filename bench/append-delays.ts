import assert from 'node:assert'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import { POSITION, STATUS } from '#engine/log/write/journal.js'
import { loadAddon } from '#engine/native/addon.js'
import { logStore } from './contenders/stores.js'
import { openLoop, quantilesOf, saturated, type Delays } from './open-loop.js'
import { quantile } from './stopwatch.js'

const RATES = [2_000, 100_000] as const

/** The row of a sequence number. */
export type RowAt = (seq: number) => Recorded

/**
 * How soon an event is durable, at fixed rates and as fast as the log takes them, and what it costs the caller. Each
 * figure is the median of several rounds, in which the logs and the disk alone take turns.
 */
export async function delaysOf(
  root: string,
  { events, samples }: { events: number; samples: number },
  rowAt: RowAt,
): Promise<Record<string, string>> {
  const addon = loadAddon()
  const rounds = new Map<string, Delays[]>()
  const rates: { perS: number; callNs: number }[][] = [[], []]
  const note = (name: string, found: Delays): void => {
    rounds.set(name, [...(rounds.get(name) ?? []), found])
  }
  for (let round = 0; round < samples; round++) {
    note('one write and fdatasync', floor(root))
    for (const [k, name] of LOGS.entries()) {
      const journal = name === 'native' && typeof addon !== 'string' ? addon : undefined
      if (name === 'native' && !journal) continue
      const dir = join(root, `delays-${name}`)
      const fresh = async (commitMs: number) => {
        rmSync(dir, { recursive: true, force: true })
        const keep = { durability: 'commit', commitEvents: 1_024, commitMs, journal } as const
        return (await logStore(keep)(dir)).log
      }
      for (const perS of RATES) {
        const log = await fresh(0)
        const found = await openLoop(log, { events: Math.min(events, perS), perS, rowAt })
        await log.close()
        note(`${name} log, durable after, open loop at ${perS.toLocaleString('en')}/s`, found)
      }
      const log = await fresh(20)
      const found = await saturated(log, { events: 2 * events, rowAt })
      await log.close()
      note(`${name} log, durable after, saturated`, found)
      rates[k]!.push(found)
    }
  }
  const facts = [...rounds].map(([name, list]) => [name, timesOf(medians(list))] as const)
  const speeds = LOGS.flatMap((name, k) => {
    const [perS, callNs] = (['perS', 'callNs'] as const).map(of =>
      quantile(
        rates[k]!.map(rate => rate[of]),
        0.5,
      ),
    )
    if (!perS || callNs === undefined) return []
    const text = `${Math.round(perS).toLocaleString('en')} durable events/s, ${callNs.toFixed(0)} ns an event on the calling thread, encoding included`
    return [[`${name} log, saturated`, text] as const]
  })
  return Object.fromEntries([...facts, ...speeds])
}

const LOGS = ['native', 'TypeScript'] as const

const medians = (list: readonly Delays[]): Delays => {
  const of = (q: keyof Delays): number =>
    quantile(
      list.map(delays => delays[q]),
      0.5,
    )
  return { p50: of('p50'), p99: of('p99'), p999: of('p999') }
}

/** What the disk itself takes for one line. */
function floor(root: string): Delays {
  const file = openSync(join(root, 'floor'), 'w')
  const line = Buffer.alloc(128, 0x20)
  const times: number[] = []
  for (let i = 0; i < 300; i++) {
    const startedMs = performance.now()
    writeSync(file, line)
    fdatasyncSync(file)
    times.push(performance.now() - startedMs)
  }
  closeSync(file)
  return quantilesOf(times)
}

/** What of an append is not encoding: 256 encoded turns handed to the addon, or nothing where there is none. */
export function apiDelays(rowAt: RowAt): Record<string, string> {
  const writer = new LineWriter()
  const events = 256
  const turns = new Uint32Array(2 * events)
  const encode = (): void => {
    writer.reset()
    for (let k = 0; k < events; k++) {
      const { seq, tUs, cause, event } = rowAt(k + 1)
      writer.event(seq, tUs, cause, event)
      turns[2 * k] = writer.length
      turns[2 * k + 1] = 1
    }
  }
  const facts = { 'encoding alone': `${perEvent(encode, events)} ns an event` }
  const addon = loadAddon()
  if (typeof addon === 'string') return facts
  const dir = mkdtempSync(join(tmpdir(), 'polaris-native-'))
  // The journal rolls and writes without a sync; only the call is timed, and it is let catch up between two.
  const options = Float64Array.of(events, 2 ** 40, 2, 0, 0, 0, 0, 0, 0, 0, 0)
  const head = '0'.repeat(64)
  const journal = addon.journalOpen(dir, '"native"', options, head, () => undefined)
  const out = new Float64Array(STATUS)
  const call = (): void => {
    const { bytes, length } = writer
    assert.equal(addon.journalAppend(journal, bytes, length, turns, events, false), 0)
  }
  const idle = (): void => {
    do addon.journalStatus(journal, out)
    while (out[2 * POSITION]! > 0)
  }
  const alone = perEvent(call, events, idle)
  addon.journalEnd(journal)
  do addon.journalStatus(journal, out)
  while (out[2 * POSITION + 1] !== 1)
  rmSync(dir, { recursive: true, force: true })
  return { ...facts, 'handing 256 encoded turns to the journal': `${alone} ns an event` }
}

/** Median cost of an event in a call that does many, in nanoseconds. */
function perEvent(call: () => void, events: number, between?: () => void): string {
  const times: number[] = []
  for (let i = 0; i < 600; i++) {
    const started = process.hrtime.bigint()
    call()
    times.push(Number(process.hrtime.bigint() - started) / events)
    between?.()
  }
  return quantile(times.slice(100), 0.5).toFixed(1)
}

const timesOf = ({ p50, p99, p999 }: Delays): string =>
  `p50 ${us(p50)}, p99 ${us(p99)}, p99.9 ${us(p999)}`
const us = (ms: number): string => `${Math.round(ms * 1_000).toLocaleString('en')} µs`
