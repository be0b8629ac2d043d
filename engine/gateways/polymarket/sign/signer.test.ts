import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { anyOrder } from './testing/any-order.js'
import { testKey } from './testing/vectors.js'
import { signerContract } from './signer.contract.js'
import { signerOf } from './signer.js'

const addon = loadAddon()
const ORDERS = process.env['POLARIS_LONG'] === '1' ? 10_000 : 500

t.test('a signer in TypeScript', async t => {
  signerContract(t, key => signerOf(key))
  t.equal(signerOf(testKey()).backend, 'ts')
})

t.test('a native signer', { skip: typeof addon === 'string' ? addon : false }, async t => {
  if (typeof addon === 'string') return
  signerContract(t, key => signerOf(key, addon))
  t.equal(signerOf(testKey(), addon).backend, 'rust')

  t.test(`signs ${ORDERS} orders as the reference does`, async t => {
    const [reference, native] = [signerOf(testKey()), signerOf(testKey(), addon)]
    for (let seed = 0; seed < ORDERS; seed++) {
      const { exchange, account, fields } = anyOrder(seed)
      const expected = reference.signOrder(exchange, account, fields)
      const signed = native.signOrder(exchange, account, fields)
      if (signed.hash === expected.hash && signed.signature === expected.signature) continue
      t.same(signed, expected, `seed ${seed}`)
    }
    const auths = Array.from({ length: 20 }, (_, k) => [k % 2 ? 137 : 80002, k * 1e14, 2 ** k - 1])
    for (const [chain = 0, timeS = 0, nonce = 0] of auths)
      t.equal(native.signAuth(chain, timeS, nonce), reference.signAuth(chain, timeS, nonce))
  })
})
