import { Instruments } from '#engine/core/instruments.js'
import { LiveDecoder, type Decoded } from '../live-decoder.js'
import { bookMessage, metaOf } from './messages.js'

/** When the messages of the tests are of, ms, and the same moment on our clock, µs. */
export const AT_MS = Date.parse('2026-10-05T12:00:00Z')
/** See `AT_MS`. */
export const NOW_US = AT_MS * 1_000

/** A decoder that knows two markets, and what it makes of texts. */
export function decoding() {
  const decoder = new LiveDecoder(new Instruments().opening(), 'polymarket')
  decoder.introduce([metaOf(1), metaOf(2)], NOW_US)
  const hear = (text: string, nowUs = NOW_US): Decoded => decoder.frame(Buffer.from(text), nowUs)
  return { decoder, hear }
}

/** The same, with the book of the first token. */
export function stated() {
  const made = decoding()
  made.hear(`[${bookMessage({ atMs: AT_MS })}]`)
  return made
}
