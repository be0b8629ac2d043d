import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import t from 'tap'
import { Refusal } from '#cli/command.js'
import { API_KEYS, keysFrom } from '#cli/keys.js'
import { askHidden, type Terminal } from '#cli/prompt.js'
import { OWNER, TEST_KEY } from '#engine/gateways/polymarket/sign/testing/vectors.js'
import { polarisWith, ROOT, type Said } from './helpers/cli.js'

const PASSPHRASE = 'a-long-passphrase'
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const said: string[] = []

/** Runs `polaris keystore` with a text on stdin, and keeps all that it said. */
function keystore(env: NodeJS.ProcessEnv, input: string, ...words: readonly string[]): Said {
  const done = spawnSync(process.execPath, [MAIN, 'keystore', ...words], {
    ...{ encoding: 'utf8', input },
    env: { PATH: process.env['PATH'], ...env },
  })
  said.push(done.stdout, done.stderr)
  return { code: done.status, out: done.stdout, err: done.stderr, json: {} }
}

const given = { POLARIS_KEYSTORE_PASSPHRASE: PASSPHRASE }
const dir = t.testdir()
const file = join(dir, 'trader.json')

t.test('a key on stdin becomes a keystore of its owner alone', async t => {
  const { code, out } = keystore(given, `0x${TEST_KEY}\n`, 'import', file, '--light')
  t.equal(code, 0)
  t.match(out, OWNER)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(readdirSync(dir), ['trader.json'], 'nothing else is left beside it')
  t.match(keystore({}, '', 'address', file), { code: 0, out: `${OWNER}\n` })
})

t.test('so does one in the environment', async t => {
  const other = join(dir, 'other.json')
  const env = { ...given, POLARIS_PRIVATE_KEY: TEST_KEY }
  const { code, out } = keystore(env, '', 'import', other, '--light', '--json')
  t.equal(code, 0)
  t.same(JSON.parse(out), { file: other, address: OWNER })
})

t.test('a file that is there stays, unless it is said', async t => {
  const before = readFileSync(file, 'utf8')
  t.match(keystore(given, TEST_KEY, 'import', file, '--light'), {
    code: 2,
    err: /there is a file already/,
  })
  t.equal(readFileSync(file, 'utf8'), before)
  t.equal(keystore(given, TEST_KEY, 'import', file, '--light', '--force').code, 0)
  t.not(readFileSync(file, 'utf8'), before)
  const nowhere = join(dir, 'no', 'such.json')
  t.match(keystore(given, TEST_KEY, 'import', nowhere, '--light'), {
    code: 2,
    err: /cannot be written/,
  })
})

t.test('the passphrase may stand in a file that others cannot read', async t => {
  const passphrase = join(dir, 'passphrase')
  writeFileSync(passphrase, `${PASSPHRASE}\n`, { mode: 0o600 })
  const env = { POLARIS_KEYSTORE_PASSPHRASE_FILE: passphrase, POLARIS_KEYSTORE: file }
  t.equal((await keysFrom({ ...env })).signer.address, OWNER)
  chmodSync(passphrase, 0o640)
  await t.rejects(keysFrom({ ...env }), { code: 'open-file', message: /by others \(mode 640\)/ })
  const empty = join(dir, 'empty')
  writeFileSync(empty, '\n', { mode: 0o600 })
  await t.rejects(keysFrom({ ...env, POLARIS_KEYSTORE_PASSPHRASE_FILE: empty }), /is empty/)
})

t.test('a passphrase is changed for another', async t => {
  const env = { ...given, POLARIS_KEYSTORE_NEW_PASSPHRASE: 'another-passphrase' }
  t.equal(keystore(env, '', 'change-passphrase', file, '--light').code, 0)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(keystore(env, '', 'change-passphrase', file), {
    code: 2,
    err: /not the one of this keystore/,
  })
  const open = (passphrase: string) =>
    keysFrom({ POLARIS_KEYSTORE: file, POLARIS_KEYSTORE_PASSPHRASE: passphrase })
  t.equal((await open('another-passphrase')).signer.address, OWNER)
  await t.rejects(open(PASSPHRASE), /not the one of this keystore/)
})

t.test('what is no key is refused, and not said', async t => {
  const almost = `${TEST_KEY.slice(0, 63)}g`
  for (const text of ['', 'x', almost, TEST_KEY + TEST_KEY, '0'.repeat(64), 'f'.repeat(9_999)]) {
    const { code, err, out } = keystore(given, text, 'import', join(dir, 'none.json'), '--light')
    t.equal(code, 2)
    t.match(err, /no private key/)
    t.notOk((err + out).includes(almost.slice(0, 20)))
  }
  t.match(keystore({}, TEST_KEY, 'import', join(dir, 'none.json')), {
    code: 2,
    err: /no passphrase/,
  })
  t.match(keystore({}, '', 'destroy', file), { code: 2, err: /nothing a keystore can do/ })
  t.match(keystore({}, '', 'address', join(dir, 'nowhere')), { code: 2, err: /cannot be read/ })
  t.notOk(readdirSync(dir).includes('none.json'))
})

t.test('keys from the environment', async t => {
  const secret = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
  const api = {
    POLARIS_API_KEY: 'name',
    POLARIS_API_SECRET: secret,
    POLARIS_API_PASSPHRASE: 'hidden-words',
  }
  const rejects = async (env: NodeJS.ProcessEnv, words: RegExp): Promise<void> => {
    await t.rejects(keysFrom({ ...env }), words)
    const error: unknown = await keysFrom({ ...env }).catch((fault: unknown) => fault)
    const text = inspect(error, { showHidden: true, depth: 9 })
    for (const value of [TEST_KEY, secret, 'hidden-words']) t.notOk(text.includes(value))
    t.ok(error instanceof Refusal)
  }
  t.test('are taken out of it', async t => {
    const env: NodeJS.ProcessEnv = {
      ...{ POLARIS_PRIVATE_KEY: `0x${TEST_KEY}`, ...api, HOME: '/' },
      POLARIS_KEYSTORE_PASSPHRASE: 'of another',
    }
    const { signer, credentials } = await keysFrom(env)
    t.equal(signer.address, OWNER)
    t.match(credentials, { address: OWNER, apiKey: 'name' })
    t.equal(credentials?.passphrase.reveal(), 'hidden-words')
    t.same(env, { HOME: '/' })
  })
  t.test('may lack the credentials, which are derived then', async t => {
    t.equal((await keysFrom({ POLARIS_PRIVATE_KEY: TEST_KEY })).credentials, undefined)
  })
  await rejects({}, /no key to sign with/)
  await rejects({ POLARIS_PRIVATE_KEY: '' }, /no key to sign with/)
  await rejects({ POLARIS_PRIVATE_KEY: TEST_KEY, POLARIS_KEYSTORE: file }, /two keys/)
  await rejects({ POLARIS_PRIVATE_KEY: TEST_KEY.slice(1) }, /no private key/)
  await rejects({ POLARIS_KEYSTORE: MAIN }, /its text does not fit/)
  for (const name of API_KEYS) {
    const rest = { ...api, [name]: '' }
    await rejects(
      { POLARIS_PRIVATE_KEY: TEST_KEY, ...rest },
      /some of the API credentials are missing/,
    )
  }
  await rejects({ POLARIS_PRIVATE_KEY: TEST_KEY, ...api, POLARIS_API_SECRET: '!' }, /API secret/)
})

t.test('no other verb says a key that stands in its environment', async t => {
  const env = { POLARIS_PRIVATE_KEY: TEST_KEY, POLARIS_KEYSTORE_PASSPHRASE: PASSPHRASE }
  for (const words of [
    ['config', '--json'],
    ['doctor', '--json'],
    ['runs', '--runs-dir', dir],
  ]) {
    const { out, err } = polarisWith(env, ...words)
    said.push(out, err)
    t.ok(out.length > 0, words.join(' '))
  }
})

/** A terminal at which these keys are typed. */
function typing(
  ...typed: readonly string[]
): Terminal & { readonly shown: () => string; readonly raw: boolean[] } {
  const raw: boolean[] = []
  const setRawMode = (isRaw: boolean): void => {
    raw.push(isRaw)
    if (isRaw) for (const keys of [typed[(raw.length - 1) / 2]]) input.write(keys ?? '\u0003')
  }
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode })
  const output = new PassThrough()
  return { input, output, raw, shown: () => String(output.read() ?? '') }
}

t.test('a passphrase that is typed', async t => {
  t.test('is not shown, can be mended, and gives the terminal back', async t => {
    const terminal = typing('a bx\u007f\u007f電池\r')
    t.equal(await askHidden('passphrase', terminal), 'a 電池')
    t.equal(terminal.shown(), 'passphrase: \n')
    t.same(terminal.raw, [true, false])
  })
  t.test('can be given up', async t => {
    const terminal = typing('abc\u0003')
    await t.rejects(askHidden('passphrase', terminal), { code: 'stopped' })
    t.same(terminal.raw, [true, false])
  })
  t.test('opens a keystore', async t => {
    const terminal = typing('another-passphrase\n')
    t.equal((await keysFrom({ POLARIS_KEYSTORE: file }, { terminal })).signer.address, OWNER)
  })
  t.test('is asked for at a terminal only', async t => {
    const input = Object.assign(new PassThrough(), { isTTY: false })
    t.equal(await askHidden('passphrase', { input, output: new PassThrough() }), undefined)
  })
})

t.test('nothing that was said or written has the key or a passphrase', async t => {
  const files = readdirSync(dir).filter(name => name !== 'passphrase')
  const texts = [...said, ...files.map(name => readFileSync(join(dir, name), 'utf8'))]
  t.ok(texts.length > 20)
  for (const text of texts)
    for (const secret of [TEST_KEY, TEST_KEY.slice(0, 16), PASSPHRASE, 'another-passphrase'])
      if (text.toLowerCase().includes(secret))
        t.fail(`${secret.slice(0, 4)}… in ${text.slice(0, 200)}`)
})
