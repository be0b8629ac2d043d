import { FeedFault } from '../feed.js'

/** A simulated market by name: what happens in it, and how often. */
export interface Scenario {
  readonly name: string
  /** One line for help and error messages. */
  readonly summary: string
  /** Mispricings per million inputs, where the caller does not say. */
  readonly mispricingsPerMillion: number
  /** Inputs in a run, where the caller does not say. */
  readonly events: number
}

/** A simulated market of a scenario: its first price and its rules. */
export interface MarketPlan {
  readonly question: string
  /** Price step, 1e-4 dollar. */
  readonly tick: number
  /** First price of YES, 1e-4 dollar. */
  readonly start: number
  /** Taker fee rate, bps; exponent 1. */
  readonly feeRate: number
}

/** All scenarios, in the order of help texts. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'parity',
    summary: 'six binary markets for a quarter of an hour, a handful of mispricings, one lost feed',
    mispricingsPerMillion: 400,
    events: 20_000,
  },
  {
    name: 'parity-busy',
    summary: 'the same markets, a mispricing every few seconds',
    mispricingsPerMillion: 5_000,
    events: 20_000,
  },
  {
    name: 'parity-quiet',
    summary: 'the same markets without any mispricing',
    mispricingsPerMillion: 0,
    events: 20_000,
  },
]

/** The markets of every scenario. They stand alone: no group, so no arithmetic across markets holds. */
export const MARKETS: readonly MarketPlan[] = [
  { question: 'Will the first harbour open this year?', tick: 100, start: 5_200, feeRate: 400 },
  { question: 'Will the north bridge be closed?', tick: 10, start: 4_130, feeRate: 500 },
  { question: 'Will the record of the marathon fall?', tick: 100, start: 3_400, feeRate: 0 },
  { question: 'Will the index end above its open?', tick: 10, start: 6_050, feeRate: 700 },
  { question: 'Will the visitors win the final?', tick: 100, start: 6_700, feeRate: 500 },
  { question: 'Will the vote be repeated?', tick: 10, start: 2_480, feeRate: 0 },
]

/** The scenario of a name, or a fault that tells the names. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find(scenario => scenario.name === name)
  if (found) return found
  const names = SCENARIOS.map(scenario => scenario.name).join(', ')
  throw new FeedFault(`there is no scenario "${name}"`, `sim:${name}`, `one of ${names}`)
}
