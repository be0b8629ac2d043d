import { hotMessage } from './frame-hot.js'
import type { Frame } from './frame.js'
import { TokenIds } from './token-ids.js'

/**
 * Port: reads a `price_change` in the form that the venue has used since September 2025 out of its bytes, of tokens that were registered.
 * Two backends, one answer: what one of them leaves to the general reader (−1) the other may read, and both say the same then.
 */
export interface UsualReader {
  /** Says which token an asset id stands for. False for an id that no frame can carry. */
  readonly register: (key: string, token: number) => boolean
  /** Adds the message at `at` to `frame`; the place behind it, −1 for anything else, and then `frame` is as before. */
  readonly read: (bytes: Uint8Array, at: number, frame: Frame) => number
}

/** The reference. */
export function tsUsual(): UsualReader {
  const ids = new TokenIds()
  return {
    register: (key, token) => ids.register(key, token),
    read: (bytes, at, frame) => hotMessage(bytes, at, ids, frame),
  }
}
