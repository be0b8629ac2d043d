import * as E from 'fp-ts/lib/Either.js'
import { ASK, BID, UNSAID } from '#schemas/levels.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Event } from '#schemas/registry.js'
import { price, shares } from '#schemas/units.js'
import type { Prng } from '#engine/feeds/simulator/prng.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { garbage } from './garbage.js'

const START = 1_780_796_251_000_000
/** Tokens that a story mostly speaks of, from 1. */
export const TOKENS = 6

/** Inputs of all forms that a tape knows, and decisions between them. */
export function storyOf(random: Prng): Recorded[] {
  const { event } = garbage(random)
  let tUs = random.oneIn(5) ? random.below(1_000) : START
  return Array.from({ length: 40 + random.below(200) }, (_, k) => {
    tUs += random.oneIn(30) ? 300_000_000 + random.below(1e9) : random.below(2e6)
    return { seq: k + 1, tUs, cause: 0, event: random.oneIn(3) ? event() : usual(random) }
  })
}

function usual(random: Prng): Event {
  const token = random.oneIn(9) ? 131_070 + random.below(4) : 1 + random.below(TOKENS)
  const odd = random.oneIn(4) ? 1 + random.below(9_999) : 0
  const big = random.oneIn(9) ? 10_000 * 2 ** 32 : 0
  const size = random.oneIn(4) ? 0 : 10_000 * (1 + random.below(1e6)) + odd + big
  const at = 100 * (40 + random.below(20))
  const side = random.oneIn(2) ? BID : ASK
  if (random.oneIn(8)) {
    const print = { token, price: price(at), size: shares(size), id: `t-${random.below(1e6)}` }
    return { type: 'TradePrinted', data: { ...print, side } }
  }
  if (random.oneIn(12)) {
    return { type: 'SignalDropped', data: { signal: 's1-1', reason: 'expired' } }
  }
  if (random.oneIn(20)) return { type: 'FeedResumed', data: { feed: 'f' } }
  const said = random.oneIn(3) ? [UNSAID, UNSAID] : [at - 100, at + 100]
  const [bid = 0, ask = 0] = said
  const one = [token, side, at, size, bid, ask]
  if (random.oneIn(4)) return { type: 'BookChanged', data: { d: one } }
  const flip = (best: number): number => (best === UNSAID ? UNSAID : 10_000 - best)
  const near = random.oneIn(2) ? token + 1 : Math.max(1, token - 1)
  const other = [near, ASK - side, 10_000 - at, size, flip(ask), flip(bid)]
  if (random.oneIn(9)) other[3]!++
  return { type: 'BookChanged', data: { d: [...one, ...other] } }
}

/** Keeps a story as a sealed run of small segments. */
export async function keep(run: string, rows: readonly Recorded[]): Promise<void> {
  const opened = await folderStore('runs', { segmentBytes: 20_000 }).create(
    run,
    {
      ...{ runId: 'story', mode: 'import', parent: '', source: 'test', configDigest: '' },
      ...{ startedUs: 0, runTag: '', node: '', backend: 'ts', durability: 'none' },
      machine: {},
    },
    { durability: 'none', commitEvents: 16, commitMs: 50 },
  )
  if (E.isLeft(opened)) throw new Error(opened.left.tag)
  for (const row of [...rows, ended(rows.at(-1)!)]) opened.right.append([row])
  const sealed = await opened.right.seal()
  if (E.isLeft(sealed)) throw new Error(sealed.left.tag)
}

const ended = ({ seq, tUs }: Recorded): Recorded => ({
  ...{ seq: seq + 1, tUs, cause: 0 },
  event: { type: 'RunEnded', data: { why: 'source-ended' } },
})
