import { USED } from '#schemas/rule-codecs.js'
import type { Recorded } from '#schemas/recorded.js'
import type { AlertRule } from '#schemas/alerts.js'
import { ruleTypeOf } from '#engine/strategies/rules/registry.js'
import { isoOf } from '#projections/iso.js'
import { dollars } from '../format/money.js'

/** Something that somebody wants to hear. */
export interface Alert {
  readonly rule: AlertRule
  /** What it is about: alerts of one key rest together. */
  readonly key: string
  /** The event that it is about. */
  readonly about: number
  /** When that was, µs of the run. */
  readonly tUs: number
  readonly text: string
}

/** When to say something. Times in ms; 0 for never. */
export interface AlertTerms {
  readonly silence_ms: number
  /** The least urgent level of a rule's signals that is told: 1 for P1 alone; 0: none. */
  readonly signal_level: number
}

/**
 * Alerts as a fold of the log: what happened is told by the rows alone, so that whoever starts to watch late, or anew, comes to the same. Only silence
 * needs to know what time it is, and is told.
 */
export class AlertConditions {
  readonly #terms: AlertTerms
  readonly #questions = new Map<number, string>()
  /** By event and key: what was delivered, so that nobody hears it twice. */
  readonly #delivered = new Set<string>()
  #isWall = false
  #hasEnded = false
  #isSilent = false
  #heardSeq = 0
  #heardUs = 0

  constructor(terms: AlertTerms) {
    this.#terms = terms
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether the log says that this was told already, by whichever channel. */
  isDelivered({ key, about, rule }: Alert): boolean {
    return this.#delivered.has(`${rule} ${key} ${about}`)
  }

  /** Takes an event, and answers what is to be said of it. */
  take({ seq, tUs, event }: Recorded): readonly Alert[] {
    const of = (rule: AlertRule, key: string, text: string): readonly Alert[] => [
      { rule, key, about: seq, tUs, text },
    ]
    switch (event.type) {
      case 'RunStarted':
        this.#isWall = event.data.clock === 'wall'
        return []
      case 'MarketListed':
        this.#questions.set(event.data.market, event.data.question)
        return []
      case 'AlertDelivered':
        this.#delivered.add(`${event.data.rule} ${event.data.key} ${event.data.about}`)
        return []
      case 'BookChanged':
      case 'BookSnapshot':
      case 'TradePrinted':
        this.#heardSeq = seq
        this.#heardUs = tUs
        this.#isSilent = false
        return []
      case 'HardStopTripped':
        return of('hard-stop', '', `trading is stopped: ${event.data.why}, ${event.data.detail}`)
      case 'FeedLost':
        return of('feed-lost', event.data.feed, `a feed is lost: ${event.data.why}`)
      case 'OrderOutcomeUnknown':
        return of(
          'order-unknown',
          event.data.order,
          `nobody knows what became of order ${event.data.order}: ${event.data.why}`,
        )
      case 'RunEnded':
        this.#hasEnded = true
        return of('run-ended', '', `the run has ended: ${event.data.why}`)
      case 'SignalRaised':
        return this.#signal(event.data, of)
      default:
        return []
    }
  }

  /** What is to be said as nothing was heard until now (µs): once, until something is heard again. */
  silence(nowUs: number): readonly Alert[] {
    const { silence_ms: most } = this.#terms
    const isDue = most > 0 && this.#heardUs > 0 && nowUs - this.#heardUs >= most * 1_000
    if (!this.#isWall || this.#hasEnded || this.#isSilent || !isDue) return []
    this.#isSilent = true
    const text = `no market data since ${isoOf(this.#heardUs)}`
    return [{ rule: 'silence', key: '', about: this.#heardSeq, tUs: nowUs, text }]
  }

  /** What is to be said of a run that is neither ended nor alive. */
  stalled(nowUs: number): Alert {
    const text = `the process of the run is gone; it ended at event ${this.#heardSeq} or behind it, and can be resumed`
    return { rule: 'stall', key: '', about: this.#heardSeq, tUs: nowUs, text }
  }

  #signal(
    data: Extract<Recorded['event'], { readonly type: 'SignalRaised' }>['data'],
    of: (rule: AlertRule, key: string, text: string) => readonly Alert[],
  ): readonly Alert[] {
    const type = ruleTypeOf(data.strategy)
    const used = new Map(data.used ?? [])
    const level = used.get(USED.level) ?? 0
    if (type === undefined || level === 0 || level > this.#terms.signal_level) return []
    const name = data.instance ?? data.strategy
    const question = this.#questions.get(data.market) ?? `market ${data.market}`
    const score = ((used.get(USED.score) ?? 0) / 100).toFixed(1)
    const offer = `${data.edge} bps on ${dollars(data.cost)}`
    return of(
      'signal',
      `${name} ${data.market}`,
      `P${level} ${type} (${name}), score ${score}\n${question}\n${offer}, signal ${data.signal}`,
    )
  }
}
