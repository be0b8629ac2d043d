import * as t from 'io-ts'
import * as E from 'fp-ts/lib/Either.js'
import { failuresOf } from '#schemas/failures.js'
import { METRICS } from '#schemas/rule-codecs.js'
import { RULE_TYPES, type RuleType } from '#engine/strategies/rules/registry.js'
import { field, fieldsOf, RULE_NAMES, type Field, type Unit } from './fields.js'
import { EXPECTED, READ, scaled } from './units.js'

const Type = t.keyof(
  Object.fromEntries(RULE_NAMES.map(name => [name, null])) as Record<RuleType, null>,
  RULE_NAMES.join(', '),
)
const Level = t.keyof({ P1: null, P2: null, P3: null }, 'P1, P2 or P3')
const Mode = t.keyof({ manual: null, auto: null }, 'manual or auto')
const Words = t.readonlyArray(t.string, 'list of words')
const Weights = t.record(t.string, t.number, `{ ${METRICS.join(', ')} } with numbers`)

/** A rule as its file says it. */
export const RuleFile = t.exact(
  t.intersection(
    [
      t.type({ type: Type, name: t.string }),
      t.partial({
        enabled: t.boolean,
        version: t.Int,
        mode: Mode,
        params: t.record(t.string, t.unknown),
        thresholds: t.record(t.string, t.unknown),
        dedupe: t.exact(t.partial({ cooldown_secs: t.number })),
        noise_filter: t.exact(t.partial({ hold_secs: t.number, spread_max_bps: t.number })),
        scope: t.exact(t.partial({ markets: Words, keywords: Words, exclude: Words })),
        outputs: t.exact(
          t.partial({
            level: Level,
            score: t.exact(t.partial({ base: t.number, weights: Weights })),
          }),
        ),
      }),
    ],
    'rule',
  ),
)
export type RuleFile = t.TypeOf<typeof RuleFile>

/** Keys that a rule may have at its top, and in the sections that are closed. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  '': [
    'type',
    'name',
    'enabled',
    'version',
    'mode',
    'params',
    'thresholds',
    'dedupe',
    'noise_filter',
    'scope',
    'outputs',
  ],
  dedupe: ['cooldown_secs'],
  noise_filter: ['hold_secs', 'spread_max_bps'],
  scope: ['markets', 'keywords', 'exclude'],
  outputs: ['level', 'score'],
}

/** An instance of a rule's strategy, as the configuration holds it. */
export interface RuleInstance {
  readonly id: string
  readonly strategy: string
  readonly params: Readonly<Record<string, unknown>>
}

/** What is wrong with a rule, where in it, and what was expected. */
export interface RuleFault {
  readonly message: string
  readonly where: string
  readonly expected: string
}

/** A rule from what its file holds; undefined where it is not enabled. */
export function ruleOf(value: unknown): E.Either<RuleFault, RuleInstance | undefined> {
  const unknown = unknownKey(value)
  if (unknown) return E.left(unknown)
  const decoded = RuleFile.decode(value)
  if (E.isLeft(decoded)) {
    const why = failuresOf(decoded.left)
    return fault(`it is no rule: ${why}`, 'rule', 'type, name, params, dedupe, scope, outputs')
  }
  const { type, name, enabled = true, ...rest } = decoded.right
  const id = slugOf(name)
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(id) || /^[sqc]\d/.test(id))
    return fault(
      `'${name}' gives no name for it`,
      'name',
      'letters, digits and spaces, at most 32, a letter first',
    )
  const params = paramsOf(type, rest)
  if (E.isLeft(params)) return params
  return E.right(
    enabled ? { id, strategy: RULE_TYPES[type].name, params: params.right } : undefined,
  )
}

/** A rule's name as the id of its instance. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')

const fault = (message: string, where: string, expected: string): E.Either<RuleFault, never> =>
  E.left({ message, where, expected })

function unknownKey(value: unknown): RuleFault | undefined {
  for (const [section, keys] of Object.entries(KNOWN)) {
    const object = section === '' ? value : (value as Record<string, unknown> | null)?.[section]
    if (object === undefined || object === null) continue
    if (typeof object !== 'object' || Array.isArray(object)) continue // the codec says so
    const extra = Object.keys(object).find(name => !keys.includes(name))
    if (extra === undefined) continue
    const where = section === '' ? extra : `${section}.${extra}`
    return { message: `'${extra}' is no key of a rule`, where, expected: keys.join(', ') }
  }
  return undefined
}

function paramsOf(
  type: RuleType,
  rule: Omit<RuleFile, 'type' | 'name' | 'enabled'>,
): E.Either<RuleFault, Readonly<Record<string, unknown>>> {
  const fields = fieldsOf(type)
  const made: Record<string, unknown> = {}
  const said: [where: string, of: Field, value: unknown][] = []
  for (const section of ['params', 'thresholds'] as const)
    for (const [name, value] of Object.entries(rule[section] ?? {})) {
      const of = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (!of)
        return fault(
          `${type} has no '${name}'`,
          `${section}.${name}`,
          Object.keys(fields).join(', '),
        )
      said.push([`${section}.${name}`, of, value])
    }
  const { dedupe, noise_filter: noise, scope, outputs, mode, version } = rule
  const also = (where: string, param: string, unit: Unit, value: unknown): void => {
    if (value !== undefined) said.push([where, field(param, unit, ''), value])
  }
  also('dedupe.cooldown_secs', 'cooldown_ms', 'secs', dedupe?.cooldown_secs)
  also('noise_filter.hold_secs', 'hold_for_ms', 'secs', noise?.hold_secs)
  also('noise_filter.spread_max_bps', 'spread_max_bps', 'count', noise?.spread_max_bps)
  also('version', 'version', 'count', version)
  also('outputs.score.base', 'base', 'count', outputs?.score?.base)
  for (const name of ['markets', 'keywords', 'exclude'] as const)
    also(`scope.${name}`, name, 'words', scope?.[name])
  for (const [where, { param, unit }, value] of said) {
    const read = READ[unit](value)
    const codec = RULE_TYPES[type].params[param]?.codec
    if (read === undefined || codec?.is(read) !== true) {
      const range = codec ? `, as ${param} (${codec.name})` : ''
      return fault(`it is ${JSON.stringify(value)}`, where, `${EXPECTED[unit]}${range}`)
    }
    made[param] = read
  }
  if (mode !== undefined) made['mode'] = mode
  if (outputs?.level !== undefined) made['level'] = outputs.level
  const weights = weightsOf(outputs?.score?.weights)
  if (E.isLeft(weights)) return weights
  if (weights.right) made['weights'] = weights.right
  return E.right(made)
}

function weightsOf(
  weights: Readonly<Record<string, number>> | undefined,
): E.Either<RuleFault, Readonly<Record<string, number>> | undefined> {
  if (weights === undefined) return E.right(undefined)
  const own: Record<string, number> = {}
  for (const [name, weight] of Object.entries(weights)) {
    const where = `outputs.score.weights.${name}`
    const hundredths = scaled(weight, 100)
    if (!METRICS.some(metric => metric === name))
      return fault(`'${name}' is no metric`, where, METRICS.join(', '))
    if (hundredths === undefined || hundredths < 0)
      return fault(`it is ${weight}`, where, 'a number ≥ 0 with at most two decimals')
    own[name] = hundredths
  }
  return E.right(own)
}
