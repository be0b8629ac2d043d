import type { Config } from '#schemas/config.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { Refusal } from '../command.js'
import { nearest } from '../format/nearest.js'

interface Named {
  readonly id: string
  readonly strategy: string
  readonly params?: Readonly<Record<string, unknown>>
}

/**
 * The sections of strategies from files, which no table of keys can know. What they say stands in the log as parameters of instances:
 * of the one that is called as the strategy in any case, of others where they do not say it themselves.
 */
export class OwnParams {
  readonly #strategies: Strategies
  readonly #said = new Map<string, Record<string, unknown>>()

  constructor(strategies: Strategies) {
    this.#strategies = strategies
  }

  /** Whether a section is that of a strategy from a file. */
  has(section: string): boolean {
    return this.#strategies[section]?.code !== undefined
  }

  set(section: string, { name, value, where }: { name: string; value: unknown; where: string }) {
    const params = this.#strategies[section]?.params ?? {}
    const param = Object.hasOwn(params, name) ? params[name] : undefined
    if (!param) {
      const near = nearest(name, Object.keys(params))
      const expected = near ? `did you mean ${section}.${near}?` : Object.keys(params).join(', ')
      throw new Refusal('config', `${section} has no parameter '${name}'`, where, expected)
    }
    if (!param.codec.is(value)) {
      const expected = `${param.codec.name} (${param.unit}): ${param.doc}`
      throw new Refusal('config', `${section}.${name} is ${JSON.stringify(value)}`, where, expected)
    }
    const said = this.#said.get(section) ?? {}
    said[name] = value
    this.#said.set(section, said)
  }

  /** A configuration with what was said in its instances; what is not said leaves it as it is. */
  within(config: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
    if (this.#said.size === 0) return config
    const { strategy = {} } = config
    const names = strategy['names'] as readonly string[] // by their codecs, as the instances
    const instances = strategy['instances'] as readonly Named[]
    const own = names.filter(name => this.#said.has(name))
    const all: readonly Named[] = [...own.map(id => ({ id, strategy: id })), ...instances]
    return {
      ...config,
      strategy: {
        ...strategy,
        names: names.filter(name => !this.#said.has(name)),
        instances: all.map(of => this.#with(of)),
      },
    }
  }

  #with(of: Named): Named {
    const said = this.#said.get(of.strategy)
    if (!said) return of
    const params = of.id === of.strategy ? { ...of.params, ...said } : { ...said, ...of.params }
    return { ...of, params }
  }
}

/** What a configuration holds of a section; of one of a strategy from a file, the parameters of its instance. */
export function sectionIn(config: Config, section: string): Readonly<Record<string, unknown>> {
  const known = config as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  return known[section] ?? config.strategy.instances.find(({ id }) => id === section)?.params ?? {}
}
