import { readFileSync } from 'node:fs'
import { DECISION_KEYS, KEEPING_KEYS, type Config } from '#schemas/config.js'
import { codeOf } from '#engine/run/instances.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
import type { Strategy } from '#engine/strategies/strategy.js'
import { Refusal } from '../command.js'
import { compiled, evaluated, type Compiled } from './compile.js'
import { trust } from './trusted.js'

/** What names files of strategies. */
interface WithStrategies {
  readonly code: Pick<Config['code'], 'strategies'>
}

/** A strategy from a file, with what it was made of. */
export interface OwnStrategy extends Compiled {
  readonly source: string
  readonly strategy: Strategy
}

/** Texts that were compiled already: a sweep reads its configuration once a combination. */
const made = new Map<string, OwnStrategy>()
/** What each list of files that stands in a configuration was when that was read. */
const loaded = new WeakMap<readonly string[], readonly OwnStrategy[]>()

/**
 * The strategies of a configuration's files, as these were when it was first asked for them: what a run starts with, it keeps. A
 * Refusal where a file cannot be read, breaks a rule of strategies, or takes a name that is taken.
 */
export function ownStrategies({ code: { strategies: files } }: WithStrategies) {
  const known = loaded.get(files)
  if (known) return known
  const all = files.map(ownStrategy)
  for (const [k, { file, strategy }] of all.entries()) {
    requireName(strategy.name, file)
    const other = all.findIndex(of => of.strategy.name === strategy.name)
    if (other < k)
      throw new Refusal('strategy', `two files name '${strategy.name}'`, file, 'a name each')
  }
  loaded.set(files, all)
  return all
}

/** All strategies that a configuration may name: those of the program, and those of its files. */
export const strategiesOf = (config: WithStrategies): Strategies =>
  withOwn(ownStrategies(config).map(({ strategy }) => strategy))

/** The strategies of the program and these. */
export const withOwn = (own: readonly Strategy[]): Strategies =>
  own.length === 0
    ? STRATEGIES
    : { ...STRATEGIES, ...Object.fromEntries(own.map(of => [of.name, of])) }

/** The strategies of compiled texts, in a thread that was handed them. */
export const strategiesFrom = (texts: readonly Compiled[]): Strategies =>
  withOwn(texts.map(evaluated))

/** The compiled text of a configuration's own strategies: what can be handed to a thread. */
export const codeIn = (config: WithStrategies): readonly Compiled[] =>
  ownStrategies(config).map(({ file, js, digest }) => ({ file, js, digest }))

/** What serves an engine, with the strategies that a configuration may name. */
export const withStrategies = <S extends { readonly parts: object }>(
  serving: S,
  config: WithStrategies,
) => ({ ...serving, parts: { ...serving.parts, strategies: strategiesOf(config) } })

/** A strategy's code as the log of a run names it. */
export const loggedCode = ({ strategy }: OwnStrategy): string => codeOf(strategy)

/** The strategy of one file. */
export function ownStrategy(file: string): OwnStrategy {
  const source = textIn(file)
  const key = `${file}\n${source}`
  const known = made.get(key)
  if (known) return known
  const text = compiled(file, source)
  trust(text.js) // what a run brings along was held against this before: `trustedFiles`
  const own = { ...text, source, strategy: evaluated(text) }
  made.set(key, own)
  return own
}

/** The text of a strategy's file. */
export function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal('unreadable', `it cannot be read: ${why}`, file, 'a file of a strategy')
  }
}

/** Sections of the configuration: a strategy has one of its own name. */
const SECTIONS = new Set([...Object.keys(DECISION_KEYS), ...Object.keys(KEEPING_KEYS)])

/** A Refusal where a strategy cannot be called so. */
export function requireName(name: string, where: string): void {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name) || /^[sqc]\d/.test(name))
    throw new Refusal(
      'strategy',
      `'${name}' cannot name a strategy`,
      where,
      'a-z, 0-9 and -, at most 32, not like the id of a signal or an order',
    )
  if (Object.hasOwn(STRATEGIES, name))
    throw new Refusal('strategy', `'${name}' is a strategy of the program`, where, 'another name')
  if (SECTIONS.has(name))
    throw new Refusal('strategy', `[${name}] is a section of the configuration`, where, 'another')
}
