import { AlertDelivered } from '#schemas/events/alert.js'
import type { EventOf } from '#schemas/registry.js'
import type { Alert } from './conditions.js'
import { delivered, type Channel } from './channels.js'

/** How alerts go out. */
export interface DispatchOptions {
  readonly channels: readonly Channel[]
  /** Alerts of one rule and key rest this long after one; ms. */
  readonly cooldownMs: number
  readonly attempts: number
  /** Pause before the second try, ms; doubled with each. */
  readonly pauseMs: number
  /** What stands before each text: which run it is. */
  readonly title: string
  readonly nowMs: () => number
  readonly signal: AbortSignal
  /** What became of it, by each channel. */
  readonly record: (event: EventOf<'AlertDelivered'>) => Promise<void>
}

/** Rules that never rest: each of these is money. */
const NEVER_RESTS: ReadonlySet<Alert['rule']> = new Set(['hard-stop', 'order-unknown', 'test'])

/** Sends alerts one after the other, by every channel; what comes while its key rests is counted, and told with the next. */
export class Dispatch {
  readonly #of: DispatchOptions
  readonly #rests = new Map<string, { untilMs: number; suppressed: number }>()

  constructor(of: DispatchOptions) {
    this.#of = of
  }

  async send({ rule, key, about, text }: Alert): Promise<readonly EventOf<'AlertDelivered'>[]> {
    const { channels, cooldownMs, title, nowMs, record, ...how } = this.#of
    const name = `${rule} ${key}`
    const rest = this.#rests.get(name) ?? { untilMs: 0, suppressed: 0 }
    this.#rests.set(name, rest)
    if (!NEVER_RESTS.has(rule) && nowMs() < rest.untilMs) {
      rest.suppressed++
      return []
    }
    const { suppressed } = rest
    rest.untilMs = nowMs() + cooldownMs
    rest.suppressed = 0
    const before = suppressed > 0 ? `\n(${suppressed} more since the last)` : ''
    const all = await Promise.all(
      channels.map(one => delivered(one, `${title}\n${text}${before}`, how)),
    )
    const events = all.map(({ channel, outcome, attempts, why }) =>
      AlertDelivered.make({
        ...{ rule, key, about, text, channel, outcome, attempts, suppressed },
        ...(why !== undefined && { why }),
      }),
    )
    for (const event of events) await record(event)
    return events
  }
}
