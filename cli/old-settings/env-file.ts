import { existsSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { textOf, type Values } from '../command.js'
import { readText } from '../private-file.js'

/** The file of variables that the verbs of the earlier system read where it is there. */
const DEFAULT_ENV_FILE = '.env'
/** Verbs that the earlier system had. */
const OLD_VERBS = /^(arb-|harvest|backfill$)/

/** The values of a call with the file of variables that it goes by: the one it names; with an `arb-` verb or a collector's, the one that is there. */
export function withEnvFile(verb: string, values: Values): Values {
  if (textOf(values, 'env-file') !== undefined) return values
  const isRead = OLD_VERBS.test(verb) && existsSync(DEFAULT_ENV_FILE)
  return isRead ? { ...values, 'env-file': DEFAULT_ENV_FILE } : values
}

/**
 * The environment of a call: its file of variables as it is now, and on top of that what the process was started with. Of the file only
 * names of this program count.
 */
export function environmentOf(values: Values, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const file = textOf(values, 'env-file')
  if (file === undefined) return env
  const said = Object.entries(parseEnv(readText(file, 'a file of variables')))
  const own = said.filter(([name]) => /^(POLARIS|RAZOR|TELEGRAM)_/.test(name))
  return { ...Object.fromEntries(own), ...env }
}

/**
 * Puts the variables of a call's file that no configuration key is read from into the environment, for as long as the call lasts: keys,
 * modes and places. Answers what takes them out again.
 */
export function lendVariables(
  values: Values,
  env: NodeJS.ProcessEnv,
  isConfig: (name: string) => boolean,
): () => void {
  const lent = Object.entries(environmentOf(values, env)).filter(
    ([name]) => env[name] === undefined && !isConfig(name),
  )
  for (const [name, value] of lent) env[name] = value
  return () => {
    for (const [name] of lent) Reflect.deleteProperty(env, name)
  }
}
