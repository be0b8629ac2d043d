import assert from 'node:assert'
import { ASK, BID } from '#schemas/levels.js'
import { packed } from '#engine/core/saved.js'
import { tsFold } from '#engine/book/ts-fold.js'
import type { BookFold } from '#engine/book/fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { loadAddon } from '#engine/native/addon.js'
import { FRAMES, nativeFrames, tsFrames, type FrameFold } from '#engine/native/frames.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { checkedFrames, trustedFrames, type Take } from './contenders/json-frame.js'
import { mapSide, NaiveFold } from './contenders/naive-books.js'
import { marketFrames, type MarketFrames } from './market-frames.js'
import type { Bench } from './question.js'
import { rustPeers } from './rust-peers.js'
import { timings, type Timing } from './stopwatch.js'

const MARKETS = 100
const SEED = 7
const TICK = 10
/** Frames of one call where many go in together. */
const MANY = [16, 256]
const GROUP = 'frame of two changes, bytes to books'

/** One way from frames to books. */
interface Entrant {
  readonly name: string
  /** Frames of one call. */
  readonly each: number
  /** Empty books, filled. */
  readonly ready: () => void
  /** Folds the frames of one call; `calls` of them make the whole. */
  readonly call: (k: number) => void
  readonly calls: number
  /** What the books hold. */
  readonly state: () => string
}

/** What does a frame of two changes cost, from its bytes to the books? `peers`: whether Rust's JSON crates run too. */
export const decodeBench = (peers: typeof rustPeers | undefined): Bench => ({
  name: 'decode',
  question: 'What does a frame of two level changes cost, from its bytes to the books?',
  events: 20_000,
  samples: 11,
  dominates:
    'In Rust the finding and checking of 600 bytes, of which 77 digits twice name the tokens, then two cold books; a frame a call, the call itself; in TypeScript the bytes one by one; with JSON.parse the objects and strings it makes.',
  run: ({ events, samples }, call) => {
    const frames = marketFrames(MARKETS, events, SEED)
    const all = entrants(frames)
    const states = all.map(one => {
      whole(one)
      return one.state()
    })
    for (const [k, state] of states.entries()) assert.equal(state, states[0], all[k]!.name)
    const idle = clockNs()
    const times = all.map((): number[] => [])
    const means = all.map((): number[] => [])
    for (let round = -1; round < samples; round++) {
      call.progress(`round ${round + 1} of ${samples}`)
      for (const [k, one] of all.entries()) {
        const each = timed(one, idle)
        const mean = whole(one) / events
        if (round < 0) continue
        times[k]!.push(...each)
        means[k]!.push(mean)
      }
    }
    const meant = means.map(list => list.sort((a, b) => a - b)[list.length >> 1]!)
    const rows = timings(
      all.map(({ name }) => ({ name, group: GROUP })),
      times,
    ).map((row, k) => ({ ...row, opsPerS: Math.round(1e9 / meant[k]!) }))
    const rust = peers?.(frames, samples)
    const facts = {
      'bytes of a frame': Math.round(
        frames.live.reduce((sum, one) => sum + one.length, 0) / events,
      ),
      'ns of reading the clock, taken off': Math.round(idle),
      'per second':
        'whole runs without a clock inside; median and p99 are over frames, of a call its share',
      target: 'p50 130 ns, p99 350 ns',
      'a published figure': 'Nautilus: 643 ns to decode one change, without a book',
    }
    if (rust === undefined) return Promise.resolve({ contenders: rows, facts })
    if (typeof rust === 'string')
      return Promise.resolve({ contenders: rows, facts: { ...facts, 'Rust peers': rust } })
    return Promise.resolve({ contenders: [...rows, ...rustRows(rust.rows)], facts })
  },
})

/** With Rust's JSON crates, where cargo is there. */
export const bench = decodeBench(rustPeers)

function rustRows(
  rows: readonly Readonly<{ name: string; p50: number; p99: number; mean: number }>[],
): Timing[] {
  return rows.map(({ name, p50, p99, mean }) => ({
    name,
    group: 'the same in a Rust process',
    medianNs: p50,
    p99Ns: p99,
    opsPerS: Math.round(1e9 / mean),
    ratio: Number((p50 / rows[0]!.p50).toPrecision(4)),
  }))
}

function entrants(frames: MarketFrames): Entrant[] {
  const { assets, live } = frames
  const tokens = new Map(assets.map((asset, k) => [asset, k + 1]))
  const entries = [
    taking('JSON.parse, io-ts, TypeScript book', frames, checkedFrames(tokens)),
    mapped('JSON.parse, Map book', frames, trustedFrames(tokens)),
  ]
  const ts = tsFold()
  entries.unshift(folding('TypeScript bytes', frames, ts, tsFrames(ts), 1))
  const addon = loadAddon()
  if (typeof addon === 'string') return entries
  return [
    ...[1, ...MANY].map(each => {
      const fold = new NativeFold(addon)
      const name = each === 1 ? 'native, a frame a call' : `native, ${each} frames a call`
      return folding(name, frames, fold, nativeFrames(addon, fold), Math.min(each, live.length))
    }),
    ...entries,
  ]
}

/** By the folds of frames. */
function folding(
  name: string,
  { assets, opening, live }: MarketFrames,
  fold: BookFold,
  api: FrameFold,
  each: number,
): Entrant {
  for (const [k, asset] of assets.entries()) {
    fold.list(k + 1, TICK)
    assert(api.register(asset, k + 1))
  }
  const out = new Float64Array(4_096)
  const touched = untouched()
  const bytes = Buffer.concat(live.flatMap(one => [one, Buffer.from('\n')]))
  const whole = Buffer.concat(opening.flatMap(one => [one, Buffer.from('\n')]))
  const lots: Uint8Array[] = []
  let [from, to] = [0, 0]
  for (const [k, { length }] of live.entries()) {
    to += length + 1
    if ((k + 1) % each !== 0 && k + 1 < live.length) continue
    lots.push(bytes.subarray(from, to))
    from = to
  }
  return {
    name,
    each,
    calls: lots.length,
    ready: () => {
      for (let token = 1; token <= assets.length; token++)
        fold.snapshot({ token, bids: [], asks: [], tUs: 1 }, touched)
      clearTouched(touched)
      api.frames(whole, { start: 0 }, out)
    },
    call: k => {
      api.frames(lots[k]!, { start: 0 }, out)
      if (out[FRAMES.code] !== 0) throw new Error('a frame that cannot be read')
    },
    state: () => levelsOf(assets.length, (token, side) => sideOf(fold, token, side)),
  }
}

/** By a parser and the TypeScript fold. */
function taking(name: string, { assets, opening, live }: MarketFrames, take: Take): Entrant {
  const fold = tsFold()
  const touched = untouched()
  for (let token = 1; token <= assets.length; token++) fold.list(token, TICK)
  const apply = (frame: Buffer): void => {
    const { changes, tUs } = take(frame)
    fold.change({ changes, length: changes.length, tUs }, touched)
    clearTouched(touched)
  }
  return {
    name,
    each: 1,
    calls: live.length,
    ready: () => {
      for (let token = 1; token <= assets.length; token++)
        fold.snapshot({ token, bids: [], asks: [], tUs: 1 }, touched)
      opening.forEach(apply)
    },
    call: k => {
      apply(live[k]!)
    },
    state: () => levelsOf(assets.length, (token, side) => sideOf(fold, token, side)),
  }
}

/** By a parser and a `Map` a side. */
function mapped(name: string, { assets, opening, live }: MarketFrames, take: Take): Entrant {
  const fold = new NaiveFold(assets.length + 1, mapSide)
  const apply = (frame: Buffer): void => {
    fold.change(Float64Array.from(take(frame).changes))
  }
  return {
    name,
    each: 1,
    calls: live.length,
    ready: () => {
      fold.restart(new Float64Array())
      opening.forEach(apply)
    },
    call: k => {
      apply(live[k]!)
    },
    state: () => levelsOf(assets.length, (token, side) => fold.side(token, side).levels()),
  }
}

function sideOf(fold: BookFold, token: number, side: typeof BID | typeof ASK): [number, number][] {
  const levels: [number, number][] = []
  fold.view(token)?.walk(side, (price, size) => levels.push([price, size]))
  return levels
}

const levelsOf = (
  tokens: number,
  levels: (token: number, side: typeof BID | typeof ASK) => [number, number][],
): string =>
  packed(Array.from({ length: tokens }, (_, k) => [levels(k + 1, BID), levels(k + 1, ASK)]))

/** One run over all frames without a clock inside, ns. */
function whole({ ready, call, calls }: Entrant): number {
  ready()
  const started = process.hrtime.bigint()
  for (let k = 0; k < calls; k++) call(k)
  return Number(process.hrtime.bigint() - started)
}

/** The same with the clock read after every call: ns per frame of each. */
function timed({ ready, call, calls, each }: Entrant, idle: number): number[] {
  ready()
  const times: number[] = []
  let last = process.hrtime.bigint()
  for (let k = 0; k < calls; k++) {
    call(k)
    const now = process.hrtime.bigint()
    times.push(Math.max(1, (Number(now - last) - idle) / each))
    last = process.hrtime.bigint()
  }
  return times
}

/** What two readings of the clock take, the median of many. */
function clockNs(): number {
  const all: number[] = []
  for (let k = 0; k < 100_000; k++) {
    const last = process.hrtime.bigint()
    all.push(Number(process.hrtime.bigint() - last))
  }
  return all.sort((a, b) => a - b)[all.length >> 1]!
}
