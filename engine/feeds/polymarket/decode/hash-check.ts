import { BookHashAgrees, BookHashDiffers, BookHashesChecked } from '#schemas/events/feed.js'
import type { FeedEvent } from '../../feed.js'
import { HashedBook, sha1 } from './book-hash.js'
import type { HashFacts } from '#engine/venues/venue.js'
import type { Preimage } from './book-hash.js'
import type { Tally } from '../../recorded/import-feed.js'

/** Counts are said this often, and at the end. */
const SAY_EVERY = 10_000
/** Why a hash is not judged: the message is not the last of its batch. */
const IN_BATCH = 'hash of a batch before its last message (not checked)'
/** Hashes of a token that may wait for its last trade price. */
const WAITING_MAX = 64

interface Waiting {
  readonly venue: string
  readonly timestamp: string
  readonly preimage: Preimage
  readonly ours: string
}

interface Checked {
  readonly book: HashedBook
  readonly token: number
  waiting: Waiting[]
  /** Whether a hash was said to differ and none has agreed since, nor a whole book come. */
  isSaid: boolean
  /** Whether a hash has agreed since the book was last forgotten. */
  hasAgreed: boolean
}

/**
 * Checks the venue's hashes of whole books. A hash covers the last trade price, which the venue sends after the books
 * that depend on it; so a hash that does not come out waits for the next print of its token before it is said to
 * differ. The venue cuts a batch of changes into messages with one time and one hash, that of the book behind the last: only
 * the last of such messages is judged. Owned by one import.
 */
export class HashCheck {
  private readonly tally: Tally
  private readonly say: (event: FeedEvent) => void
  private readonly byKey = new Map<string, Checked>()
  private resolved = 0
  /** A hash that waits for a print is said to differ once so much of the venue's time is over, ms; undefined: it waits for ever. */
  private readonly patienceMs: number | undefined

  constructor(tally: Tally, say: (event: FeedEvent) => void, patienceMs?: number) {
    this.tally = tally
    this.patienceMs = patienceMs
    this.say = say
  }

  /** The book of a token, made at first sight with the facts that are known of its market. */
  book(of: { market: string; key: string; token: number }, facts: HashFacts): HashedBook {
    const known = this.byKey.get(of.key)
    if (known) return known.book
    const book = new HashedBook(of.market, of.key, facts)
    this.byKey.set(of.key, { book, token: of.token, waiting: [], isSaid: false, hasAgreed: false })
    return book
  }

  /** Compares a hash with that of the book as it now stands. `isWhole`: the message restated the whole book. */
  check(key: string, hash: string, timestamp: string, isWhole: boolean): void {
    const checked = this.byKey.get(key)
    if (!checked?.book.isKnown) return
    const { book, waiting } = checked
    const preimage = book.preimage(timestamp)
    const ours = sha1(preimage(book.facts.lastTradePrice ?? ''))
    const isOurs = ours === hash || (isWhole && book.learn(timestamp, hash))
    book.isDoubted = !isOurs
    const before = waiting.at(-1)
    if (before?.venue === hash && before.timestamp === timestamp) {
      waiting.pop()
      this.tally.skip(IN_BATCH, timestamp)
    }
    if (isWhole) checked.isSaid = false
    this.expire(checked, Number(timestamp))
    if (isOurs) {
      this.agrees(checked)
      return
    }
    waiting.push({ venue: hash, timestamp, preimage, ours })
    if (waiting.length > WAITING_MAX) this.differs(checked, waiting.splice(0, 1))
  }

  /** The book of a token is not known any more, and what waited for its last price will never be judged. */
  forget(key: string): void {
    const checked = this.byKey.get(key)
    if (!checked) return
    checked.book.forget()
    checked.waiting = []
    checked.hasAgreed = false
  }

  /** Whether a hash of this token has agreed since its book was last forgotten. */
  hasAgreed(key: string): boolean {
    return this.byKey.get(key)?.hasAgreed === true
  }

  /** Hashes that may be resolved before the counts are said. */
  get left(): number {
    return SAY_EVERY - 1 - (this.resolved % SAY_EVERY)
  }

  /** So many hashes were checked elsewhere, and are the venue's; no more than are left. */
  passed(count: number): void {
    this.resolved += count
    this.tally.hashChecked += count
    this.tally.hashOk += count
  }

  /** A token traded: what waited for that price is decided. */
  traded(key: string, price: string): void {
    const checked = this.byKey.get(key)
    if (!checked) return
    const { book, waiting } = checked
    book.facts = { ...book.facts, lastTradePrice: price }
    checked.waiting = []
    for (const each of waiting)
      if (sha1(each.preimage(price)) === each.venue) this.agrees(checked)
      else this.differs(checked, [each])
  }

  /** It is this time at the venue, ms: hashes that waited too long for a print differ. */
  now(venueMs: number): void {
    for (const checked of this.byKey.values()) this.expire(checked, venueMs)
  }

  private expire(checked: Checked, venueMs: number): void {
    const { waiting } = checked
    if (this.patienceMs === undefined || waiting.length === 0) return
    const late = waiting.findIndex(
      ({ timestamp }) => Number(timestamp) + (this.patienceMs ?? 0) >= venueMs,
    )
    this.differs(checked, waiting.splice(0, late < 0 ? waiting.length : late))
  }

  /** The source is over: what still waits differs, and the counts are said. */
  end(): void {
    for (const checked of this.byKey.values()) this.differs(checked, checked.waiting.splice(0))
    if (this.resolved % SAY_EVERY !== 0 || this.resolved === 0) this.sayCounts()
  }

  /** A hash is ours: what differed before it is said now, and that it is over. */
  private agrees(checked: Checked): void {
    if (checked.waiting.length > 0) this.differs(checked, checked.waiting.splice(0))
    if (checked.isSaid) this.say(BookHashAgrees.make({ token: checked.token }))
    checked.isSaid = false
    checked.hasAgreed = true
    this.resolve(true)
  }

  private differs(checked: Checked, hashes: readonly Waiting[]): void {
    const { token } = checked
    for (const { venue, ours } of hashes) {
      this.say(BookHashDiffers.make({ token, venue, ours }))
      checked.isSaid = true
      this.resolve(false)
    }
  }

  private resolve(isOk: boolean): void {
    this.tally.hashChecked++
    if (isOk) this.tally.hashOk++
    if (++this.resolved % SAY_EVERY === 0) this.sayCounts()
  }

  private sayCounts(): void {
    const { hashChecked, hashOk } = this.tally
    this.say(BookHashesChecked.make({ checked: hashChecked, differed: hashChecked - hashOk }))
  }
}
