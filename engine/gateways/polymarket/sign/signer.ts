import { nativeSigner, type SignerApi } from './native-signer.js'
import type { OrderSigner } from './order-signer.js'
import { tsSigner } from './ts-signer.js'

/**
 * A signer of the key in `key` (32 bytes, big end first), natively where the native API is given. **It takes the key**: the bytes are zero
 * afterwards. Throws where they are no private key, without saying them.
 */
export function signerOf(key: Uint8Array, api?: SignerApi): OrderSigner {
  try {
    return api === undefined ? tsSigner(key) : nativeSigner(key, api)
  } finally {
    key.fill(0)
  }
}
