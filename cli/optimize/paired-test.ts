import { prng } from '#engine/feeds/simulator/prng.js'
import type { Outcome, Trial } from './trial.js'

/** How sure one has to be that a difference is no chance, were there one candidate: 1e-6. */
const LEVEL = 50_000
/** Times that signs are drawn, at least; and for each candidate, so that the corrected level can be reached at all. */
const [DRAWS_MIN, DRAWS_EACH] = [20_000, 40]
/** Signs are drawn from here: the same data give the same answer. */
const SEED = 7
const ONE = 1_000_000

/** Whether one configuration earned more than another by more than chance. */
export interface PairedTest {
  /** Signals, or markets, that the two did not earn the same with. */
  readonly pairs: number
  /** What all of them differ by, 1e-6 dollar; positive: the first earned more. */
  readonly difference: number
  /** The same without the fold that is best for the first. */
  readonly withoutBestFold: number
  /** Part of the draws in which chance alone does as well, 1e-6, rounded up. */
  readonly chance: number
  /** The most that it may be: 5 % for all candidates together. */
  readonly chanceMax: number
}

/**
 * Compares two configurations signal by signal over the same folds. Were there nothing between them, each difference could as
 * well have had the other sign: signs are drawn, and it is counted how often chance does as well. A few differences can never
 * pass: eight of one sign have one chance in 256. What the other one wanted while a stop or a gate kept all of its signals back
 * never counts for the first, only against it: one loss closes a gate, and all that is then missed is one event of chance.
 */
export function pairedTest(
  first: readonly Trial[],
  other: readonly Trial[],
  candidates: number,
): PairedTest {
  const folds = first.map((trial, k) => differences(trial.outcomes, other[k]?.outcomes ?? []))
  const sums = folds.map(total)
  const all = folds.flat()
  const difference = total(sums)
  const best = sums.length === 0 ? 0 : Math.max(...sums)
  const chanceMax = Math.floor(LEVEL / Math.max(1, candidates))
  const draws = Math.max(DRAWS_MIN, DRAWS_EACH * candidates)
  const chance = all.length === 0 || difference <= 0 ? ONE : chanceOf(all, difference, draws)
  return { pairs: all.length, difference, withoutBestFold: difference - best, chance, chanceMax }
}

/** What is not the same, in the order of the first and then of the other. */
function differences(first: readonly Outcome[], other: readonly Outcome[]): number[] {
  const left = new Map(other.map(of => [of.key, of]))
  const found = first.map(({ key, profit }) => {
    const against = left.get(key)
    left.delete(key)
    const by = profit - (against?.profit ?? 0)
    return against?.isHeldBack === true ? Math.min(0, by) : by
  })
  const missed = [...left.values()].map(({ profit }) => 0 - profit)
  return [...found, ...missed].filter(by => by !== 0)
}

function chanceOf(all: readonly number[], difference: number, draws: number): number {
  const random = prng(SEED, 'paired-test')
  let asGood = 1 // as it came out is one of the ways
  for (let draw = 0; draw < draws; draw++) {
    let [sum, bits] = [0, 0]
    for (let k = 0; k < all.length; k++) {
      bits = k % 32 === 0 ? random.next() : bits >>> 1
      sum += (bits & 1) === 1 ? all[k]! : -all[k]!
    }
    if (sum >= difference) asGood++
  }
  return Math.ceil((asGood * ONE) / (draws + 1))
}

const total = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0)
