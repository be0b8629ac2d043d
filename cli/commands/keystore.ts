import { randomBytes, randomUUID } from 'node:crypto'
import {
  keystoreAddress,
  LIGHT,
  sealKeystore,
  STANDARD,
} from '#engine/gateways/polymarket/sign/keystore.js'
import { isRefused } from '#engine/gateways/polymarket/sign/refused.js'
import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import { Refusal, wordOf, type Answer, type Call, type Command } from '../command.js'
import { keyIn, keyOfKeystore, KEYSTORE_PASSPHRASE, PRIVATE_KEY } from '../keys.js'
import { readText, writePrivate } from '../private-file.js'
import { askHidden } from '../prompt.js'
import { passphraseFrom, takeSecret } from '../secrets.js'

const USAGE = 'keystore (import | address | change-passphrase) FILE [--force] [--light]'
const NEW_PASSPHRASE = 'POLARIS_KEYSTORE_NEW_PASSPHRASE'
/** Characters of a key with its `0x` and a line's end, and some to spare. */
const KEY_TEXT_MAX = 200

/** `polaris keystore`: the key of the trading account in a file that only its passphrase opens. */
export const keystoreCommand: Command = {
  name: 'keystore',
  summary: 'keep the key of the trading account encrypted (Ethereum keystore, version 3)',
  usage: USAGE,
  example: 'keystore import trader.json < key.txt',
  options: { force: { type: 'boolean' }, light: { type: 'boolean' } },
  help: {
    import: `encrypt a key that stands in ${PRIVATE_KEY}, comes on stdin, or is typed without echo`,
    address: 'the address that a keystore says it holds; asks for nothing',
    'change-passphrase': `another passphrase for the same key (${NEW_PASSPHRASE} for scripts)`,
    '--force': 'import: replace a file that is there',
    '--light':
      'less work for who opens it, and for who guesses (scrypt n 4,096 instead of 262,144)',
    environment: `${KEYSTORE_PASSPHRASE} has the passphrase, or ${KEYSTORE_PASSPHRASE}_FILE names a file of mode 600`,
  },
  run: async call => {
    const word = wordOf(call, 0, 'what to do', USAGE)
    const act = Object.hasOwn(ACTS, word) ? ACTS[word] : undefined
    if (act === undefined)
      throw new Refusal('usage', `'${word}' is nothing a keystore can do`, 'command line', USAGE)
    return act(wordOf(call, 1, 'FILE', USAGE), call)
  },
}

const ACTS: Readonly<Record<string, (file: string, call: Call) => Promise<Answer>>> = {
  import: importKey,
  address: async (file, call) => {
    const content = keystoreAddress(readText(file, 'a keystore'))
    if (isRefused(content)) throw new Refusal('keystore', content.refused, file, 'a keystore')
    call.say(content.address ?? 'it does not say its address')
    return {
      code: content.address === undefined ? 1 : 0,
      json: { address: content.address ?? null },
    }
  },
  'change-passphrase': async (file, call) => {
    const env = process.env
    const key = await keyOfKeystore(file, env, { question: 'passphrase' })
    const asking = { question: 'new passphrase', isNew: true }
    const address = await sealed(key, call, {
      file,
      isReplacing: true,
      passphrase: () => passphraseFrom(env, NEW_PASSPHRASE, asking),
    })
    call.say(`${file}: ${address} has a new passphrase; the old file is gone, copies of it are not`)
    return { code: 0, json: { file, address } }
  },
}

async function importKey(file: string, call: Call): Promise<Answer> {
  const env = process.env
  const key = await givenKey(env)
  const asking = { question: 'passphrase for the keystore', isNew: true }
  const address = await sealed(key, call, {
    file,
    isReplacing: call.values['force'] === true,
    passphrase: () => passphraseFrom(env, KEYSTORE_PASSPHRASE, asking),
  })
  call.say(`${file}: holds the key of ${address}; without its passphrase it is lost`)
  return { code: 0, json: { file, address } }
}

/** Writes the keystore of a key, wipes the key, and says its address. */
async function sealed(
  key: Uint8Array,
  call: Call,
  to: {
    readonly file: string
    readonly isReplacing: boolean
    readonly passphrase: () => Promise<string>
  },
): Promise<string> {
  try {
    const fresh = { salt: randomBytes(32), iv: randomBytes(16), id: randomUUID() }
    const work = call.values['light'] === true ? LIGHT : STANDARD
    writePrivate(to.file, sealKeystore(key, await to.passphrase(), fresh, work), to.isReplacing)
    return signerOf(key).address
  } finally {
    key.fill(0)
  }
}

/** Never from the command line: other users see what a process was started with, and shells write it down. */
async function givenKey(env: NodeJS.ProcessEnv): Promise<Uint8Array> {
  const hex = takeSecret(env, PRIVATE_KEY)
  if (hex !== undefined) return keyIn(hex, PRIVATE_KEY)
  if (process.stdin.isTTY)
    return keyIn((await askHidden('private key, in hex')) ?? '', 'the terminal')
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.length > KEY_TEXT_MAX) break
  }
  return keyIn(text.length > KEY_TEXT_MAX ? '' : text, 'stdin')
}
