import t from 'tap'
import { testKey } from './testing/vectors.js'
import { signerContract } from './signer.contract.js'
import { signerOf } from './signer.js'

t.test('a signer in TypeScript', async t => {
  signerContract(t, key => signerOf(key))
  t.equal(signerOf(testKey()).backend, 'ts')
})
