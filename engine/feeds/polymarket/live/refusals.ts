import { MessageRefused } from '#schemas/events/feed.js'
import { wellFormed } from '#schemas/text.js'
import type { FeedInput } from '../../feed.js'
import type { Tally } from '../../recorded/import-feed.js'

/** Most characters of a sample and of a reason that an event keeps. */
const TEXT_MAX = 200
/** Reasons that are counted by themselves: a source that goes mad may name a new one with every message. */
const REASONS_MAX = 200
const OTHER = 'other reasons than were counted so far'

/** What a source said that does not fit: all of it is counted, and the 1st, 10th, 100th … of a reason is told. */
export class Refusals {
  readonly #counts = new Map<string, number>()
  readonly #tally: Tally
  readonly #feed: string

  constructor(tally: Tally, feed: string) {
    this.#tally = tally
    this.#feed = feed
  }

  /** Counts one; what is to be told of it. */
  add(said: { readonly why: string; readonly sample: string; readonly tUs: number }): FeedInput[] {
    const counts = this.#counts
    const short = wellFormed(kindOf(said.why).slice(0, TEXT_MAX))
    const why = counts.has(short) || counts.size < REASONS_MAX ? short : OTHER
    const count = (counts.get(why) ?? 0) + 1
    counts.set(why, count)
    this.#tally.skip(why, this.#feed)
    if (!/^10*$/.test(String(count))) return []
    const sample = wellFormed(said.sample.slice(0, TEXT_MAX))
    return [{ tUs: said.tUs, event: MessageRefused.make({ feed: this.#feed, why, count, sample }) }]
  }
}

/** A reason without what the message itself says, which would make each a reason of its own; the sample shows that. */
const kindOf = (why: string): string =>
  why.replace(/^not JSON: .*$/s, 'not JSON').replace(/".*"/s, '"…"')
