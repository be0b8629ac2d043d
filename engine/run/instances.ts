import assert from 'node:assert'
import type { DecisionConfig } from '#schemas/config.js'
import type { Instance as Recorded } from '#schemas/events/run.js'
import { SHARED } from '#engine/risk/purses.js'
import type { Turn } from '#engine/core/turn.js'
import type { Strategies } from '#engine/strategies/registry.js'
import type { Context, Running, Strategy } from '#engine/strategies/strategy.js'

/** Most instances of one run: the numbers of signals leave room for so many. */
export const INSTANCES_MAX = 64

/** One instance as the configuration says it: what is remade when any of it changes. */
export interface InstancePlan {
  readonly id: string
  readonly strategy: string
  readonly scope: string
  /** Name and version of its strategy's code. */
  readonly code: string
  readonly params: Readonly<Record<string, unknown>>
}

/** An instance that runs. */
export interface Instance extends InstancePlan {
  /** Its place among all instances that this run ever had: ids of its signals come from it. */
  readonly slot: number
  readonly running: Running
  readonly context: Context
  /** Whether what its strategy earns depends on the outcome. */
  readonly isDirectional: boolean
  /** Signals raised at the last ordinal. */
  ordinal: number
  signals: number
}

/** The instances that a configuration names: each of `strategy.names`, then each of `strategy.instances`. */
export function plansOf(config: DecisionConfig, known: Strategies): InstancePlan[] {
  const { names, instances } = config.strategy
  const sections = config as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  const plan = (of: (typeof instances)[number]): InstancePlan => {
    const { id, strategy } = of
    const made = known[strategy]
    assert(made, `Invariant: a run starts with known strategies only, not '${strategy}'`)
    const scope = of.scope ?? (config.risk.scope === 'instance' ? id : SHARED)
    const code = codeOf(made)
    const params = { ...defaultsOf(made), ...sections[strategy], ...of.params }
    return { id, strategy, scope, code, params }
  }
  return [...names.map(name => ({ id: name, strategy: name })), ...instances].map(plan)
}

/** The code of a strategy as the log names it: name, version and, where it came from a file, the digest of that. */
export const codeOf = ({ name, version, code }: Strategy): string =>
  `${name}.${version}${code === undefined ? '' : `@${code}`}`

/** The instances of a configuration as `RunStarted` names them. */
export const instancesOf = (config: DecisionConfig, known: Strategies): readonly Recorded[] =>
  plansOf(config, known).map(({ id, strategy, scope, code }) => ({ id, strategy, scope, code }))

/** What is wrong with the instances of a configuration: the key and what was expected; undefined where nothing is. */
export function faultIn(
  config: DecisionConfig,
  known: Strategies,
): { readonly where: string; readonly message: string; readonly expected: string } | undefined {
  const { names, instances } = config.strategy
  const all = [...names.map(name => ({ id: name, strategy: name })), ...instances]
  const ids = new Set<string>()
  for (const { id, strategy, ...rest } of all) {
    const where = 'params' in rest ? `strategy.instances ${id}` : 'strategy.names'
    const made = known[strategy]
    if (!made)
      return {
        where,
        message: `no strategy is called '${strategy}'`,
        expected: Object.keys(known).join(', '),
      }
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(id) || /^[sqc]\d/.test(id))
      return {
        where,
        message: `'${id}' cannot name an instance`,
        expected: 'a-z, 0-9 and -, not like the id of a signal or an order',
      }
    if (ids.has(id))
      return { where, message: `two instances are called '${id}'`, expected: 'an id each' }
    ids.add(id)
    const wrong = wrongParam(made, 'params' in rest ? rest.params : undefined)
    if (wrong) return { where, ...wrong }
  }
  if (all.length > INSTANCES_MAX)
    return {
      where: 'strategy',
      message: `${all.length} instances`,
      expected: `at most ${INSTANCES_MAX}`,
    }
  return undefined
}

function wrongParam(
  { name: strategy, params: table }: Strategy,
  params: Readonly<Record<string, unknown>> = {},
): { readonly message: string; readonly expected: string } | undefined {
  for (const [name, value] of Object.entries(params)) {
    const param = table[name]
    if (!param) {
      const expected = Object.keys(table).join(', ')
      return { message: `${strategy} has no parameter '${name}'`, expected }
    }
    if (!param.codec.is(value))
      return { message: `${name} is ${JSON.stringify(value)}`, expected: param.codec.name }
  }
  return undefined
}

/** What instances are made with. */
export interface Stage {
  readonly known: Strategies
  /** What an instance of this scope sees. */
  readonly contextOf: (scope: string) => Context
}

/** The instances of a run. A new configuration remakes those whose plan changed and leaves the others as they are. */
export class Instances {
  #all: readonly Instance[] = []
  readonly #byId = new Map<string, Instance>()
  /** Slots by id, for ever: an instance that comes back has its old one. */
  readonly #slots = new Map<string, number>()
  readonly #stage: Stage

  constructor(stage: Stage, config: DecisionConfig) {
    this.#stage = stage
    this.reconfigure(config)
  }

  get all(): readonly Instance[] {
    return this.#all
  }

  byId(id: string): Instance | undefined {
    return this.#byId.get(id)
  }

  /** The scopes of all instances, each once. */
  get scopes(): string[] {
    return [...new Set(this.#all.map(({ scope }) => scope))]
  }

  /**
   * Takes another configuration; answers the ids of instances that ended or were remade: those whose plan is another, or all
   * of them.
   */
  reconfigure(config: DecisionConfig, remakesAll = false): string[] {
    const plans = plansOf(config, this.#stage.known)
    const ended = new Set(this.#byId.keys())
    const next = plans.map(plan => {
      const known = this.#byId.get(plan.id)
      if (remakesAll || !known || textOf(known) !== textOf(plan)) return this.#start(plan)
      ended.delete(plan.id)
      return known
    })
    this.#all = next
    this.#byId.clear()
    for (const instance of next) this.#byId.set(instance.id, instance)
    return [...ended]
  }

  /** All that they remember, by id, for a checkpoint. */
  save() {
    const memories = this.#all.map(({ id, ordinal, signals, running }) => {
      return { id, ordinal, signals, memory: running.save() }
    })
    return { slots: this.#slots, memories }
  }

  /** Takes up a checkpoint of instances with the same configuration. */
  load({ slots, memories }: ReturnType<Instances['save']>): void {
    for (const [id, slot] of slots) this.#slots.set(id, slot)
    this.#all = this.#all.map(one => ({ ...one, slot: this.#slots.get(one.id) ?? one.slot }))
    for (const instance of this.#all) this.#byId.set(instance.id, instance)
    for (const { id, ordinal, signals, memory } of memories) {
      const instance = this.#byId.get(id)
      if (!instance) continue
      Object.assign(instance, { ordinal, signals })
      instance.running.load(memory)
    }
  }

  #start(plan: InstancePlan): Instance {
    const made = this.#stage.known[plan.strategy]
    assert(made, `Invariant: '${plan.strategy}' is a strategy`)
    const slot = this.#slots.get(plan.id) ?? this.#slots.size
    this.#slots.set(plan.id, slot)
    const running = made.start(plan.params)
    return {
      ...plan,
      slot,
      running,
      isDirectional: made.isDirectional,
      context: this.#stage.contextOf(plan.scope),
      ordinal: 0,
      signals: 0,
    }
  }
}

/** A number for a signal or single order: of the market input, the instance's slot, and how many it had there before. */
export function numbered(instance: Instance, turn: Turn): string {
  if (instance.ordinal !== turn.ordinal) instance.signals = 0
  instance.ordinal = turn.ordinal
  return `s${turn.ordinal}-${1 + instance.slot + INSTANCES_MAX * instance.signals++}`
}

const textOf = ({ id, strategy, scope, code, params }: InstancePlan): string =>
  JSON.stringify([id, strategy, scope, code, params])

/** What holds where neither the section of a strategy nor its instance says anything. */
const defaultsOf = ({ params }: Strategy): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(params).map(([name, { fallback }]) => [name, fallback]))
