import { FeedFault } from '../feed.js'

/** When every simulated run begins, µs since the epoch (2026-05-28T20:26:40Z): a constant, never the clock. */
export const SIM_START_US = 1_780_000_000_000_000

/** What happens once in a run, when its share of the run is over. */
export type IncidentName =
  | 'upset'
  | 'lose-feed'
  | 'refine-tick'
  | 'regime'
  | 'silence'
  | 'misprice'
  | 'cross'
  | 'pull'
  | 'resolve'

/** An incident: when (share of the run, 0 … 1), what, and to which market (index) where it is about one. */
export type Incident = readonly [share: number, what: IncidentName, market?: number]

/** A simulated market of a scenario: its first price and its rules. */
export interface MarketPlan {
  readonly question: string
  /** Price step, 1e-4 dollar. */
  readonly tick: number
  /** First price of YES, 1e-4 dollar. */
  readonly start: number
  /** Taker fee rate, bps; exponent 1. */
  readonly feeRate: number
  /** Key of the group that it is an outcome of. */
  readonly group?: string
  /** When it is to be decided, s after the run's beginning; absent: nobody says. */
  readonly endsAfterS?: number
  /** Of a hundred moves of its price so many go up; absent: half of them. */
  readonly ups?: number
}

/** An event with several outcomes, of which exactly one pays. */
export interface GroupPlan {
  readonly key: string
  readonly title: string
  /** Whether the venue may still split an outcome: then no set of it is complete. */
  readonly growing: boolean
}

/** A simulated market by name: what happens in it, and how often. */
export interface Scenario {
  readonly name: string
  /** One line for help and error messages. */
  readonly summary: string
  /** Mispricings per million inputs, where the caller does not say. */
  readonly mispricingsPerMillion: number
  /** One mispricing in so many is a deep one, in a market of fine ticks; 0: none. */
  readonly deepOneIn: number
  /** Inputs in a run, where the caller does not say. */
  readonly events: number
  /** Strategies that it is made for, where the caller names none. */
  readonly strategies?: readonly string[]
  readonly markets: readonly MarketPlan[]
  readonly groups: readonly GroupPlan[]
  readonly incidents: readonly Incident[]
}

/** Markets that stand alone: no arithmetic across them holds. */
const BINARY: readonly MarketPlan[] = [
  { question: 'Will the first harbour open this year?', tick: 100, start: 5_200, feeRate: 400 },
  { question: 'Will the north bridge be closed?', tick: 10, start: 4_130, feeRate: 500 },
  { question: 'Will the record of the marathon fall?', tick: 100, start: 3_400, feeRate: 0 },
  { question: 'Will the index end above its open?', tick: 10, start: 6_050, feeRate: 700 },
  { question: 'Will the visitors win the final?', tick: 100, start: 6_700, feeRate: 500 },
  { question: 'Will the vote be repeated?', tick: 10, start: 2_480, feeRate: 0 },
]

/** Markets of which four are nearly decided and one is far from it; the incidents of `closing` decide them. */
const CLOSING: readonly MarketPlan[] = [
  { question: 'Will the ferry arrive today?', start: 9_600, endsAfterS: 700, ups: 56 },
  { question: 'Will the strike end today?', start: 9_500, endsAfterS: 760, ups: 54 },
  { question: 'Will the gate stay open today?', start: 9_550, endsAfterS: 780, ups: 52 },
  { question: 'Will the vote be close?', start: 9_300, endsAfterS: 800, ups: 60 },
  { question: 'Will the tower be lit?', start: 9_000, endsAfterS: 820, ups: 62 },
  { question: 'Will the bridge be sold?', start: 6_400, endsAfterS: 6_000, ups: 50 },
].map(plan => ({ ...plan, tick: 10, feeRate: 0 }))

const council = (question: string, start: number): MarketPlan => {
  return { question, tick: 10, start, feeRate: 200, group: 'council-chair' }
}
const award = (question: string, start: number): MarketPlan => {
  return { question, tick: 100, start, feeRate: 0, group: 'film-award' }
}
/** Outcomes of two events: all four of the one; three of the other, whose "Other" may still be split. */
const OUTCOMES: readonly MarketPlan[] = [
  council('Will Aalto chair the council?', 4_000),
  council('Will Brandt chair the council?', 3_000),
  council('Will Castro chair the council?', 1_800),
  council('Will nobody chair the council?', 1_200),
  award('Will the long film win the award?', 4_600),
  award('Will the short film win the award?', 3_400),
  award('Will another film win the award?', 2_000),
]
const GROUPS: readonly GroupPlan[] = [
  { key: 'council-chair', title: 'Who will chair the council?', growing: false },
  { key: 'film-award', title: 'Which film will win the award?', growing: true },
]

const INCIDENTS: readonly Incident[] = [
  [0.4, 'lose-feed'],
  [0.6, 'refine-tick', 2],
  [0.94, 'resolve', 4],
  [0.97, 'resolve', 5],
]

const parity = { deepOneIn: 0, markets: BINARY, groups: [], incidents: INCIDENTS, events: 20_000 }

/** All scenarios, in the order of help texts. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...parity,
    name: 'parity',
    summary: 'six binary markets for a quarter of an hour, a handful of mispricings, one lost feed',
    mispricingsPerMillion: 400,
  },
  {
    ...parity,
    name: 'parity-busy',
    summary: 'the same markets, a mispricing every few seconds',
    mispricingsPerMillion: 5_000,
  },
  {
    ...parity,
    name: 'parity-quiet',
    summary: 'the same markets without any mispricing',
    mispricingsPerMillion: 0,
  },
  {
    name: 'mixed',
    summary:
      'binary markets and two events of several outcomes: busy spells, a silent, a crossed and a lost feed, a side that is pulled, resolution',
    mispricingsPerMillion: 900,
    deepOneIn: 4,
    events: 20_000,
    markets: [...BINARY, ...OUTCOMES],
    groups: GROUPS,
    incidents: [
      [0.12, 'misprice', 6],
      [0.2, 'regime'],
      [0.26, 'silence', 1],
      [0.275, 'misprice', 1],
      [0.33, 'misprice', 10],
      [0.4, 'lose-feed'],
      [0.5, 'cross', 3],
      [0.6, 'refine-tick', 2],
      [0.7, 'misprice', 7],
      [0.9, 'pull', 0],
      [0.93, 'misprice', 3],
      [0.94, 'resolve', 4],
      [0.96, 'resolve', 6],
      [0.97, 'resolve', 5],
    ],
  },
  {
    ...parity,
    name: 'quoting',
    summary: 'the same binary markets, quoted on both sides by a plain market maker',
    mispricingsPerMillion: 100,
    incidents: [
      [0.4, 'lose-feed'],
      [0.6, 'refine-tick', 2],
      [0.94, 'resolve', 4],
    ],
    strategies: ['quoting'],
  },
  {
    name: 'closing',
    summary: 'markets that are nearly decided, in their last quarter of an hour; one of them turns',
    mispricingsPerMillion: 0,
    deepOneIn: 0,
    events: 20_000,
    markets: CLOSING,
    groups: [],
    incidents: [
      [0.55, 'upset', 1],
      [0.8, 'resolve', 0],
      [0.84, 'resolve', 1],
      [0.88, 'resolve', 2],
      [0.92, 'resolve', 3],
      [0.96, 'resolve', 4],
    ],
    strategies: ['bond', 'tail'],
  },
  {
    name: 'venue',
    summary: 'two hundred markets, binary and of several outcomes, for as long as you like',
    mispricingsPerMillion: 1_000,
    deepOneIn: 1,
    events: 100_000,
    ...venueOf(160, 10),
    incidents: [
      [0.1, 'regime'],
      [0.3, 'lose-feed'],
      [0.45, 'refine-tick', 2],
      [0.5, 'cross', 3],
      [0.7, 'lose-feed'],
      [0.9, 'resolve', 4],
      [0.92, 'resolve', 160],
    ],
  },
  {
    name: 'exchange',
    summary: 'a thousand markets (two thousand tokens) of the same kinds, for load',
    mispricingsPerMillion: 1_000,
    deepOneIn: 1,
    events: 200_000,
    ...venueOf(800, 50),
    incidents: [
      [0.1, 'regime'],
      [0.6, 'lose-feed'],
    ],
  },
]

/** The scenario of a name, or a fault that tells the names. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find(scenario => scenario.name === name)
  if (found) return found
  const names = SCENARIOS.map(scenario => scenario.name).join(', ')
  throw new FeedFault(`there is no scenario "${name}"`, `sim:${name}`, `one of ${names}`)
}

/** So many binary markets over the whole range of prices, then so many events of four outcomes. */
function venueOf(binaries: number, events: number): Pick<Scenario, 'markets' | 'groups'> {
  const fees = [0, 400, 500, 700]
  const binary = Array.from({ length: binaries }, (_, i) => ({
    question: `Binary question ${i + 1}`,
    tick: i % 2 === 0 ? 100 : 10,
    start: 2_000 + ((i * 370) % 6_000),
    feeRate: fees[i % 4] ?? 0,
  }))
  const groups = Array.from({ length: events }, (_, g) => {
    return { key: `event-${g + 1}`, title: `Event ${g + 1}`, growing: g % 5 === 4 }
  })
  const outcomes = [4_000, 3_000, 1_800, 1_200].map((start, i) => [i, start] as const)
  const grouped = groups.flatMap(({ key }, g) =>
    outcomes.map(([i, start]) => {
      return {
        question: `Event ${g + 1}, outcome ${i + 1}`,
        tick: 10,
        start,
        feeRate: 0,
        group: key,
      }
    }),
  )
  return { markets: [...binary, ...grouped], groups }
}
