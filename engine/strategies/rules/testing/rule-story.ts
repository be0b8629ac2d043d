import { Story } from '#engine/run/testing/story.js'
import { RULE_TYPES, type RuleType } from '../registry.js'

/** Parameters of a rule. */
export type Params = Readonly<Record<string, unknown>>

/** A run of one rule alone. */
export const story = (
  type: RuleType,
  params: Params = {},
  more: { safe_only?: boolean } = {},
): Story =>
  new Story({
    strategy: {
      names: [],
      instances: [
        {
          id: 'rule',
          strategy: RULE_TYPES[type].name,
          params: { liquidity_min_micro: 0, ...params },
        },
      ],
      ...more,
    },
    risk: { book_age_max_ms: 3_600_000_000 },
    sim: { fill_model: 'walk' },
  })

/** Both books of market `m`: YES at this bid and ask, NO mirrored. */
export const books = (
  of: Story,
  ms: number,
  bid: number,
  ask: number,
  { m = 1, size = 500 } = {},
): Story =>
  of
    .book(ms, 2 * m - 1, { bids: [[bid, size]], asks: [[ask, size]] })
    .book(ms, 2 * m, { bids: [[1 - ask, size]], asks: [[1 - bid, size]] })

/** What the one signal saw, by name. */
export const saw = (of: Story): Readonly<Record<string, number>> =>
  Object.fromEntries(of.one('SignalRaised').used ?? [])
