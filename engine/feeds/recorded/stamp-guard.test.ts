import t from 'tap'
import { StampGuard } from './stamp-guard.js'

const START = 1_786_000_000_000_000
const seconds = (n: number): number => START + n * 1_000_000
const guard = (): StampGuard<number> => new StampGuard({ latestUs: seconds(1_000_000_000) })

/** What becomes of messages with these stamps, in seconds: those taken with their time, and those refused. */
function judged(stamps: readonly number[], states: readonly number[] = []) {
  const one = guard()
  const all = stamps.flatMap((at, k) =>
    one.take({
      message: k,
      stampUs: seconds(at),
      isState: states.includes(k),
      tellsTime: !states.includes(k),
    }),
  )
  const done = [...all, ...one.end()]
  t.same(
    done.map(({ message }) => message).sort((a, b) => a - b),
    stamps.map((_, k) => k),
    'each message is decided once',
  )
  const taken = done.filter(({ isTaken }) => isTaken)
  return {
    taken: taken.map(({ message }) => message),
    times: taken.map(({ tUs }) => (tUs - START) / 1_000_000),
    refused: done.filter(({ isTaken }) => !isTaken).map(({ message }) => message),
  }
}

t.test('a stamp that leaps alone is refused, wherever it stands', async t => {
  for (const leap of [600, 3_600, 90_000_000]) {
    t.same(judged([0, 1, leap, 2, 3]).refused, [2])
    t.same(judged([0, 1, leap, leap + 1, 2, 3, 4]).refused, [2, 3], 'two in a row')
    t.same(judged([leap, 0, 1, 2, 3]).refused, [0], 'the first of all')
  }
})

t.test('a long quiet night is no leap', async t => {
  t.same(judged([0, 1, 30_000, 30_001, 30_002, 30_003]).refused, [])
  t.same(judged([0, 600, 1_200]).times, [0, 600, 1_200], 'polls far apart')
  t.same(judged([0, 30_000]).refused, [], 'nothing follows that contradicts it')
})

t.test(
  'steps back within the bound are taken at the time so far, further ones refused',
  async t => {
    t.same(judged([0, 30, 29, 31]).times, [0, 30, 30, 31])
    t.same(judged([0, 100, 101, 102, 30, 103]).refused, [4])
  },
)

t.test('a whole book may be as old as its last change, and tells no time', async t => {
  t.same(judged([200, 0, 50, 201], [0, 1, 2]).times, [200, 200, 200, 201])
  t.same(judged([0, 1, 5_000, 2], [2]).refused, [2], 'but not from the future')
})

t.test('a stamp of no possible time is refused', async t => {
  t.same(judged([0, 1, 2_000_000_000, 2, 3]).refused, [2])
  t.same(judged([2_000_000_000, 0, 1]).times, [0, 1], 'the first of all too')
})
