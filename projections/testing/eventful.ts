import { TradePrinted } from '#schemas/events/feed.js'
import type { Fault } from '#schemas/reasons.js'
import { price, shares } from '#schemas/units.js'
import { cents, micro, Story } from '#engine/run/testing/story.js'
import type { FileView } from '../view.js'
import { linesFrom } from '../view.js'

const BIDS = [[0.35, 500]] as const

/** Somebody else's trade at `ms`; `side` is the taker's. */
export const printed = (
  story: Story,
  ms: number,
  of: { token: number; size: number; at: number; side: 0 | 1 },
): Story => {
  const { token, side } = of
  const sizes = { price: price(cents(of.at)), size: shares(micro(of.size)) }
  return story.say(ms, TradePrinted.make({ token, side, ...sizes, id: `p${ms}` }))
}

/** A market at 40 and 50 cents: a signal of 50 sets at 1 ms. */
export const offered = (story: Story): Story =>
  story
    .market()
    .book(1, 1, { bids: BIDS, asks: [[0.4, 50]] })
    .book(1, 2, { bids: [[0.45, 500]], asks: [[0.5, 100]] })

/** A run in which everything happens that a view may show: three markets, prints, refusals, lost answers, a resolution. */
export function eventful(faults: readonly Fault[] = ['force-chase-fail']): Story {
  const story = new Story(
    {
      sim: { reject_bps: 1_500, jitter_ms: 40 },
      dedup: { ttl_ms: 900 },
      risk: { fails_max: 0, health_signals_min: 0, daily_loss_max_micro: 0 },
    },
    { faults },
  )
  for (const m of [1, 2, 3]) story.market(m)
  for (let k = 0; k < 36; k++) {
    const ms = 400 * k
    const m = 1 + (k % 3)
    story.book(ms, 2 * m - 1, { bids: BIDS, asks: [[0.4 + (k % 4) / 100, 50]] })
    story.book(ms + 1, 2 * m, { bids: [[0.45, 80]], asks: [[0.5, 20 + k]] })
    for (const token of [2 * m - 1, 2 * m])
      printed(story, ms + 150, { token, size: 3 + k, at: 0.4, side: k % 2 === 0 ? 1 : 0 })
    story.change(ms + 200, 2 * m, 1, 0.51, k)
    if (k === 12) story.lost(ms + 210).resumed(ms + 220)
    if (k === 20) story.retick(ms + 210, 5, 100, 10)
  }
  return story.resolve(15_000, 1, 1).end()
}

/** The rows of a view as objects by column. */
export function objectsOf(of: FileView, story: Story): Record<string, string>[] {
  return linesFrom(of, story.rows, { runId: 'r1' }).map(line => {
    const cells = [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)]
    const texts = cells.map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '')
    return Object.fromEntries(of.columns.map((name, k) => [name, texts[k] ?? '?']))
  })
}
