import { setImmediate } from 'node:timers/promises'
import type { Feed, FeedInput, Opening } from '../feed.js'
import { SIM_START_US, scenarioNamed } from './scenario.js'
import { advance, loadSimulation, saveSimulation, simulation } from './simulation.js'
import type { Simulation } from './simulation.js'

/** Inputs per batch: enough to make a batch cheap, few enough to stop soon. An act adds few, the opening of a thousand markets 5,050. */
const BATCH = 1_024

/** What to simulate. The same options give the same inputs, on every machine. */
export interface SimulatorOptions {
  /** A name of `SCENARIOS`. */
  readonly scenario: string
  readonly seed: number
  /** Exact number of inputs; the scenario's own where neither length is given. */
  readonly events?: number | undefined
  /** Length in simulated milliseconds, instead of `events`. */
  readonly durationMs?: number | undefined
  /** Mispricings per million inputs, instead of the scenario's own. */
  readonly mispricingsPerMillion?: number | undefined
}

/** A seeded market of binary outcomes. Throws a `FeedFault` on an unknown scenario. Memory does not grow with length. */
export function simulatorFeed(options: SimulatorOptions): Feed {
  const scenario = scenarioNamed(options.scenario)
  const rate = options.mispricingsPerMillion ?? scenario.mispricingsPerMillion
  const byTime = options.durationMs !== undefined && options.events === undefined
  const limit = byTime ? (options.durationMs ?? 0) * 1_000 : (options.events ?? scenario.events)
  let opened: Simulation | undefined
  return { source: `sim:${scenario.name}`, open, save: () => opened && saveSimulation(opened) }

  async function* open({
    signal,
    instruments,
    place,
  }: Opening): AsyncGenerator<readonly FeedInput[]> {
    if (limit <= 0) return
    let batch: FeedInput[] = []
    const sim = simulation({
      scenario,
      seed: options.seed,
      instruments,
      mispricingsPerMillion: rate,
      say: input => batch.push(input),
    })
    opened = sim
    if (place) {
      // What `save` of a feed with these options gave.
      loadSimulation(sim, place.saved as ReturnType<typeof saveSimulation>)
      batch = []
    }
    const done = (): number => (byTime ? sim.tUs - SIM_START_US : sim.said)
    while (!signal.aborted) {
      while (batch.length < BATCH && done() < limit) advance(sim, done() / limit, rate)
      const isLast = done() >= limit
      const over = isLast && !byTime ? sim.said - limit : 0
      if (over > 0) batch.length -= over // the last act may say a little more than was asked for
      const said = byTime ? batch.filter(({ tUs }) => tUs - SIM_START_US <= limit) : batch
      if (said.length > 0) yield said
      if (isLast) return
      batch = []
      await setImmediate() // lets a signal in between batches
    }
  }
}
