import { createRequire } from 'node:module'
import t from 'tap'
import { LIGHT, keyOfHex, keystoreAddress, openKeystore, sealKeystore } from './keystore.js'
import { isRefused } from './refused.js'
import { OWNER, TEST_KEY, testKey } from './testing/vectors.js'

const FRESH = {
  salt: new Uint8Array(32).fill(5),
  iv: new Uint8Array(16).fill(6),
  id: '0c3f3c2e-0000-4000-8000-00000000abcd',
}
const PASSPHRASE = 'correct horse – 電池'
const sealed = sealKeystore(testKey(), PASSPHRASE, FRESH, LIGHT)

const opened = (text: string, passphrase: string): string => {
  const answer = openKeystore(text, passphrase)
  return isRefused(answer) ? answer.refused : Buffer.from(answer.key).toString('hex')
}

t.test('a keystore gives back its key for its passphrase, and for no other', async t => {
  t.equal(opened(sealed, PASSPHRASE), TEST_KEY)
  t.same(keystoreAddress(sealed), { address: OWNER })
  for (const wrong of ['', `${PASSPHRASE} `, PASSPHRASE.toUpperCase()])
    t.equal(opened(sealed, wrong), 'the passphrase is not the one of this keystore')
})

t.test('it does not hold the key in clear', async t => {
  t.notOk(sealed.includes(TEST_KEY.slice(0, 10)))
  t.match(JSON.parse(sealed), { version: 3, address: OWNER.slice(2).toLowerCase(), id: FRESH.id })
})

// https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage, 2026-11-29
const PUBLISHED = {
  pbkdf2: {
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdfparams: {
      ...{ c: 262_144, dklen: 32, prf: 'hmac-sha256' },
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  scrypt: {
    cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
    ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
    kdfparams: {
      ...{ dklen: 32, n: 262_144, r: 1, p: 8 },
      salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
    },
    mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
  },
}

for (const [kdf, rest] of Object.entries(PUBLISHED))
  t.test(`the published keystore with ${kdf} opens`, async t => {
    const text = JSON.stringify({ version: 3, crypto: { cipher: 'aes-128-ctr', kdf, ...rest } })
    const key = '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'
    t.equal(opened(text, 'testpassword'), key)
    t.equal(opened(text.replace('"crypto"', '"Crypto"'), 'testpassword'), key)
    t.same(keystoreAddress(text), {}, 'it says no address')
  })

interface Ethers {
  readonly decryptKeystoreSync?: unknown
  readonly decryptJsonWalletSync: (text: string, passphrase: string) => { privateKey: string }
  readonly encryptKeystore: (
    account: { address: string; privateKey: string },
    passphrase: string,
    options: { scrypt: { N: number } },
  ) => Promise<string>
}

t.test('ethers reads ours, and we read that of ethers', async t => {
  const ethers = createRequire(import.meta.url)('@ethersproject/json-wallets') as Ethers
  t.equal(ethers.decryptJsonWalletSync(sealed, PASSPHRASE).privateKey, `0x${TEST_KEY}`)
  const account = { address: OWNER, privateKey: `0x${TEST_KEY}` }
  const theirs = await ethers.encryptKeystore(account, PASSPHRASE, { scrypt: { N: 1_024 } })
  t.equal(opened(theirs, PASSPHRASE), TEST_KEY)
  t.same(keystoreAddress(theirs), { address: OWNER })
})

t.test('what does not fit is refused by the member that does not', async t => {
  const text = (path: string, value: unknown): string => {
    const content = JSON.parse(sealed) as Members
    const names = path.split('.')
    const last = names.pop() ?? ''
    const at = names.reduce((members, name) => members[name] as Members, content)
    at[last] = value
    return JSON.stringify(content)
  }
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /its text .* a JSON object/],
    ['[1', /its text/],
    ['null', /its text/],
    [' '.repeat(70_000), /at most 65536 characters/],
    [text('version', 1), /its version .* expected 3/],
    [text('crypto', 5), /its crypto/],
    [text('crypto.cipher', 'aes-256-cbc'), /its cipher/],
    [text('crypto.kdf', 'argon2'), /its kdf .* scrypt or pbkdf2/],
    [text('crypto.mac', '12'), /its mac/],
    [text('crypto.ciphertext', 'zz'), /its ciphertext/],
    [text('crypto.cipherparams', {}), /its iv/],
    [text('crypto.kdfparams.n', 1_000), /its n .* a power of two/],
    [text('crypto.kdfparams.n', 2 ** 24), /its r .* bytes/],
    [text('crypto.kdfparams.p', 1_000), /its p /],
    [text('crypto.kdfparams.dklen', 16), /its dklen/],
    [text('crypto.kdfparams.salt', ''), /its salt/],
    [text('address', 'nobody'), /its address/],
  ]
  for (const [bad, words] of wrong) t.match(opened(bad, PASSPHRASE), words)
  const other = text('address', '12'.repeat(20))
  t.match(opened(other, PASSPHRASE), /says that it holds 0x1212.* and holds 0x77D6/)
})

type Members = Record<string, unknown>

t.test('a key is read from 64 hex digits and nothing else', async t => {
  for (const text of [TEST_KEY, `0x${TEST_KEY}`, ` ${TEST_KEY.toUpperCase()}\n`])
    t.same(keyOfHex(text), testKey())
  for (const text of [
    '',
    TEST_KEY.slice(1),
    `${TEST_KEY}0`,
    '0'.repeat(64),
    'f'.repeat(64),
    'x'.repeat(64),
  ])
    t.equal(keyOfHex(text), undefined)
  t.throws(() => sealKeystore(new Uint8Array(32), 'x', FRESH, LIGHT), /not a private key/)
})
