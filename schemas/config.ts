import * as t from 'io-ts'
import type { Key } from './config-codecs.js'
import { DECISION_KEYS } from './config-keys.js'
import { KEEPING_KEYS } from './keeping-keys.js'

/** What a key is, for readers of the tables. */
export type { Key } from './config-codecs.js'
export { DECISION_KEYS } from './config-keys.js'
export { KEEPING_KEYS } from './keeping-keys.js'

type Sections = Readonly<Record<string, Readonly<Record<string, Key>>>>
type ConfigOf<S extends Sections> = {
  readonly [N in keyof S]: { readonly [K in keyof S[N]]: t.TypeOf<S[N][K]['codec']> }
}

/** What can change a decision. */
export type DecisionConfig = ConfigOf<typeof DECISION_KEYS>
/** The same as a log holds it: keys that came later may be missing. `completed` fills them in. */
export type RecordedConfig = {
  readonly [S in keyof DecisionConfig]?: Partial<DecisionConfig[S]>
}
/** How a run is kept. */
export type KeepingConfig = ConfigOf<typeof KEEPING_KEYS>
/** The whole configuration: what decides and how it is kept. */
export type Config = DecisionConfig & KeepingConfig

/** Codec of the decision keys: every key present, none besides. */
export const DecisionConfig = codecOf<DecisionConfig>(DECISION_KEYS, 'DecisionConfig')
/** Codec of the decision keys in a log: keys that came later may be missing, no other may. */
export const RecordedConfig = recordedCodec()
/** Codec of the whole configuration file once defaults are filled in. */
export const Config = codecOf<Config>({ ...DECISION_KEYS, ...KEEPING_KEYS }, 'Config')

/** The defaults, all in one place: the tables above. */
export const defaults = (): Config => {
  const all: Sections = { ...DECISION_KEYS, ...KEEPING_KEYS }
  return Object.fromEntries(
    Object.entries(all).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.entries(keys).map(([name, { fallback }]) => [name, fallback])),
    ]),
  ) as unknown as Config
}

/** The part of a configuration that decides, in the canonical order of the tables. */
export const decisionPart = (config: Config): DecisionConfig => {
  const sections = config as unknown as Record<string, Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(DECISION_KEYS as Sections).map(([section, keys]) => [
      section,
      Object.fromEntries(Object.keys(keys).map(name => [name, sections[section]?.[name]])),
    ]),
  ) as unknown as DecisionConfig
}

function codecOf<T>(sections: Sections, name: string): t.Type<T, unknown> {
  const props = Object.fromEntries(
    Object.entries(sections).map(([section, keys]) => [
      section,
      t.strict(
        Object.fromEntries(Object.entries(keys).map(([k, { codec }]) => [k, codec])),
        section,
      ),
    ]),
  )
  return t.strict(props, name) as unknown as t.Type<T, unknown>
}

/** A log's configuration with what held before the keys that it lacks. */
export function completed(recorded: RecordedConfig): DecisionConfig {
  const found = recorded as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
  return Object.fromEntries(
    Object.entries(DECISION_KEYS as Sections).map(([section, keys]) => [
      section,
      Object.fromEntries(
        Object.entries(keys).map(([name, { before }]) => [name, found[section]?.[name] ?? before]),
      ),
    ]),
  ) as unknown as DecisionConfig
}

function recordedCodec(): t.Type<RecordedConfig, unknown> {
  const sections = Object.entries(DECISION_KEYS as Sections).map(([section, keys]) => {
    const codecs = (isLater: boolean): t.Props =>
      Object.fromEntries(
        Object.entries(keys)
          .filter(([, { before }]) => (before !== undefined) === isLater)
          .map(([name, { codec }]) => [name, codec]),
      )
    return [section, grown(codecs(false), codecs(true), section)] as const
  })
  const isNew = ([, codec]: readonly [string, t.Mixed]): boolean => codec.is({})
  const old = sections.filter(section => !isNew(section))
  return grown(
    Object.fromEntries(old),
    Object.fromEntries(sections.filter(isNew)),
    'DecisionConfig',
  )
}

/** An object that has grown: keys it must have, and keys that came later. */
function grown(must: t.Props, may: t.Props, name: string): t.Mixed {
  return t.exact(t.intersection([t.type(must, name), t.partial(may)], name), name)
}
