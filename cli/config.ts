import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { blake3 } from 'hash-wasm'
import { parse, TomlError } from 'smol-toml'
import {
  Config,
  DecisionConfig,
  DECISION_KEYS,
  decisionPart,
  defaults,
  KEEPING_KEYS,
  type Key,
} from '#schemas/config.js'
import { toJson } from '#schemas/line/cold.js'
import { faultIn } from '#engine/run/instances.js'
import { ruleTypeOf } from '#engine/strategies/rules/registry.js'
import { Refusal, textOf, textsOf, type Values } from './command.js'
import { nearest } from './format/nearest.js'
import { environmentOf } from './old-settings/env-file.js'
import { isOldSetting, oldSettings, type OldSaid } from './old-settings/read.js'
import { rulesIn } from './rules/files.js'
import { OwnParams } from './strategies/own-params.js'
import { strategiesOf } from './strategies/own.js'

/** Where a configuration value came from. */
export type Origin = 'default' | 'file' | 'env' | 'flag'

/** A configuration with the origin of every key, by `section.key`. */
export interface Loaded {
  readonly config: Config
  readonly sources: Readonly<Record<string, Origin>>
  /** Variables of the earlier system that say nothing here. */
  readonly remarks?: readonly string[]
}

const SECTIONS: Readonly<Record<string, Readonly<Record<string, Key>>>> = {
  ...DECISION_KEYS,
  ...KEEPING_KEYS,
}
/** All keys as `section.key`. */
export const KEYS: Readonly<Record<string, Key>> = Object.fromEntries(
  Object.entries(SECTIONS).flatMap(([section, keys]) =>
    Object.entries(keys).map(([name, key]) => [`${section}.${name}`, key]),
  ),
)
/** The configuration file that is read where it is there and none is named. */
export const DEFAULT_FILE = 'polaris.toml'

/** Defaults, then the file, then `POLARIS_SECTION_KEY` variables, then `--set`; each value checked where it stands. */
export function loadConfig(values: Values, started: NodeJS.ProcessEnv = process.env): Loaded {
  const env = environmentOf(values, started)
  const old = oldSettings(env)
  const said: Said[] = []
  const file = textOf(values, 'config') ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined)
  if (file !== undefined)
    for (const [key, value] of fileEntries(file))
      said.push({ key, value, origin: 'file', where: file })
  for (const of of old.said) said.push({ ...of, origin: 'env' })
  for (const key of Object.keys(KEYS)) {
    const name = variableOf(key)
    const text = env[name]
    if (text === undefined) continue
    requireOne({ key, value: valueOf(text), where: name }, old.said)
    said.push({ key, value: valueOf(text), origin: 'env', where: name })
  }
  for (const [name, key, factor] of SWITCHES) {
    const text = env[name]
    if (text !== undefined)
      said.push({ key, value: scaledSwitch(text, factor), origin: 'env', where: name })
  }
  return { ...drafted(defaults(), [...said, ...flagsIn(values)]), remarks: old.remarks }
}

const variableOf = (key: string): string => `POLARIS_${key.replace('.', '_').toUpperCase()}`

/** Whether a variable of this name, of today or of the earlier system, is read as a configuration key. */
export const isConfigVariable = (name: string): boolean =>
  Object.keys(KEYS).some(key => variableOf(key) === name) ||
  SWITCHES.some(([of]) => of === name) ||
  isOldSetting(name)

/** A Refusal where a setting of the earlier system says something else of a key than the variable of today. */
function requireOne({ key, value, where }: OldSaid, old: readonly OldSaid[]): void {
  const other = old.find(of => of.key === key)
  if (!other || JSON.stringify(other.value) === JSON.stringify(value)) return
  const [was, is] = [other.value, value].map(of => JSON.stringify(of))
  throw new Refusal(
    'config',
    `${other.where} makes ${key} ${was}, and ${where} ${is}`,
    'environment',
    'one of them, or both the same',
  )
}

/** One value, as it was said. */
interface Said {
  readonly key: string
  readonly value: unknown
  readonly origin: Origin
  /** The file, variable or option that says it. */
  readonly where: string
}

/** Switches of earlier systems: variable, key, and how many of the key's units are one of its own. */
const SWITCHES: readonly (readonly [name: string, key: string, factor: number])[] = [
  ['RAZOR_SIM_LATENCY_SPIKE_MS', 'sim.spike_ms', 1],
  ['RAZOR_SIM_LATENCY_SPIKE_EVERY', 'sim.spike_every', 1],
  ['RAZOR_SIM_DROP_BOOK_PCT', 'sim.drop_book_bps', 100],
  ['TELEGRAM_ENABLED', 'alerts.telegram', 1],
]

function scaledSwitch(text: string, factor: number): unknown {
  const value = valueOf(text)
  return typeof value === 'number' ? Math.round(value * factor) : value
}

/**
 * The decision keys of an old run with what `--set` changes in them; files and variables of today have no say. `files` are those of its
 * strategies.
 */
export function changedConfig(
  values: Values,
  of: DecisionConfig,
  files: readonly string[] = [],
): Loaded {
  const flags = flagsIn(values)
  // Rules that are named now take the place of those that the run had.
  const isRuled = flags.some(({ key }) => key === RULES)
  const { strategy } = of
  const kept = strategy.instances.filter(one => ruleTypeOf(one.strategy) === undefined)
  const own = isRuled ? { strategy: { ...strategy, instances: kept } } : {}
  return drafted({ ...defaults(), ...of, ...own, code: { strategies: files, rules: [] } }, flags)
}

/** What `--set` says. */
function flagsIn(values: Values): readonly Said[] {
  return textsOf(values, 'set').map(pair => {
    const at = pair.indexOf('=')
    if (at < 1) throw new Refusal('usage', `--set ${pair}`, '--set', 'KEY=VALUE')
    const value = valueOf(pair.slice(at + 1))
    return { key: pair.slice(0, at), value, origin: 'flag', where: '--set' }
  })
}

/** Which files hold strategies, before all else: the sections of those are known by them alone. */
const FILES = 'code.strategies'
/** Which files hold rules: each of these is an instance of the strategy of its type. */
const RULES = 'code.rules'

/** A configuration, and what was said on top of it: the later the stronger. */
function drafted(base: Config, said: readonly Said[]): Loaded {
  const config: Record<string, Record<string, unknown>> = structuredClone(base)
  const sources = Object.fromEntries(
    Object.keys(KEYS).map((key): [string, Origin] => [key, 'default']),
  )
  const files = said.findLast(({ key }) => key === FILES)
  const ruled = said.findLast(({ key }) => key === RULES)
  const code = {
    strategies: files ? pathsOf(files) : [...base.code.strategies],
    rules: ruled ? pathsOf(ruled) : [...base.code.rules],
  }
  const own = new OwnParams(strategiesOf({ code }))
  for (const { key, value, origin, where } of said) {
    const [section = '', name = ''] = key.split('.', 2)
    const known = config[section]
    if (own.has(section)) {
      own.set(section, { name, value, where })
      continue
    }
    if (!known) throw new Refusal('config', `${key} is no key`, where, didYouMean(key))
    known[name] = checked(key, value, where)
    sources[key] = origin
  }
  const whole = Config.decode(withRules(own.within({ ...config, code }), code.rules))
  if (E.isLeft(whole)) throw new Refusal('config', 'the configuration does not fit its codec')
  const made = { ...whole.right, code } // the list itself: what its files held goes by it
  const fault = faultIn(decisionPart(made), strategiesOf(made))
  if (fault) throw new Refusal('config', fault.message, fault.where, fault.expected)
  return { config: made, sources }
}

/** A configuration with an instance for each rule of these files, behind its own. */
function withRules(
  config: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  files: readonly string[],
): Readonly<Record<string, unknown>> {
  if (files.length === 0) return config
  const { strategy = {} } = config
  const instances = strategy['instances'] as readonly unknown[] // by its codec
  return { ...config, strategy: { ...strategy, instances: [...instances, ...rulesIn(files)] } }
}

/** The files of strategies that `--set` names; undefined where it names none. */
export function filesOnFlags(values: Values): readonly string[] | undefined {
  const files = flagsIn(values).findLast(({ key }) => key === FILES)
  return files && pathsOf(files)
}

/** Files of strategies: from the folder of the configuration that names them, else from where the program was started. */
function pathsOf({ key, value, origin, where }: Said): readonly string[] {
  const folder = origin === 'file' ? dirname(where) : '.'
  const files = checked(key, value, where) as readonly string[] // by its codec
  return files.map(file => resolve(folder, file))
}

/** The canonical JSON of the decision keys: what the digest is over. */
export const decisionJson = (config: DecisionConfig): string => toJson(DecisionConfig)(config)

/** BLAKE3 of the decision keys, 64 hex digits: no paths, backend or secrets. */
export const digestOf = (config: DecisionConfig): Promise<string> => blake3(decisionJson(config))

/** The part of a configuration that decides. */
export const decisionsOf = ({ config }: Loaded): DecisionConfig => decisionPart(config)

function checked(key: string, value: unknown, where: string): unknown {
  const known = KEYS[key]
  if (!known) throw new Refusal('config', `${key} is no key`, where, didYouMean(key))
  const decoded: E.Either<unknown, unknown> = known.codec.decode(value)
  if (E.isRight(decoded)) return decoded.right
  const expected = `${known.codec.name}${known.unit === '—' ? '' : ` (${known.unit})`}: ${known.doc}`
  throw new Refusal('config', `${key} is ${JSON.stringify(value)}`, where, expected)
}

function didYouMean(key: string): string {
  const near = nearest(key, Object.keys(KEYS))
  if (near !== undefined) return `did you mean ${near}?`
  const [section = ''] = key.split('.')
  const inSection = SECTIONS[section]
  return inSection
    ? `one of ${Object.keys(inSection)
        .map(name => `${section}.${name}`)
        .join(', ')}`
    : `one of the sections ${Object.keys(SECTIONS).join(', ')}`
}

function fileEntries(file: string): [string, unknown][] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Refusal(
      'config',
      `cannot read the configuration: ${String(error)}`,
      file,
      'a TOML file',
    )
  }
  let tables: Record<string, unknown>
  try {
    tables = parse(text)
  } catch (error) {
    const where = error instanceof TomlError ? `${file}:${error.line}:${error.column}` : file
    throw new Refusal(
      'config',
      'the configuration is not TOML',
      where,
      String(error).split('\n')[0],
    )
  }
  return Object.entries(tables).flatMap(([section, keys]): [string, unknown][] => {
    if (keys === null || typeof keys !== 'object' || Array.isArray(keys))
      throw new Refusal('config', `${section} stands outside a section`, file, didYouMean(section))
    return Object.entries(keys).map(([name, value]) => [`${section}.${name}`, value])
  })
}

/** A value on the command line or in the environment is TOML where it can be, else text. */
function valueOf(text: string): unknown {
  try {
    return parse(`value = ${text}`)['value']
  } catch {
    return text
  }
}
