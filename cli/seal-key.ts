import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Refusal } from './command.js'

/** Variable that names the file with the key which signs seals. */
export const SIGN_KEY = 'POLARIS_SIGN_KEY'

/** The key that signs seals, if the environment names one; checked before a run begins, not when it ends. */
export function signKey(env: NodeJS.ProcessEnv = process.env): { readonly signKey?: string } {
  const file = env[SIGN_KEY]
  if (file === undefined || file === '') return {}
  return { signKey: ed25519In(file, createPrivateKey, `${SIGN_KEY}: a private Ed25519 key in PEM`) }
}

/** The key that a seal must be signed with: public, or private as a convenience. */
export const checkKey = (file: string): string =>
  ed25519In(file, createPublicKey, 'an Ed25519 key in PEM')

function ed25519In(file: string, parse: (pem: string) => KeyObject, expected: string): string {
  let why = 'it is no Ed25519 key'
  try {
    const pem = readFileSync(file, 'utf8')
    if (parse(pem).asymmetricKeyType === 'ed25519') return pem
  } catch (error) {
    why = error instanceof Error ? error.message : String(error)
  }
  throw new Refusal('key', `cannot use the key: ${why}`, file, expected)
}
