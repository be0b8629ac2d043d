import { BookIncomplete, StampRefused } from '#schemas/events/feed.js'
import { CHANGE } from '#schemas/levels.js'
import type { FeedEvent, FeedInput } from '../feed.js'
import { lagging } from '../lag.js'
import type { Tally } from './import-feed.js'
import type { Judged, Stamped } from './stamp-guard.js'
import { noTime } from './times.js'

/** Why an input is remarked on. */
const REFUSED = 'stamp that leaps or steps back too far (refused)'
const BEFORE = 'stamp before its predecessor (taken at that time)'

/**
 * The inputs of an importer behind the guard of its stamps: those that are taken, in order and never back in time; for each
 * message that is refused a `StampRefused`, and its books are said to be incomplete. Owned by one opening of a feed.
 */
export class GuardedInputs {
  readonly #tally: Tally
  /** When a whole book of each token was last stated. */
  readonly #stated = new Map<number, number>()
  #refusedUs: number | undefined
  #wrong = 0
  #wrongUs = 0

  constructor(tally: Tally) {
    this.#tally = tally
  }

  take(inputs: readonly FeedInput[]): readonly FeedInput[] {
    const taken: FeedInput[] = []
    const { guard } = this.#tally
    for (const input of inputs) {
      const { event, tUs } = input
      // Nearly all of them: what tells the time, within the window.
      if (!saysNoTime(event) && guard.passes(tUs)) {
        this.#refusedUs = undefined
        if (event.type === 'BookSnapshot') this.#stated.set(event.data.token, tUs)
        taken.push(input)
        continue
      }
      const of = this.#stamped(input)
      // As it came, not as it was judged: what waits for a verdict was said all the same.
      if (input.event.type === 'BookSnapshot') this.#state(input.event.data.token, of)
      for (const judged of guard.take(of)) this.#settle(judged, taken)
    }
    return taken
  }

  /** The source is over. */
  end(): readonly FeedInput[] {
    const taken: FeedInput[] = []
    for (const judged of this.#tally.guard.end()) this.#settle(judged, taken)
    if (this.#wrong > 0 && this.#tally.guard.lastUs === undefined) this.#allWrong()
    return taken
  }

  /**
   * A whole book tells when it last changed: it may be old, unless it is older than one that we have; and the first one of a
   * token tells nothing of the time now.
   */
  #stamped(message: FeedInput): Stamped<FeedInput> {
    const { tUs: stampUs, event } = message
    const isSilent = saysNoTime(event)
    const of = { message, stampUs, isState: isSilent, tellsTime: !isSilent }
    if (event.type !== 'BookSnapshot') return of
    const known = this.#stated.get(event.data.token)
    return {
      ...of,
      isState: known === undefined || stampUs >= known,
      tellsTime: known !== undefined,
    }
  }

  #state(token: number, { stampUs }: Stamped<FeedInput>): void {
    const { lastUs = stampUs, boundUs } = this.#tally.guard
    if (stampUs <= lastUs + boundUs) this.#stated.set(token, stampUs)
    else if (!this.#stated.has(token)) this.#stated.set(token, 0)
  }

  #settle({ message, stampUs, isTaken, tUs }: Judged<FeedInput>, taken: FeedInput[]): void {
    const { event } = message
    if (!isTaken && !saysNoTime(event)) {
      this.#refuse(event, { stampUs, tUs }, taken)
      return
    }
    this.#refusedUs = undefined
    if (stampUs === tUs) taken.push(message)
    else {
      if (isTaken && !saysNoTime(event)) this.#tally.remark(BEFORE, this.#placeOf(stampUs))
      taken.push({ tUs, event: lagging(event, tUs - stampUs) })
    }
  }

  #refuse(event: FeedEvent, { stampUs, tUs }: { stampUs: number; tUs: number }, to: FeedInput[]) {
    const { guard, listing } = this.#tally
    if (guard.lastUs === undefined) this.#wrong++
    this.#wrongUs ||= stampUs
    if (stampUs !== this.#refusedUs) {
      this.#refusedUs = stampUs
      this.#tally.remark(REFUSED, this.#placeOf(stampUs))
      const facts = {
        feed: listing.named('recording'),
        stamp: stampUs,
        last: tUs,
        bound: guard.boundUs,
      }
      to.push({ tUs, event: StampRefused.make(facts) })
    }
    const why = 'a message was refused for its stamp'
    for (const token of tokensOf(event))
      to.push({ tUs, event: BookIncomplete.make({ token, why }) })
  }

  #placeOf(stampUs: number): string {
    return `${this.#tally.file}: ${timeText(stampUs)}`
  }

  #allWrong(): never {
    throw noTime(timeText(this.#wrongUs), this.#tally.file)
  }
}

/** What an importer says by itself, whatever the stamp of the message that made it do so. */
const saysNoTime = ({ type }: FeedEvent): boolean =>
  type === 'MarketListed' ||
  type === 'TokenListed' ||
  type === 'GroupListed' ||
  type === 'BookHashesChecked' ||
  type === 'BookHashDiffers' ||
  type === 'BookHashAgrees' ||
  type === 'BookIncomplete'

/** The books that lack something without this event. */
function tokensOf(event: FeedEvent): readonly number[] {
  if (event.type === 'BookChanged')
    return [...new Set(event.data.d.filter((_, k) => k % CHANGE === 0))]
  if (event.type === 'BookSnapshot' || event.type === 'TickSizeChanged') return [event.data.token]
  return []
}

/** A stamp as a person reads it; beyond what a calendar holds its number. */
const timeText = (tUs: number): string =>
  Math.abs(tUs) <= 8.64e18 ? new Date(tUs / 1_000).toISOString() : `${tUs} µs`
