import assert from 'node:assert'
import * as E from 'fp-ts/lib/Either.js'
import { BID } from '#schemas/levels.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { answerTo, simulated } from '#compat/book-sim/book-sim.js'
import type { BookSimAnswer } from '#compat/book-sim/answer.js'
import { requestFrom } from '#compat/book-sim/request.js'
import { sweepRequest } from '#compat/book-sim/sweep-text.js'
import { sweepBook, type BookSweep, type Offer } from '#engine/gateways/sim/sweep.js'
import { loadAddon } from '#engine/native/addon.js'
import { hasBookSim } from '#compat/book-sim-program.js'
import { daemon, inText, processSweep, subprocess } from '#compat/process-sweep.js'
import type { Bench } from './question.js'
import { timings, type Contender } from './stopwatch.js'

const SEED = 7
/** Contenders take turns so often, a block of samples each: a plan seldom comes alone. */
const ROUNDS = 20
/** A process per plan takes milliseconds: it runs so many times less. */
const SLOWER = 50
const TEXT = 'as JSON text, to JSON text'
const WHOLE = 'one plan of two legs, to fills'
const ORDERS = 'as the exchange asks: two orders, each compared'

/** What does one paper plan of two legs cost, from the plan to its fills, by every backend? */
export const bench: Bench = {
  name: 'plan',
  question: 'What does one paper plan of two legs cost, from the plan to its fills?',
  events: 20,
  samples: 5_000,
  dominates:
    'In process the reading of decimals, where there are any; through a process two writes, two wake-ups and two reads, which cost more than both JSONs and the fills together; a process per plan is its start.',
  run: ({ events: levels, samples }, call) => {
    const offers = [1, 2].map(token => offerOf(token, levels))
    const { quick, slow, close } = contenders(offers)
    try {
      const all = [...quick, ...slow]
      const times = all.map((): number[] => [])
      for (let round = -1; round < ROUNDS; round++) {
        call.progress(`round ${round + 1} of ${ROUNDS}`)
        for (const [k, { run }] of all.entries()) {
          const wanted = Math.ceil(samples / ROUNDS / (k < quick.length ? 1 : SLOWER))
          const list = round < 0 ? [] : times[k]!
          for (let n = 0; n < wanted; n++) list.push(timed(run))
        }
      }
      return Promise.resolve({ contenders: timings(all, times), facts: FACTS })
    } finally {
      close()
    }
  },
}

/** What others published or were measured at: TYCT-tyct/Polaris on this class of machine, 2 × 20 levels, 2026-11. */
const FACTS = {
  'target in process': '10 µs p50',
  'target through a daemon': '60 µs p50',
  'the earlier bridge, p50': 'in process (pyo3) 79.6 µs, daemon 182 µs, process per plan 1,216 µs',
  events: 'levels of each snapshot',
}

/** A buy that reaches past the middle of its levels. */
function offerOf(token: number, levels: number): Offer {
  const random = prng(SEED, `leg ${token}`)
  const sizes = Array.from({ length: levels }, () => 1_000_000 + random.below(99_000_000))
  const size = sizes.slice(0, Math.ceil(levels / 2)).reduce((sum, one) => sum + one, 0) - 500_001
  return {
    order: `s1-1.${token}.1`,
    token,
    side: BID,
    limit: 4_500 + 10 * levels,
    size,
    tick: 10,
    levels: sizes.map((there, k) => ({ price: 4_500 + 10 * k, size: there })),
  }
}

function contenders(offers: readonly Offer[]) {
  const told = offers.map(inText)
  const text = sweepRequest(told)
  const exact = right(requestFrom(JSON.parse(text)))
  const wanted = JSON.stringify(simulated(exact))
  const agreed = (group: string, name: string, run: () => BookSimAnswer | string): Contender => {
    const answer = run()
    const said = typeof answer === 'string' ? answer : JSON.stringify(answer)
    assert.equal(said, wanted, `${name} agrees`)
    return { group, name, ops: 1, run }
  }
  const parsed = (answer: string): BookSimAnswer => JSON.parse(answer) as BookSimAnswer
  const spoken = (): string => JSON.stringify(right(answerTo(JSON.parse(text))))
  const quick = [
    agreed(WHOLE, 'TypeScript, in whole units', () => simulated(exact)),
    agreed(TEXT, 'TypeScript', spoken),
  ]
  const slow: Contender[] = []
  const addon = loadAddon()
  if (typeof addon !== 'string')
    quick.push(
      agreed(WHOLE, 'native addon', () => parsed(addon.simulatePaper(sweepRequest(told)))),
      agreed(TEXT, 'native addon', () => addon.simulatePaper(text)),
    )
  const sweeps = (name: string, sweep: BookSweep): Contender => {
    const takes = (): unknown => offers.map(sweep)
    assert.deepEqual(takes(), offers.map(sweepBook), `${name} agrees`)
    return { group: ORDERS, name, ops: 1, run: takes }
  }
  quick.push(sweeps('TypeScript', sweepBook))
  if (!hasBookSim()) return { quick, slow, close: () => undefined }
  const [stays, comes] = [daemon(), subprocess()]
  const asked = processSweep(daemon(), why => assert.fail(why))
  quick.push(
    agreed(WHOLE, 'daemon', () => parsed(stays.ask(sweepRequest(told)))),
    agreed(TEXT, 'daemon', () => stays.ask(text)),
    sweeps('daemon', asked.sweep),
  )
  slow.push(agreed(WHOLE, 'subprocess', () => parsed(comes.ask(sweepRequest(told)))))
  const close = (): void => {
    stays.close()
    asked.close()
  }
  return { quick, slow, close }
}

/** Nanoseconds of one call. */
function timed(run: () => unknown): number {
  const started = process.hrtime.bigint()
  run()
  return Number(process.hrtime.bigint() - started)
}

function right<A>(of: E.Either<string, A>): A {
  if (E.isLeft(of)) throw new Error(of.left)
  return of.right
}
