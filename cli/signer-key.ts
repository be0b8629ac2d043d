import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import type { OrderSigner } from '#engine/gateways/polymarket/sign/order-signer.js'
import { Refusal } from './command.js'
import { signerApi } from './backend.js'

/** Variable that has the private key. */
export const PRIVATE_KEY = 'POLARIS_PRIVATE_KEY'

/** The signer of the key in the environment, which is taken out of it: children and core dumps inherit it. */
export async function signerFrom(env: NodeJS.ProcessEnv): Promise<OrderSigner> {
  const text = env[PRIVATE_KEY] ?? ''
  Reflect.deleteProperty(env, PRIVATE_KEY)
  const digits = text.replace(/^0x/, '')
  if (!/^[0-9a-fA-F]{64}$/.test(digits))
    throw new Refusal(
      'key',
      text === '' ? 'there is no key' : 'the key does not fit',
      PRIVATE_KEY,
      '64 hex digits',
    )
  return await Promise.resolve(signerOf(Uint8Array.from(Buffer.from(digits, 'hex')), signerApi()))
}
