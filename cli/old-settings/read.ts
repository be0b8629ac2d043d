import { Refusal } from '../command.js'
import { nearest } from '../format/nearest.js'
import { takeSecret } from '../secrets.js'
import { OLD_SETTINGS, UNITS, type OldSetting } from './table.js'

/** A value that a setting of the earlier system gives a key, and the variable that says it. */
export interface OldSaid {
  readonly key: string
  readonly value: unknown
  readonly where: string
}

/** What old variables come to. */
export interface OldRead {
  readonly said: readonly OldSaid[]
  /** Variables that say nothing here, each with the reason. */
  readonly remarks: readonly string[]
}

const PREFIX = 'POLARIS_'
/** Names that are the earlier system's alone: one that it had not is a mistake. */
const OWN = /^POLARIS_ARB_/

/** What the settings of the earlier system say in an environment. A Refusal where one says what cannot be. */
export function oldSettings(env: NodeJS.ProcessEnv): OldRead {
  const said: OldSaid[] = []
  const remarks: string[] = []
  for (const name of Object.keys(env).sort()) {
    const value = env[name]
    const setting = settingOf(name)
    if (!setting || value === undefined || value === '') continue
    const found = saidBy(name, value, setting)
    if (typeof found === 'string') remarks.push(`${name} says nothing here: ${found}`)
    else if (found) said.push(found)
  }
  const backend = backendIn(env)
  if (typeof backend === 'string') remarks.push(backend)
  else said.push(...backend)
  return { said: [...said, ...strategiesIn(env)], remarks }
}

/** Whether a variable is a setting of the earlier system that is no secret. */
export function isOldSetting(name: string): boolean {
  const short = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : ''
  const setting = Object.hasOwn(OLD_SETTINGS, short) ? OLD_SETTINGS[short] : undefined
  return setting !== undefined ? setting.tag !== 'secret' : OWN.test(name)
}

function settingOf(name: string): OldSetting | undefined {
  const short = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : ''
  if (Object.hasOwn(OLD_SETTINGS, short)) return OLD_SETTINGS[short]
  if (!OWN.test(name)) return undefined
  const near = nearest(short, Object.keys(OLD_SETTINGS))
  const expected = near ? `did you mean ${PREFIX}${near}?` : 'a name of docs/settings.md'
  throw new Refusal('config', 'the earlier system has no such setting', name, expected)
}

function saidBy(name: string, value: string, setting: OldSetting): OldSaid | string | undefined {
  switch (setting.tag) {
    case 'key': {
      const { factor, says } = UNITS[setting.unit]
      return { key: setting.key, value: stepsOf(name, value, { factor, says }), where: name }
    }
    case 'text':
      return { key: setting.key, value, where: name }
    case 'flag':
      return {
        key: setting.key,
        value: flagOf(name, value) ? setting.yes : setting.no,
        where: name,
      }
    case 'fixed':
      if (value.toLowerCase() === setting.value.toLowerCase()) return undefined
      throw new Refusal('config', `${name} is '${value}'`, name, `${setting.value}: ${setting.why}`)
    case 'gone':
      return setting.why
    case 'strategies':
    case 'backend':
    case 'secret':
      return undefined
  }
}

/** A decimal in whole steps of a key, exactly; a Refusal where it lies between two. */
function stepsOf(name: string, text: string, { factor, says }: { factor: number; says: string }) {
  const [, sign = '', whole = '', part = ''] =
    /^(-?)(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text.trim()) ?? []
  const refusal = new Refusal('config', `${name} is '${text}'`, name, says)
  if (whole === '') throw refusal
  const [scaled, places] = [
    BigInt(`${sign}${whole}${part}`) * BigInt(factor),
    10n ** BigInt(part.length),
  ]
  const steps = Number(scaled / places)
  if (scaled % places !== 0n || !Number.isSafeInteger(steps)) throw refusal
  return steps
}

/** Yes or no, in the words that the earlier system took. */
function flagOf(name: string, text: string): boolean {
  const word = text.trim().toLowerCase()
  if (['true', '1', 'yes', 'on', 't', 'y'].includes(word)) return true
  if (['false', '0', 'no', 'off', 'f', 'n'].includes(word)) return false
  throw new Refusal('config', `${name} is '${text}'`, name, 'true or false')
}

/** Which ran where nothing was said, and by which letter they went. */
const LETTERS: Readonly<Record<string, { readonly strategy: string; readonly ran: boolean }>> = {
  A: { strategy: 'basket', ran: true },
  B: { strategy: 'parity', ran: true },
  // It was on, and converted nothing: who wants it now says so.
  C: { strategy: 'conversion', ran: false },
  F: { strategy: 'bond', ran: false },
  G: { strategy: 'tail', ran: false },
}
const PRIORITY = 'POLARIS_ARB_STRATEGY_PRIORITY'
const DEFAULT_PRIORITY = 'A,B,G,F'

/** The strategies that run, where switches or their order are said. */
function strategiesIn(env: NodeJS.ProcessEnv): readonly OldSaid[] {
  const switches = Object.keys(LETTERS).map(letter => `POLARIS_ARB_ENABLE_STRATEGY_${letter}`)
  const said = [...switches, PRIORITY].filter(name => (env[name] ?? '') !== '')
  if (said.length === 0) return []
  const order = (env[PRIORITY] || DEFAULT_PRIORITY).split(',').map(of => of.trim().toUpperCase())
  const odd = order.find(letter => !Object.hasOwn(LETTERS, letter))
  if (odd !== undefined)
    throw new Refusal('config', `'${odd}' is no strategy`, PRIORITY, 'letters of A, B, C, F, G')
  const names = [...new Set([...order, ...Object.keys(LETTERS)])].flatMap(letter => {
    const of = LETTERS[letter]
    if (!of) return []
    const name = `POLARIS_ARB_ENABLE_STRATEGY_${letter}`
    const text = env[name] ?? ''
    return (text === '' ? of.ran : flagOf(name, text)) ? [of.strategy] : []
  })
  return [{ key: 'strategy.names', value: names, where: said.join(', ') }]
}

const MODES: Readonly<Record<string, string>> = {
  daemon: 'daemon',
  subprocess: 'subprocess',
  pyo3: 'native',
}

/** The backend, where the bridge is switched; what it says in vain. */
function backendIn(env: NodeJS.ProcessEnv): readonly OldSaid[] | string {
  const [enabled, mode] = ['POLARIS_ARB_RUST_BRIDGE_ENABLED', 'POLARIS_ARB_RUST_BRIDGE_MODE']
  const word = (env[mode] ?? '').trim().toLowerCase()
  const text = env[enabled] ?? ''
  if (word !== '' && !Object.hasOwn(MODES, word))
    throw new Refusal('config', `${mode} is '${word}'`, mode, Object.keys(MODES).join(', '))
  if (text === '') return word === '' ? [] : `${mode} says nothing here: ${enabled} is not set`
  const isOn = flagOf(enabled, text)
  const value = isOn ? MODES[word || 'daemon'] : 'ts'
  return [
    { key: 'run.backend', value, where: isOn && word !== '' ? `${enabled}, ${mode}` : enabled },
  ]
}

/** Brings secrets under the names that they have here. A Refusal, which says none of them, where there are two of one. */
export function adoptSecrets(env: NodeJS.ProcessEnv): void {
  for (const [short, setting] of Object.entries(OLD_SETTINGS)) {
    if (setting.tag !== 'secret') continue
    const [name, { variable }] = [`${PREFIX}${short}`, setting]
    const secret = takeSecret(env, name)
    if (secret === undefined) continue
    const other = env[variable] ?? ''
    if (other !== '' && other !== secret) {
      takeSecret(env, variable)
      throw new Refusal('config', 'there are two keys', `${name}, ${variable}`, 'one of them')
    }
    env[variable] = secret
  }
}

/** docs/settings.md, between its markers: every setting of the earlier system and what became of it. */
export function oldSettingsMarkdown(): string {
  const rows = Object.entries(OLD_SETTINGS).map(([name, setting]) => {
    return `| \`${PREFIX}${name}\` | ${becameOf(setting)} |`
  })
  return ['| earlier setting | here |', '| --- | --- |', ...rows].join('\n')
}

function becameOf(setting: OldSetting): string {
  switch (setting.tag) {
    case 'key':
      return `\`${setting.key}\` (${setting.unit})`
    case 'text':
      return `\`${setting.key}\``
    case 'flag':
      return `\`${setting.key}\`: true is \`${String(setting.yes)}\`, false is \`${String(setting.no)}\``
    case 'strategies':
    case 'backend':
      return `\`${setting.key}\`: ${setting.why}`
    case 'fixed':
      return `only \`${setting.value}\`: ${setting.why}`
    case 'gone':
      return `nothing: ${setting.why}`
    case 'secret':
      return `the variable \`${setting.variable}\``
  }
}
