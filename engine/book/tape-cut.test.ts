import t from 'tap'
import { TradePrinted } from '#schemas/events/feed.js'
import { BookChanged, BookSnapshot } from '#schemas/events/feed.js'
import { ASK, BID } from '#schemas/levels.js'
import { price, shares } from '#schemas/units.js'
import { tapeOf } from '#engine/run/testing/one-by-one.js'
import { FOUND, TapeReader, type Tape } from './tape.js'
import { placesBehind, placesFrom, tapesBefore } from './tape-cut.js'

/** Inputs of every kind, a second apart; every third at the time of the one before. */
const inputs = Array.from({ length: 20 }, (_, k) => {
  const tUs = 1_000_000 * (k - (k % 3 === 2 ? 1 : 0))
  const kinds = [
    BookChanged.make({ d: [1, BID, 4_000 + k, 5_000_000, 0, 0] }),
    TradePrinted.make({ token: 1, side: ASK, price: price(4_000), size: shares(7), id: `t${k}` }),
    BookSnapshot.make({ token: 2, bids: [3_000 + k, 1_000_000], asks: [] }),
    BookChanged.make({ d: [1, BID, 1, 1, 0, 0, 2, ASK, 2, 2, 0, 0, 3, BID, 3, k, 0, 0] }),
  ]
  return { tUs, event: kinds[k % kinds.length]! }
})
const tapes = [inputs.slice(0, 7), [], inputs.slice(7, 8), inputs.slice(8)].map(tapeOf)

t.test('tapes are cut before any input, and what was before it is all that is left', async t => {
  const all = inputs.map((_, k) => k)
  const whole = timesOn(tapes)
  t.same(
    whole,
    inputs.map(({ tUs }) => tUs),
  )
  for (const [k, place] of placesBehind(tapes, all).entries()) {
    t.match(place, { inputs: k, nextUs: inputs[k]!.tUs })
    const before = tapesBefore(tapes, place)
    t.same(timesOn(before), whole.slice(0, k))
    t.equal(
      before.reduce((sum, of) => sum + of.inputs, 0),
      k,
    )
    const cut = tapes[place.tape]!
    const reader = new TapeReader().over(cut, place.at, place.tapeUs)
    t.not(reader.next(), FOUND.end)
    t.equal(reader.tUs, inputs[k]!.tUs, 'and from there it goes on in time')
  }
})

t.test('a time is the place of the first input at or behind it', async t => {
  const places = placesFrom(tapes, [0, 1, 1_000_000, 7_500_000, 99_000_000])
  t.same(
    places.map(place => place.inputs),
    [0, 1, 1, 9, 20],
  )
  t.equal(places[4]?.nextUs, Number.POSITIVE_INFINITY)
  t.same(timesOn(tapesBefore(tapes, places[4]!)), timesOn(tapes))
})

function timesOn(of: readonly Tape[]): number[] {
  return of.flatMap(tape => {
    const reader = new TapeReader().over(tape, 0, 0)
    const times: number[] = []
    while (reader.next() !== FOUND.end) times.push(reader.tUs)
    return times
  })
}
