import { inspect } from 'node:util'
import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { channelAuthOf, l1HeadersOf, l2HeadersOf } from './auth.js'
import { credentialsOf, type Credentials } from './credentials.js'
import { isRefused } from './refused.js'
import { Secret } from './secret.js'
import { signerOf } from './signer.js'
import { AUTH_VECTORS, MAC_VECTORS, OWNER, TEST_SECRET, testKey } from './testing/vectors.js'

const addon = loadAddon()
const apis = typeof addon === 'string' ? [undefined] : [undefined, addon]
const PASSPHRASE = 'a passphrase nobody shall see'.replaceAll(' ', '-')

const of = {
  address: OWNER.toLowerCase(),
  apiKey: '0c3f3c2e-0000-4000-8000-00000000abcd',
  secret: new Secret(TEST_SECRET),
  passphrase: new Secret(PASSPHRASE),
}

function credentials(api = apis[0]): Credentials {
  const made = credentialsOf(of, api)
  if (isRefused(made)) throw new Error(made.refused)
  return made
}

for (const api of apis)
  t.test(`a private request, ${api ? 'native' : 'TypeScript'}`, async t => {
    for (const { text, mac } of MAC_VECTORS) t.equal(credentials(api).mac(text), mac)
    const request = { method: 'POST', path: '/order', body: '{"a":"é"}', timestampS: 1_796_000_000 }
    t.same(l2HeadersOf(credentials(api), request), {
      POLY_ADDRESS: OWNER,
      POLY_SIGNATURE: MAC_VECTORS[0]!.mac,
      POLY_TIMESTAMP: '1796000000',
      POLY_API_KEY: of.apiKey,
      POLY_PASSPHRASE: PASSPHRASE,
    })
    t.test('signs texts of every length alike', async t => {
      const reference = credentials()
      for (let length = 0; length < 300; length++) {
        const text = 'aé€😀"\n'.repeat(60).slice(0, length)
        if (credentials(api).mac(text) !== reference.mac(text)) t.fail(`length ${length}`)
      }
    })
    t.test('takes secrets of every length and of both alphabets', async t => {
      for (const bytes of [1, 2, 3, 32, 63, 64, 65, 200]) {
        const secret = Buffer.alloc(bytes, 0xfb)
        const macs = ['base64', 'base64url'].map(alphabet => {
          const text = secret.toString(alphabet === 'base64' ? 'base64' : 'base64url')
          const made = credentialsOf({ ...of, secret: new Secret(text) }, api)
          return isRefused(made) ? made.refused : made.mac('text')
        })
        const reference = credentialsOf({ ...of, secret: new Secret(secret.toString('base64')) })
        const expected = isRefused(reference) ? '' : reference.mac('text')
        t.same(macs, [expected, expected], `${bytes} bytes`)
      }
    })
  })

t.test('credentials are derived with a proof of the key', async t => {
  const signer = signerOf(testKey())
  for (const { chainId, timestampS, nonce, signature } of AUTH_VECTORS)
    t.same(l1HeadersOf(signer, { chainId, timestampS, nonce }), {
      POLY_ADDRESS: OWNER,
      POLY_SIGNATURE: signature,
      POLY_TIMESTAMP: String(timestampS),
      POLY_NONCE: String(nonce),
    })
})

t.test('nothing prints a secret but the socket that needs it', async t => {
  const made = credentials()
  const shown = [
    String(made.secret),
    JSON.stringify(made),
    inspect(made, { depth: 9, showHidden: true }),
  ]
  for (const text of shown) t.notOk(text.includes(TEST_SECRET) || text.includes(PASSPHRASE), text)
  t.same(channelAuthOf(made), {
    apiKey: of.apiKey,
    secret: TEST_SECRET,
    passphrase: PASSPHRASE,
  })
})

t.test('credentials that do not fit are refused without their values', async t => {
  const wrong: readonly (readonly [Partial<typeof of>, RegExp])[] = [
    [{ address: 'nobody' }, /address/],
    [{ apiKey: '' }, /API key/],
    [{ apiKey: 'a\r\nX-Evil: 1' }, /API key/],
    [{ secret: new Secret('not base64!') }, /API secret .* expected base64/],
    [{ secret: new Secret('') }, /API secret/],
    [{ passphrase: new Secret('a\nb') }, /API passphrase/],
  ]
  for (const [one, words] of wrong) {
    const answer = credentialsOf({ ...of, ...one })
    t.match(isRefused(answer) ? answer.refused : answer, words)
    t.notMatch(JSON.stringify(answer), /not base64!|Evil/)
  }
})
