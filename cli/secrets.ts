import { Refusal } from './command.js'
import { readPrivate } from './private-file.js'
import { askHidden, OWN_TERMINAL, type Terminal } from './prompt.js'

/**
 * A variable with a secret, taken out of the environment: processes that this one starts, reports of crashes and whatever prints the
 * environment do not have it. (The kernel keeps what a process was started with: on Linux its owner and root still read it in
 * `/proc/PID/environ`, so a keystore with its passphrase in a file is better.) Undefined where it is not set, or empty.
 */
export function takeSecret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]
  Reflect.deleteProperty(env, name)
  return text === '' ? undefined : text
}

/**
 * A passphrase: from the variable `name`, from the file that `name_FILE` names (mode 600; its first line), or asked for at the terminal
 * without echo, twice where it is new. A Refusal where there is none.
 */
export async function passphraseFrom(
  env: NodeJS.ProcessEnv,
  name: string,
  { question, isNew, terminal = OWN_TERMINAL }: Asking,
): Promise<string> {
  const given = takeSecret(env, name)
  if (given !== undefined) return given
  const file = env[`${name}_FILE`]
  if (file !== undefined && file !== '') {
    const [line = ''] = readPrivate(file, 'the file with the passphrase').split(/\r?\n/)
    if (line !== '') return line
    throw new Refusal('no-passphrase', 'the first line of the file is empty', file, 'a passphrase')
  }
  const typed = await askHidden(question, terminal)
  if (typed === undefined || typed === '')
    throw new Refusal(
      'no-passphrase',
      'there is no passphrase',
      name,
      `${name}, ${name}_FILE, or a terminal to ask at`,
    )
  if (!isNew || (await askHidden(`${question}, again`, terminal)) === typed) return typed
  throw new Refusal(
    'mistyped',
    'the two are not the same',
    'the terminal',
    'the same passphrase twice',
  )
}

/** How a passphrase is asked for. */
export interface Asking {
  readonly question: string
  readonly isNew: boolean
  readonly terminal?: Terminal
}
