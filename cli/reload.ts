import { ConfigChanged } from '#schemas/events/run.js'
import { decisionPart, type Config, type DecisionConfig } from '#schemas/config.js'
import { codeOf } from '#engine/run/instances.js'
import type { Strategies } from '#engine/strategies/registry.js'
import type { OperatorEvent } from '#engine/run/operator-queue.js'
import { Refusal, type Values } from './command.js'
import { digestOf, loadConfig } from './config.js'
import { forScenario } from './scenario-config.js'
import { strategiesOf } from './strategies/own.js'

/**
 * Reads the configuration of a running process anew: its file, variables and the words that it was started with. Throws a
 * Refusal where it does not fit, and then nothing has changed.
 */
export class Reload {
  readonly #values: Values
  readonly #source: string
  /** What the engine was made with: code that came since is not in it, or in the log. */
  readonly #strategies: Strategies
  #now: DecisionConfig

  /** `source` as in `RunStarted`: a scenario has strategies that it is made for. */
  constructor(values: Values, source: string, config: Config) {
    this.#values = values
    this.#source = source
    const { names, instances } = config.strategy
    const run = new Set([...names, ...instances.map(({ strategy }) => strategy)])
    const all = Object.entries(strategiesOf(config))
    this.#strategies = Object.fromEntries(
      all.filter(([name, { code }]) => code === undefined || run.has(name)),
    )
    this.#now = decisionPart(config)
  }

  /** The event that brings what is other than it was; nothing where all is the same. */
  async next(by: string): Promise<OperatorEvent | undefined> {
    const read = forScenario(loadConfig(this.#values), this.#source)
    const config = decisionPart(read)
    this.#requireCode(read)
    const changed = differing(this.#now, config)
    if (changed.length === 0) return undefined
    this.#now = config
    return ConfigChanged.make({ config, digest: await digestOf(config), changed, by })
  }

  /** A Refusal where a strategy from a file is not the one that the run began with. */
  #requireCode(config: Config): void {
    const { names, instances } = config.strategy
    const known = strategiesOf(config)
    for (const name of [...names, ...instances.map(({ strategy }) => strategy)]) {
      const [was, is] = [this.#strategies[name], known[name]]
      if (!is || (was && was.code === is.code)) continue
      throw new Refusal(
        'other-code',
        `the run did not begin with ${codeOf(is)}${was ? `, but with ${codeOf(was)}` : ''}`,
        'strategy',
        'strategies that it began with; other code needs a run of its own',
      )
    }
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
