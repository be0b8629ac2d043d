import { ConfigChanged } from '#schemas/events/run.js'
import { decisionPart, type DecisionConfig } from '#schemas/config.js'
import type { OperatorEvent } from '#engine/run/operator-queue.js'
import type { Values } from './command.js'
import { digestOf, loadConfig } from './config.js'
import { forScenario } from './scenario-config.js'

/**
 * Reads the configuration of a running process anew: its file, variables and the words that it was started with. Throws a
 * Refusal where it does not fit, and then nothing has changed.
 */
export class Reload {
  readonly #values: Values
  readonly #source: string
  #now: DecisionConfig

  /** `source` as in `RunStarted`: a scenario has strategies that it is made for. */
  constructor(values: Values, source: string, now: DecisionConfig) {
    this.#values = values
    this.#source = source
    this.#now = now
  }

  /** The event that brings what is other than it was; nothing where all is the same. */
  async next(by: string): Promise<OperatorEvent | undefined> {
    const config = decisionPart(forScenario(loadConfig(this.#values), this.#source))
    const changed = differing(this.#now, config)
    if (changed.length === 0) return undefined
    this.#now = config
    return ConfigChanged.make({ config, digest: await digestOf(config), changed, by })
  }
}

/** Keys whose values differ, as `section.key`. */
export function differing(before: DecisionConfig, after: DecisionConfig): string[] {
  const [old, now] = [before, after].map(
    config => config as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  )
  return Object.entries(now ?? {}).flatMap(([section, keys]) =>
    Object.entries(keys).flatMap(([key, value]) =>
      JSON.stringify(value) === JSON.stringify(old?.[section]?.[key]) ? [] : [`${section}.${key}`],
    ),
  )
}
